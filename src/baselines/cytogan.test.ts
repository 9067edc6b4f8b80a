import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Dataset, openDataset, readFeatureTable } from "../data/index.ts";
import { countParameters } from "../models/index.ts";
import { fromArray, full, ones, Rng, randn, setThreads, type Tensor, TensorScope } from "../tensor/index.ts";
import { drawnDataset, messageOf, ran, temporaryFolder } from "./baselines.fixture.ts";
import { cytoganBaseline } from "./cytogan.ts";
import { runBaseline } from "./run-baseline.ts";
import { ADVERSARIAL_LOSSES, slopePenalty } from "./unsupervised/adversarial-loss.ts";
import { DcganDiscriminator, DcganGenerator, describeDcgan } from "./unsupervised/dcgan.ts";

const folder = temporaryFolder();
let dataset: Dataset;
beforeAll(async () => {
  setThreads(1);
  dataset = await openDataset(await drawnDataset(folder));
  return () => dataset.close();
});

const SHAPE = {
  resolutionPx: 16,
  imageChannels: 5,
  latentDim: 7,
  channels: 4,
  denseDim: 6,
  normaliseDiscriminator: true,
};
const tiny = { resolutionPx: 16, latentDim: 7, channels: 4, denseDim: 6, batchSize: 4 };
const scores = (...values: number[]) => fromArray(Float32Array.from(values), [values.length]);

describe("the networks", () => {
  it("have the parameters that their sizes ask for", () => {
    const { generator, discriminator } = describeDcgan(SHAPE); // 16 → 8 → 4 px: 4, then 8 channels
    expect(countParameters(generator)).toBe(7 * 128 + 128 + 2 * 8 + (8 * 4 * 16 + 4) + 2 * 4 + (4 * 5 * 16 + 5));
    expect(countParameters(discriminator)).toBe(5 * 4 * 16 + 4 + (4 * 8 * 16 + 8) + 2 * 8 + 128 * 6 + 6 + 6 + 1);
    const critic = describeDcgan({ ...SHAPE, normaliseDiscriminator: false }).discriminator;
    expect(countParameters(discriminator) - countParameters(critic)).toBe(2 * 8);
  });

  it("make images of the right size, and features that do not depend on the batch", () => {
    using _scope = new TensorScope();
    const [generator, discriminator] = [
      new DcganGenerator(SHAPE, new Rng(1)),
      new DcganDiscriminator(SHAPE, new Rng(1)),
    ];
    const images = generator.generate(randn([3, 7], { rng: new Rng(2) }));
    expect(images.shape).toEqual([3, 5, 16, 16]);
    expect(images.abs().amax().item()).toBeLessThanOrEqual(1);
    expect(discriminator.score(images).shape).toEqual([3]);
    const features = discriminator.features(images);
    const alone = discriminator.features(images.narrow(0, 2, 1));
    expect(
      alone
        .sub(features.narrow(0, 2, 1))
        .abs()
        .amax()
        .item(),
    ).toBeLessThan(1e-6);
  });
});

describe("the losses", () => {
  for (const [name, wantD, wantG] of [
    [
      "dcgan",
      Math.log(1 + Math.exp(-2)) + (Math.log(1 + Math.exp(1)) + Math.log(1 + Math.exp(-3))) / 2,
      (Math.log(1 + Math.exp(-1)) + Math.log(1 + Math.exp(3))) / 2,
    ],
    ["lsgan", 0.5 * (1 + (1 + 9) / 2), 0.5 * ((0 + 16) / 2)],
    ["wgan-gp", -1 - 2, 1],
  ] as const)
    it(`of ${name} are those of its paper`, () => {
      const loss = ADVERSARIAL_LOSSES[name];
      const [real, generated] = [scores(2, 2), scores(1, -3)];
      expect(loss.discriminator(real, generated).item()).toBeCloseTo(wantD, 6);
      expect(loss.generator(generated).item()).toBeCloseTo(wantG, 6);
    });

  it("penalise the slope of a linear score by its squared distance from 1", () => {
    const weight = full([1, 2, 2, 2], 1.5); // slope √8 · 1.5
    const score = (image: Tensor) => image.mul(weight).sum([1, 2, 3]);
    const penalty = slopePenalty(score, ones([3, 2, 2, 2]), ones([3, 2, 2, 2]).neg(), new Rng(1));
    expect(penalty.item()).toBeCloseTo((1.5 * Math.sqrt(8) - 1) ** 2, 5);
  });
});

describe("cytogan", () => {
  it("learns in each variant, at the penultimate layer, with its paper's steps", async () => {
    for (const variant of ["dcgan", "lsgan", "wgan-gp"] as const) {
      const params = { ...tiny, variant, durationKimg: 0.04 };
      const { files } = await ran(cytoganBaseline, { dataset, out: join(folder, variant), params });
      expect(files.embedding?.header).toMatchObject({ nRows: 4, nFeatures: 6 });
      expect(files.record.provenance).toMatchObject({ variant, nImagesShown: 40, resumedAtImage: 0, resolutionPx: 16 });
      const trained = (await readFeatureTable(join(folder, `${variant}.parquet`))).features;
      const short = join(folder, `${variant}-short`);
      await ran(cytoganBaseline, { dataset, out: short, params: { ...params, durationKimg: 0.004 } });
      const before = (await readFeatureTable(`${short}.parquet`)).features;
      expect(Math.max(...trained.map((v, i) => Math.abs(v - before[i]!))), variant).toBeGreaterThan(0);
    }
  });

  it("goes on where it was stopped, between the generator's steps, to the same bits as unbroken", async () => {
    const params = { ...tiny, variant: "wgan-gp", durationKimg: 0.048 };
    const stopped = async () => {
      const controller = new AbortController();
      let nSteps = 0;
      const run = runBaseline(cytoganBaseline, { dataset, out: join(folder, "b"), params, signal: controller.signal });
      for await (const event of run)
        if (event.kind === "progress" && ++nSteps === 7) controller.abort(new Error("enough"));
    };
    expect(await messageOf(stopped())).toBe("enough");
    const { events } = await ran(cytoganBaseline, { dataset, out: join(folder, "b"), params });
    expect(events[0]).toMatchObject({ text: expect.stringMatching(/^going on after 28 images/) });
    await ran(cytoganBaseline, { dataset, out: join(folder, "c"), params });
    const [b, c] = await Promise.all(["b", "c"].map((name) => readFeatureTable(join(folder, `${name}.parquet`))));
    expect(b!.features).toEqual(c!.features);
  });
});
