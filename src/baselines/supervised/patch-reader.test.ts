import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Dataset, openDataset, tileOrigins } from "../../data/index.ts";
import { drawnDataset, temporaryFolder } from "../baselines.fixture.ts";
import { PatchReader } from "./patch-reader.ts";

const folder = temporaryFolder();
let dataset: Dataset;
beforeAll(async () => {
  dataset = await openDataset(await drawnDataset(join(folder, "a"), { sidePx: 40 }));
  return () => dataset.close();
});

it("a grid of 256 px every 128 px has 49 patches in 1024 px (docs/methods.md §4)", () =>
  expect(tileOrigins(1024, 256, 128).length ** 2).toBe(49));

describe("PatchReader", () => {
  it("refuses patches that the images do not hold, naming the parameter", () =>
    expect(() => new PatchReader(dataset, { patchPx: 64, input: "image" })).toThrow(
      /images of 40 × 40 px hold no patch of 64 × 64 px\.\n.*never enlarged.*\n\s+fix: choose a side of at most 40 px with --set patchPx=/,
    ));

  it("cuts row by row, a last patch flush with the end, channels in the order asked for", async () => {
    const reader = new PatchReader(dataset, { patchPx: 32, stridePx: 6, input: "dataset", channels: [3, 0] });
    expect(reader.grid).toEqual({ rowsPx: [0, 6, 8], columnsPx: [0, 6, 8], patchPx: 32 });
    expect(reader.shapeOf(2)).toEqual([2, 2, 32, 32]);
    const all = await reader.readImage(1);
    const { data } = await dataset.readImages([1]);
    const { mean, sd } = dataset.manifest.channels[3]!.statistics;
    const [top, left, y, x] = [6, 8, 5, 30]; // patch 5, channel 3
    const want = (data[(3 * 40 + top + y) * 40 + left + x]! - mean) / sd;
    expect(all[5 * 2 * 32 * 32 + y * 32 + x]).toBeCloseTo(want, 5);
    const alone = await reader.read([0, 1], [2, 5]);
    expect(alone.subarray(2 * 32 * 32)).toEqual(all.subarray(5 * 2 * 32 * 32, 6 * 2 * 32 * 32));
  });

  it("turns patches: the first element of the group flips left and right", async () => {
    const reader = new PatchReader(dataset, { patchPx: null, input: "dataset" });
    expect(reader.nPatches).toBe(1);
    const [upright, flipped] = [await reader.read([2], [0], [0]), await reader.read([2], [0], [1])];
    expect([...flipped.subarray(0, 40)]).toEqual([...upright.subarray(0, 40)].reverse());
  });

  it("maps grey levels as asked: to 0 … 1 over percentiles, or by each patch's own mean and spread", async () => {
    const unit = await new PatchReader(dataset, { patchPx: null, input: "unit" }).readImage(0);
    expect(unit.every((value) => value >= 0 && value <= 1)).toBe(true);
    const { p0_5: low, p99_5: high } = dataset.manifest.channels[0]!.statistics;
    const first = (await dataset.readImages([0])).data[0]!;
    expect(unit[0]).toBeCloseTo(Math.min(1, Math.max(0, (first - low) / (high - low))), 6);
    const own = await new PatchReader(dataset, { patchPx: null, input: "image" }).readImage(0);
    const plane = own.subarray(0, 1600);
    expect(Math.abs(plane.reduce((a, b) => a + b, 0) / 1600)).toBeLessThan(0.05); // clipping moves it a little
  });

  it("refuses patches larger than the image", () =>
    expect(() => new PatchReader(dataset, { patchPx: 64, input: "dataset" })).toThrow("40 × 40"));
});
