import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DrawnImages, DrawRequest } from "../../schema/index.ts";
import { setThreads } from "../../tensor/index.ts";
import { train } from "../../train/index.ts";
import { tinyConfig, writeTinyDataset } from "../../train/train.fixture.ts";
import { ImageDrawer } from "./draw-images.ts";

const root = mkdtempSync(join(tmpdir(), "gandl-draw-"));
const drawer = new ImageDrawer(async () => served);
const never = new AbortController().signal;
const run = join(root, "run");
/** The data set that the run was trained on, once it is served. */
let served: string | null = null;
let dataset = "";
beforeAll(async () => {
  setThreads(1);
  mkdirSync(join(root, "source"));
  dataset = await writeTinyDataset(join(root, "source"));
  const config = tinyConfig(dataset, 1);
  for await (const _ of train({ config, out: run }));
});
afterAll(() => {
  drawer.close();
  rmSync(root, { recursive: true, force: true });
});
const draw = (what: unknown, own: object = {}) => drawer.draw(run, DrawRequest.parse({ what, ...own }), never);

describe("drawing for the explorer", () => {
  it("draws consecutive seeds as PNGs of the network's size, the same each time", async () => {
    const drawn = await draw({ kind: "seeds", first: 3, n: 2, className: null });
    expect(DrawnImages.parse(drawn).images.map(({ name }) => name)).toEqual(["seed-000003", "seed-000004"]);
    const [first, second] = drawn.images.map(({ png }) => Buffer.from(png, "base64"));
    expect(await sharp(first!).metadata()).toMatchObject({ format: "png", width: 16, height: 16 });
    expect(first).not.toEqual(second);
    const walked = await draw({ kind: "walk", from: 3, to: 4, steps: 3, className: null });
    expect(walked.images.map(({ png }) => Buffer.from(png, "base64"))).toEqual([first, expect.anything(), second]);
  });

  it("truncates, and draws the checkpoint that is named", async () => {
    const seeds = { kind: "seeds", first: 1, n: 2, className: null };
    const mean = await draw(seeds, { truncation: 0 });
    expect(mean.images[0]!.png).toBe(mean.images[1]!.png);
    expect((await draw(seeds, { checkpoint: "first" })).kimg).toBe(0);
    await expect(draw(seeds, { checkpoint: "77" })).rejects.toThrow(/no checkpoint '77'/);
  });

  it("walks between conditions of the data set where it is served, and says what that is worth", async () => {
    const conditions = { kind: "conditions", seed: 1, from: "Mock", to: "Active", steps: 3 };
    await expect(draw(conditions)).rejects.toThrow(/trained on is not among the folders served[\s\S]*gandl serve/);
    expect(await drawer.conditionsOf(run)).toEqual([]);
    served = dataset;
    expect(await drawer.conditionsOf(run)).toEqual([]); // it names no conditions
    await expect(draw(conditions)).rejects.toThrow(/no 8 images of the condition 'Mock'/);
  });

  it("refuses classes that the run was not told, and stops when asked", async () => {
    const classes = { kind: "classes", seed: 1, from: "Mock", to: "Active", steps: 3 };
    await expect(draw(classes)).rejects.toThrow(/no class 'Mock'[\s\S]*without labels/);
    const request = DrawRequest.parse({ what: { kind: "seeds", first: 1, n: 2, className: null } });
    await expect(drawer.draw(run, request, AbortSignal.abort())).rejects.toThrow();
  });
});
