// Every tensor of a training goes to the configured device, shown on one that computes nothing.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { ImageBatch } from "../data/index.ts";
import { drawLatents } from "../models/index.ts";
import { cat, ones, Rng, type Tensor, TensorScope, zeros } from "../tensor/index.ts";
import { Gan } from "./gan.ts";
import { generateGrey } from "./samples.ts";
import { temporaryFolder, tinyConfig, trained, writeTinyDataset } from "./train.fixture.ts";

vi.mock("../tensor/native.ts", async (original) => {
  const { withAbsentDevice } = await import("../tensor/absent-device.fixture.ts");
  return withAbsentDevice(await original());
});
// There are no numbers there that could be right or wrong.
vi.mock("./kernel-choice.ts", async (original) => {
  const actual = await original<typeof import("./kernel-choice.ts")>();
  return { ...actual, chooseKernels: () => ({ used: "own", wrong: [], distrusted: [] }) };
});
const root = temporaryFolder();

const META = { device: "meta" } as const;
const batch: ImageBatch = { data: new Uint8Array(4 * 2 * 256), shape: [4, 2, 16, 16] };
const devicesOf = (tensors: Iterable<Tensor>) => [...new Set([...tensors].map(({ device }) => device))];

describe("a training on a device other than the CPU", () => {
  const kinds = {
    "logistic loss with R1 and path length": { pathLength: { weight: 2, everySteps: 2 } },
    "Wasserstein loss": { loss: { kind: "wgan-gp" } },
    "relativistic loss": { loss: { kind: "relativistic" } },
    "standardised images": { data: { dataset: "none", resolutionPx: 16, input: "standardised" } },
    "adaptive augmentation": {
      augment: { kind: "ada", initialP: 0.8, ops: { noise: { on: true }, cutout: { on: true } } },
    },
    "fixed noise": { model: { kind: "stylegan2", latentDim: 8, styleDim: 8, noise: "const" } },
  } as const;
  for (const [name, changes] of Object.entries(kinds))
    for (const precision of ["float32", "bfloat16"] as const)
      it(`with ${name} in ${precision} has no operand anywhere else`, () => {
        const gan = new Gan(tinyConfig("none", 4, { ...changes, ...META, precision: { kind: precision } } as never), 2);
        gan.measureStatistic(batch);
        for (let i = 0; i < 2; i++) expect(gan.trainStep(batch).nonFinite).toEqual([]);
        const parts = [gan.generator, gan.generatorEma, gan.discriminator, gan.optimiserG, gan.optimiserD];
        expect(devicesOf(parts.flatMap((part) => [...part.state().values()]))).toEqual(["meta"]);
        gan.dispose();
      });

  it("with labels has none either", () => {
    const gan = new Gan(tinyConfig("none", 4, { ...META, pathLength: { weight: 2 } }), 2, 3);
    const classes = Int32Array.of(0, 1, 2, 1);
    gan.measureStatistic(batch, classes);
    expect(gan.trainStep(batch, classes).nonFinite).toEqual([]);
    gan.dispose();
  });

  it("is so for sample pictures and an encoder's features too", () => {
    const gan = new Gan(tinyConfig("none", 4, META), 2);
    expect(generateGrey(gan.generatorEma, { n: 2, seed: 1, maxLevel: 255 }).shape).toEqual([2, 2, 16, 16]);
    using _scope = new TensorScope();
    const image = zeros([2, 2, 16, 16], META);
    expect(devicesOf(Object.values(gan.discriminator.features(image)))).toEqual(["meta"]);
    expect(drawLatents(gan.shape, 0, gan.rng).device).toBe("meta");
    gan.dispose();
  });
});

it("a whole run there, resumed, writes its checkpoints, samples and quality", async () => {
  mkdirSync(join(root, "source"));
  const dataset = await writeTinyDataset(join(root, "source"), 1, 20);
  const config = (steps: number) =>
    tinyConfig(dataset, steps, {
      ...{ ...META, quality: { metric: "kernel", nImages: 32 }, pathLength: { weight: 2 } },
      schedule: { checkpointEveryKimg: 0.004, sampleEveryKimg: 0.004 },
    });
  const out = join(root, "run");
  const first = await trained({ config: config(1), out });
  const second = await trained({ config: config(2), out, resume: true });
  for (const events of [first, second])
    expect(new Set(events.map(({ kind }) => kind))).toEqual(
      new Set(["started", "tick", "checkpoint", "sample", "quality", "finished"]),
    );
  expect(second.at(-1)).toMatchObject({ kind: "finished", step: 2 });
});

describe("the device that is not there", () => {
  it("refuses a tensor that was left on the CPU, naming the operation", () => {
    using _scope = new TensorScope();
    expect(() => zeros([2], META).add(ones([2]))).toThrow("aten::add was given tensors on meta and cpu");
    expect(() => cat([ones([2]), zeros([2], META)])).toThrow("aten::cat was given tensors on cpu and meta");
    expect(zeros([2], META).add(ones([2]).to(META)).device).toBe("meta");
  });

  it("draws on the device of the generator", () => {
    expect(new Rng(1, "meta").device).toBe("meta");
  });
});
