import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BatchSampler, type Dataset, openDataset } from "../data/index.ts";
import { dotProducts } from "../math/index.ts";
import { Generator } from "../models/index.ts";
import { QualityRecord } from "../schema/index.ts";
import { fromArray, Rng, type Tensor, tensorStats } from "../tensor/index.ts";
import { libtorchProducts } from "./libtorch-products.ts";
import { measureQuality } from "./measure-quality.ts";
import { greyNoise, messageOf, TINY, TINY_FORM, temporaryFolder, writeTinyDataset } from "./quality.fixture.ts";
import { randomConvExtractor } from "./random-conv-extractor.ts";
import { type QualityProgress, realReference } from "./real-reference.ts";
import { scoreGenerator } from "./score-generator.ts";

const root = temporaryFolder();
const extractor = randomConvExtractor(TINY_FORM);
let dataset: Dataset;
let generator: Generator;
beforeAll(async () => {
  dataset = await openDataset(await writeTinyDataset(root));
  generator = new Generator(TINY, new Rng(1));
});
afterAll(() => {
  dataset.close();
  generator.dispose();
  extractor.dispose();
});
const quick = { nImages: 40, seed: 1, batchSize: 8 };
const reference = (changes = {}) => realReference(dataset, { extractor, ...quick, ...changes });

