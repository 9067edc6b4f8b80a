import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { BatchSampler, type BatchSamplerOptions } from "./batch-sampler.ts";
import { messageOf, png, temporaryFolder, writeFiles } from "./files.fixture.ts";
import { importDataset } from "./import-dataset.ts";
import { openDataset } from "./open-dataset.ts";

const N = 10;
const SIDE = 6;
const root = temporaryFolder();

/** Ten images of two channels; every pixel of image i is in [10·i, 10·i + 9], channel 2 is 100 more. Two plates. */
async function make() {
  const plane = (i: number, c: number) =>
    Uint8Array.from({ length: SIDE * SIDE }, (_, k) => 10 * i + 100 * c + ((Math.imul(k + 1, 2654435761) >>> 8) % 10));
  const rows = Array.from({ length: N }, (_, i) => `${i < 6 ? "P1" : "P2"},A${i + 1}`);
  const files = Array.from({ length: N }, (_, i) =>
    [0, 1].map((c) => [`A${i + 1}_${c + 1}.png`, png("gray", SIDE, SIDE, plane(i, c))]),
  ).flat();
  writeFiles(join(root, "source"), {
    "metadata.csv": `plate,well\n${rows.join("\n")}\n`,
    ...Object.fromEntries(files),
  });
  const table = { images: "{well}_{channel}.png", channels: [{ name: "DNA" }, { name: "actin" }] };
  const out = join(root, "out");
  for await (const _ of importDataset({ source: join(root, "source"), out, table, shardBytes: 300 }));
  return openDataset(out);
}

const dataset = await make();
afterAll(() => dataset.close());
const OPTIONS: BatchSamplerOptions = { batchSize: 4, resolutionPx: 4, augment: "dihedral", seed: 3 };
const whole = (await dataset.readImages(Array.from({ length: N }, (_, i) => i))).data;

/** The images that each crop of the next batch came from, by its grey levels. */
function drawn(sampler: BatchSampler): number[] {
  const { data, shape } = sampler.next();
  const [n, c, r] = shape;
  return Array.from({ length: n }, (_, i) => Math.floor(data[i * c * r * r]! / 10));
}