/** A generator that has learned everything: it gives real images, one after another. */
class Copyist extends Generator {
  readonly #sampler = new BatchSampler(dataset, { batchSize: 1, resolutionPx: 16, augment: "none", seed: 77 });
  override synthesise(ws: Tensor): Tensor {
    const n = ws.shape[0] ?? 0;
    const values = Array.from({ length: n }, () => [...this.#sampler.next().data]).flat();
    return fromArray(
      Float32Array.from(values, (v) => v / 127.5 - 1),
      [n, 2, 16, 16],
    );
  }
}

describe("realReference", () => {
  it("compares halves that share no image, each as training would crop it", async () => {
    const made = await reference();
    expect(made).toMatchObject({ channels: ["DNA", "actin"], dataset: { id: "table" } });
    expect([made.all.rows.n, made.half.rows.n]).toEqual([40, 20]);
    expect(made.realHalves).toMatchObject({ nReal: 20, nOther: 20 });
    const key = (i: number) => made.all.rows.data.subarray(i * extractor.dim, (i + 1) * extractor.dim).join();
    expect(new Set(Array.from({ length: 40 }, (_, i) => key(i))).size).toBe(40);
    const sampler = new BatchSampler(dataset, { batchSize: 1, resolutionPx: 16, augment: "none", seed: 1 });
    const data = Float32Array.from(sampler.next().data, (v) => v / 127.5 - 1);
    const first = await extractor.extract({ data, shape: [1, 2, 16, 16] });
    for (const [j, v] of first.data.entries()) expect(made.all.rows.data[j]).toBeCloseTo(v, 5);
  });
  it("is the same for the same seed, however the images are cut into batches", async () => {
    const [a, b, c] = [await reference(), await reference({ batchSize: 7 }), await reference({ seed: 2 })];
    expect(b.realHalves.frechetDistance).toBeCloseTo(a.realHalves.frechetDistance, 5);
    expect(b.realHalves.precision).toBe(a.realHalves.precision);
    expect(c.realHalves).not.toEqual(a.realHalves);
  });
  it("keeps the whole first half when fewer images are asked for than there are", async () => {
    const made = await reference({ nImages: 12 });
    expect([made.all.rows.n, made.half.rows.n, made.realHalves.nOther]).toEqual([12, 12, 12]);
    const more = await reference({ nImages: 30 });
    expect([more.all.rows.n, more.half.rows.n]).toEqual([30, 20]);
    const tooMany = await reference({ nImages: 500 });
    expect(tooMany.all.rows.n).toBe(40); // a whole image cannot be drawn twice
  });
  it("takes channels by name, in the generator's order, and leaves plates out", async () => {
    const one = randomConvExtractor({ imageChannels: 1, resolutionPx: 16 });
    const made = await reference({ extractor: one, channels: ["actin"], excludePlates: ["P0"] });
    expect([made.channels, made.all.rows.n]).toEqual([["actin"], 20]);
    const swapped = await reference({ channels: ["actin", "DNA"] });
    const each = 2 * (4 + 6 + 8);
    const straight = await reference();
    for (let j = 0; j < each; j++) expect(swapped.all.rows.data[j]).toBeCloseTo(straight.all.rows.data[each + j]!, 5);
    one.dispose();
  });
  it("gives the same figures by LibTorch's products as by JavaScript's", async () => {
    const [a, b] = [await reference(), await reference({ comparison: { products: libtorchProducts() } })];
    expect(b.realHalves.frechetDistance).toBeCloseTo(a.realHalves.frechetDistance, 8);
    expect(b.realHalves.kernelDistance.value).toBeCloseTo(a.realHalves.kernelDistance.value, 10);
    expect([b.realHalves.precision, b.realHalves.recall]).toEqual([a.realHalves.precision, a.realHalves.recall]);
    const [x, y] = [Float64Array.of(1, 2, 3, 4), Float64Array.of(5, 6)];
    expect(libtorchProducts()(x, 2, y, 1, 2)).toEqual(dotProducts(x, 2, y, 1, 2));
  });
  it("refuses channels that are not there, too few images, and an extractor of another form", async () => {
    expect(await messageOf("missing-channels", () => reference({ channels: ["DNA", "ER"] }))).toMatch(
      /no channel 'ER'\.\n.*has DNA, actin.*\n.*trained on/,
    );
    expect(await messageOf("too-few-images", () => reference({ nImages: 7 }))).toMatch(
      /7 real images are too few; 16 are needed\.\n.*half.*\n.*more/,
    );
    expect(await messageOf("images-do-not-fit", () => reference({ channels: ["DNA"] }))).toMatch(
      /the real images are 1×16×16 .*; 2×16×16 are needed/,
    );
  });
});

describe("scoreGenerator", () => {
  it("tells one that draws real images from one that has learned nothing", async () => {
    const real = await reference();
    const copyist = new Copyist(TINY, new Rng(1));
    const good = await scoreGenerator(copyist, real, { extractor, seed: 3, batchSize: 8, nPathPairs: 0 });
    const bad = await scoreGenerator(generator, real, { extractor, seed: 3, batchSize: 8 });
    expect(good.generated).toMatchObject({ nReal: 40, nOther: 40, precision: 1, recall: 1 });
    expect(good.generated.frechetDistance).toBeLessThan(1e-6); // the same forty images in another order
    expect(good.pathLength).toBeNull();
    expect(good.generatedAtHalfSize).toMatchObject({ nReal: 20, nOther: 20 });
    expect(good.generatedAtHalfSize.frechetDistance).toBeLessThan(2 * real.realHalves.frechetDistance);
    expect(bad.generated.frechetDistance).toBeGreaterThan(5 * real.realHalves.frechetDistance);
    expect(bad.generated.precision).toBeLessThan(0.3);
    copyist.dispose();
  });
  it("gives equal scores for equal seeds, frees what it used, and tells how far it is", async () => {
    const real = await reference();
    const { live } = tensorStats();
    const seen: QualityProgress[] = [];
    const score = (seed: number) =>
      scoreGenerator(generator, real, {
        extractor,
        seed,
        batchSize: 8,
        nPathPairs: 10,
        onProgress: (p) => seen.push(p),
      });
    const once = await score(1);
    expect(await score(1)).toEqual(once);
    expect(await score(2)).not.toEqual(once);
    expect(tensorStats().live).toBe(live);
    expect(seen).toContainEqual({ stage: "generated images", done: 16, total: 40 });
    expect(seen).toContainEqual({ stage: "path lengths", done: 20, total: 20 });
    expect(seen.at(-1)).toEqual({ stage: "comparing", done: 1, total: 1 });
  });
  it("measures the path length that finite steps have, and none at truncation 0", async () => {
    const real = await reference({ nImages: 16 });
    const path = async (truncation: number) =>
      (await scoreGenerator(generator, real, { extractor, seed: 1, truncation, nPathPairs: 12 })).pathLength;
    const [full, none] = [await path(1), await path(0)];
    expect(full).toMatchObject({ nPairs: 12, epsilon: 1e-4 });
    expect(full!.value).toBeGreaterThan(0);
    expect(none!.value).toBeLessThan(1e-3 * full!.value);
  });
  it("refuses another extractor than the reference's, and a generator of another form", async () => {
    const real = await reference({ nImages: 16 });
    const other = { ...extractor, version: "2" };
    expect(
      await messageOf("other-extractor", () => scoreGenerator(generator, real, { extractor: other, seed: 1 })),
    ).toMatch(
      /by random-conv 1, the generated ones would be by random-conv 2\.\n.*mean nothing.*\n.*reference was made with/,
    );
    const mono = new Generator({ ...TINY, imageChannels: 1 }, new Rng(1));
    expect(await messageOf("images-do-not-fit", () => scoreGenerator(mono, real, { extractor, seed: 1 }))).toMatch(
      /the generated images are 1×16×16/,
    );
    mono.dispose();
  });
  it("stops when it is told to", async () => {
    const real = await reference({ nImages: 16 });
    const signal = AbortSignal.abort();
    await expect(scoreGenerator(generator, real, { extractor, seed: 1, signal })).rejects.toThrow(/aborted/);
    await expect(reference({ signal })).rejects.toThrow(/aborted/);
  });
});

it("measureQuality gives a whole record", async () => {
  const record = await measureQuality({ generator, dataset, extractor, ...quick, truncation: 0.7, nPathPairs: 4 });
  expect(QualityRecord.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
  expect(record).toMatchObject({
    ...{ kind: "gandl-quality", resolutionPx: 16, channels: ["DNA", "actin"], truncation: 0.7, seed: 1 },
    extractor: { id: "random-conv", version: "1", dim: extractor.dim },
    realHalves: { nReal: 20, nOther: 20 },
    generated: { nReal: 40, nOther: 40 },
    generatedAtHalfSize: { nReal: 20, nOther: 20 },
  });
});

it("generated images are clipped as pictures are", async () => {
  const loud = {
    ...extractor,
    extract: async (images: { data: Float32Array; shape: readonly [number, number, number, number] }) => {
      expect(Math.max(...images.data.map(Math.abs))).toBeLessThanOrEqual(1);
      return extractor.extract(images);
    },
  };
  class Loud extends Generator {
    override synthesise(ws: Tensor): Tensor {
      const { data, shape } = greyNoise(ws.shape[0] ?? 0, 2, 16);
      return fromArray(
        data.map((v) => 9 * v),
        shape,
      );
    }
  }
  const shouting = new Loud(TINY, new Rng(1));
  await scoreGenerator(shouting, await reference({ nImages: 16 }), { extractor: loud, seed: 1, nPathPairs: 0 });
  shouting.dispose();
});