describe("BatchSampler", () => {
  it("draws every image once an epoch, in a fresh order each", () => {
    const sampler = new BatchSampler(dataset, { ...OPTIONS, batchSize: 5 });
    const epochs = Array.from({ length: 4 }, () => [...drawn(sampler), ...drawn(sampler)]);
    for (const epoch of epochs) expect([...epoch].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(epochs.map((epoch) => epoch.join())).size).toBe(4);
    expect(sampler.epoch).toBe(4);
  });

  it("carries a batch over into the next epoch", () => {
    const sampler = new BatchSampler(dataset, { ...OPTIONS, batchSize: 7 });
    const seen = [...drawn(sampler), ...drawn(sampler), ...drawn(sampler)].slice(0, 20);
    expect([...seen.slice(0, 10)].sort()).toEqual([...seen.slice(10)].sort());
  });

  it("cuts each crop, all channels alike, from a real place of its image in one of eight turns", () => {
    const sampler = new BatchSampler(dataset, { ...OPTIONS, resolutionPx: 3 });
    const places = new Set<string>();
    for (let k = 0; k < 60; k++) {
      const { data } = sampler.next();
      for (let i = 0; i < 4; i++) {
        const crop = data.subarray(i * 18, (i + 1) * 18);
        const found = placeOf([...crop], Math.floor(crop[0]! / 10));
        expect(found, `crop ${i} of batch ${k}`).not.toBeNull();
        places.add(found!.turn);
      }
    }
    expect(places.size).toBe(8);
  });

  it("without augmentation and at full size gives the images as they are", () => {
    const sampler = new BatchSampler(dataset, { ...OPTIONS, resolutionPx: SIDE, augment: "none", batchSize: 1 });
    const size = 2 * SIDE * SIDE;
    for (let k = 0; k < N; k++) {
      const { data } = sampler.next();
      const image = Math.floor(data[0]! / 10);
      expect([...data]).toEqual([...whole.subarray(image * size, (image + 1) * size)]);
    }
  });

  it("gives the same bits for the same seed, resident or read from disk, and others for another", () => {
    const batches = (options: BatchSamplerOptions) => {
      const sampler = new BatchSampler(dataset, options);
      return Array.from({ length: 6 }, () => [...sampler.next().data]);
    };
    const first = batches(OPTIONS);
    expect(batches({ ...OPTIONS, residentBytes: 0 })).toEqual(first);
    expect(batches({ ...OPTIONS, seed: 4 })).not.toEqual(first);
  });

  it("goes on bit for bit from a saved state, wherever it was taken", () => {
    fc.assert(
      fc.property(fc.nat(12), fc.integer({ min: 1, max: 11 }), (skip, batchSize) => {
        const options = { ...OPTIONS, batchSize };
        const unbroken = new BatchSampler(dataset, options);
        for (let i = 0; i < skip; i++) unbroken.next();
        const state = JSON.parse(JSON.stringify(unbroken.state()));
        const resumed = BatchSampler.restore(dataset, options, state);
        for (let i = 0; i < 5; i++) {
          expect(resumed.next().data).toEqual(unbroken.next().data);
          expect(resumed.state()).toEqual(unbroken.state());
        }
      }),
    );
  });

  it("leaves out the plates that it is told to", () => {
    const sampler = new BatchSampler(dataset, { ...OPTIONS, batchSize: 4, excludePlates: ["P1"] });
    expect(sampler.nImages).toBe(4);
    for (let k = 0; k < 5; k++) expect(drawn(sampler).sort()).toEqual([6, 7, 8, 9]);
  });

  it("reuses one buffer", () => {
    const sampler = new BatchSampler(dataset, OPTIONS);
    expect(sampler.next().data).toBe(sampler.next().data);
  });

  it("refuses what it cannot draw, saying why", async () => {
    const why = (code: string, options: Partial<BatchSamplerOptions>) =>
      messageOf(code, () => new BatchSampler(dataset, { ...OPTIONS, ...options }));
    expect(await why("images-too-small", { resolutionPx: 8 })).toMatch(
      /images of 6 × 6 px give no crop of 8 × 8 px\.\n.*\n {2}fix: choose a resolution of at most 6 px/,
    );
    expect(await why("unknown-plate", { excludePlates: ["P1", "P9"] })).toMatch(
      /there is no plate "P9"\.\n {2}why: the plates are P1, P2\./,
    );
    expect(await why("no-training-images", { excludePlates: ["P1", "P2"] })).toContain("no image of table is left");
    expect(() => new BatchSampler(dataset, { ...OPTIONS, batchSize: 0 })).toThrow(RangeError);
  });

  it("refuses a state of another data set or other settings", async () => {
    const state = new BatchSampler(dataset, OPTIONS).state();
    const why = (options: BatchSamplerOptions, changed: object) =>
      messageOf("bad-sampler-state", () => BatchSampler.restore(dataset, options, { ...state, ...changed }));
    expect(await why(OPTIONS, { fingerprint: "other" })).toContain("does not fit: the data set is another.");
    expect(await why({ ...OPTIONS, batchSize: 5 }, {})).toMatch(
      /it was taken with .*"batchSize":4.* not .*"batchSize":5/,
    );
    expect(await why(OPTIONS, { position: 99 })).toContain("position 99 of 10 images");
  });
});

/** Where in `image`, and in which turn, both channels of a 3 × 3 crop lie; null when nowhere. */
function placeOf(crop: number[], image: number): { turn: string } | null {
  const at = (c: number, y: number, x: number) => whole[(image * 2 + c) * SIDE * SIDE + y * SIDE + x];
  for (let top = 0; top <= SIDE - 3; top++) {
    for (let left = 0; left <= SIDE - 3; left++) {
      for (const [swap, flipY, flipX] of [0, 1, 2, 3, 4, 5, 6, 7].map((e) => [e & 4, e & 2, e & 1])) {
        const source = (k: number) => {
          const [y, x] = [Math.floor((k % 9) / 3), k % 3];
          const [v, u] = swap ? [x, y] : [y, x];
          return at(Math.floor(k / 9), top + (flipY ? 2 - v : v), left + (flipX ? 2 - u : u));
        };
        if (crop.every((value, k) => value === source(k))) return { turn: `${swap}${flipY}${flipX}` };
      }
    }
  }
  return null;
}
