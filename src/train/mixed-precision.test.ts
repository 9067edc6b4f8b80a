// Training with maps in bfloat16 beside the same in float32: losses and gradients of every phase, whole runs, files.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { drawLatents } from "../models/index.ts";
import { noGrad, Rng, randn, readSafetensors, type Tensor, TensorScope, tensorStats } from "../tensor/index.ts";
import { listCheckpoints } from "./checkpoint.ts";
import { Gan } from "./gan.ts";
import { discBatch, messageOf, temporaryFolder, tinyConfig, trained, writeTinyDataset } from "./train.fixture.ts";

const root = temporaryFolder();
type Changes = Parameters<typeof tinyConfig>[2];
const BFLOAT16 = { precision: { kind: "bfloat16" } } as const;

function withGan<T>(changes: Changes, work: (gan: Gan) => T): T {
  const gan = new Gan(tinyConfig("none", 10, changes), 2);
  try {
    return work(gan);
  } finally {
    gan.dispose();
  }
}
const numbers = (tensors: ReadonlyMap<string, Tensor>): number[] =>
  [...tensors.values()].flatMap((tensor) => [...tensor.toFloat32Array()]);
const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((value, i) => value - b[i]!));

/** Biases and noise strengths away from the zeros they start at, so that every term has a say. */
function disturb(gan: Gan): void {
  const rng = new Rng(5);
  for (const { parameters } of [gan.generator, gan.discriminator])
    for (const [name, parameter] of parameters)
      if (/bias|noiseStrength/.test(name)) noGrad(() => parameter.add_(randn(parameter.shape, { rng }).mul(0.2)));
}

/** The last gradient that an optimiser was given: its first moments, where β₁ is 0. */
const lastGradient = (optimiser: Gan["optimiserG"]): number[] =>
  numbers(new Map([...optimiser.state()].filter(([name]) => name.endsWith(".m"))));

/** One step at a learning rate of 0, so that every phase sees the same weights. */
const measured = (changes: Changes) =>
  withGan(changes, (gan) => {
    using _scope = new TensorScope();
    disturb(gan);
    gan.optimiserG.learningRate = gan.optimiserD.learningRate = 0;
    const stats = gan.trainStep(discBatch(1));
    return { stats, generator: lastGradient(gan.optimiserG), discriminator: lastGradient(gan.optimiserD) };
  });

/*
 * What to expect. A rounding is off by at most u = 2⁻⁸ of its value; errors that have nothing to do with each other add up as their
 * squares. At 16 px the maps of 8 and 16 px are in bfloat16. A path through the generator's four layers there (eleven roundings each:
 * style, product, weight, sum, demodulation, product, bias, sum, noise, sum, activation) and one image (4), then through the
 * discriminator's stem (6) and two blocks (13 each) has k = 80 roundings; a gradient passes them again on its way back, one of the
 * second order twice more: √k · u = 0.035 of a score, 0.049 of a gradient, 0.07 of one of the second order.
 * A rounding also moves values over the bend of the leaky ReLU: of nine activations with relative errors δ = 0.012 a share of δ/π each,
 * by 0.8 of a slope whose root mean square is 0.72: √(9 · δ/π) · 0.8/0.72 = 0.2 of a gradient, the larger part.
 */
const OF_A_LOSS = 0.1; // twice 0.049: the penalties are squares of gradients
const OF_A_GRADIENT = 0.2;

describe("one step in bfloat16 beside float32", () => {
  const phases = {
    "generator and discriminator": { loss: { kind: "logistic", r1Gamma: 0 }, pathLength: { weight: 0 } },
    "path length and R1, lazily, both of the second order": { pathLength: { weight: 2, everySteps: 2, decay: 1 } },
    "Wasserstein with its penalty in the same update": { loss: { kind: "wgan-gp" } },
    "relativistic with both penalties": { loss: { kind: "relativistic", r1Gamma: 1, r2Gamma: 1 } },
    "adaptive augmentation before it": { augment: { kind: "ada", initialP: 0.8 } },
  } as const;
  for (const [name, changes] of Object.entries(phases))
    for (const seed of [1, 2])
      it(`${name}: losses and gradients are float32's within what the roundings explain (seed ${seed})`, () => {
        const [low, full] = [BFLOAT16, {}].map((precision) => measured({ ...changes, ...precision, seed } as Changes));
        for (const key of ["dLoss", "gLoss", "realScore", "fakeScore", "r1", "pathLength", "diversity"] as const) {
          const [got, want] = [low!.stats[key], full!.stats[key]];
          if (want === null) expect(got).toBeNull();
          else
            expect(Math.abs(got! - want), key).toBeLessThan(
              OF_A_LOSS * Math.max(Math.abs(want), key === "r1" ? 0 : 0.1),
            );
        }
        expect(low!.stats.nonFinite).toEqual([]);
        for (const network of ["generator", "discriminator"] as const) {
          const [got, want] = [low![network], full![network]];
          expect(got).not.toEqual(want); // it is another arithmetic
          expect(distance(got, want) / Math.hypot(...want), network).toBeLessThan(OF_A_GRADIENT);
        }
      });
});

describe("a training in bfloat16", () => {
  const run = (changes: Changes, steps: number) =>
    withGan({ pathLength: { weight: 2, everySteps: 4 }, ...changes }, (gan) => {
      const stats = Array.from({ length: steps }, (_, i) => gan.trainStep(discBatch(i)));
      return { stats, weights: numbers(gan.discriminator.parameters) };
    });

  it("stays finite and goes as float32's does: its losses never part by a sixth of what the discriminator learns", () => {
    const [low, full] = [run(BFLOAT16, 24).stats, run({}, 24).stats];
    expect(low.flatMap(({ nonFinite }) => nonFinite)).toEqual([]);
    const learnt = full[0]!.dLoss - full[23]!.dLoss;
    expect(learnt).toBeGreaterThan(0.25);
    for (const [i, { dLoss, gLoss, pathLength }] of low.entries()) {
      const want = full[i]!;
      expect(Math.abs(dLoss - want.dLoss), `step ${i}`).toBeLessThan(learnt / 6);
      expect(Math.abs(gLoss - want.gLoss), `step ${i}`).toBeLessThan(learnt / 6);
      expect(Math.abs(pathLength! - want.pathLength!), `step ${i}`).toBeLessThan(OF_A_LOSS * want.pathLength!);
    }
  });

  it("repeats bit for bit, and keeps as many tensors alive after each step as before", () => {
    expect(run(BFLOAT16, 3)).toEqual(run(BFLOAT16, 3));
    withGan(BFLOAT16, (gan) => {
      gan.trainStep(discBatch(1));
      const { live, bytes } = tensorStats();
      gan.trainStep(discBatch(2));
      expect(tensorStats()).toMatchObject({ live, bytes });
    });
  });

  it("takes as many of the highest resolutions as it is told, none below 8 px; float32 takes none, bit for bit", () => {
    const weightsIn = (precision: object) => run({ precision } as Changes, 2).weights;
    const [none, one, two] = [
      weightsIn({}),
      ...[1, 2].map((resolutions) => weightsIn({ kind: "bfloat16", resolutions })),
    ];
    expect(one).not.toEqual(none);
    expect(two).not.toEqual(one);
    expect(weightsIn({ kind: "bfloat16", resolutions: 9 })).toEqual(two);
    expect(weightsIn({ kind: "float32", resolutions: 1 })).toEqual(none);
  });

  it("holds weights, moments and the average in float32; the average makes its images in float32", () =>
    withGan(BFLOAT16, (gan) => {
      using _scope = new TensorScope();
      gan.trainStep(discBatch(1));
      const parts = [gan.generator, gan.generatorEma, gan.discriminator, gan.optimiserG, gan.optimiserD];
      expect(new Set(parts.flatMap((part) => [...part.state().values()]).map(({ dtype }) => dtype))).toEqual(
        new Set(["float32"]),
      );
      gan.generator.loadState(gan.generatorEma.state());
      const ws = gan.generatorEma.broadcast(gan.generatorEma.map(drawLatents(gan.shape, 2, new Rng(3))));
      const [low, full] = [gan.generator, gan.generatorEma].map((g) => g.synthesise(ws, { noise: "const" }));
      expect([low!.dtype, full!.dtype]).toEqual(["float32", "float32"]);
      const inEightBits = full!.to({ dtype: "bfloat16" }).to({ dtype: "float32" });
      expect(full!.sub(inEightBits).abs().amax().item()).toBeGreaterThan(0);
      expect(full!.sub(low!).abs().amax().item()).toBeGreaterThan(0);
    }));
});

describe("run folders", () => {
  let dataset: string;
  let count = 0;
  const fresh = (): string => join(root, `run-${count++}`);
  const config = (steps: number, changes: Changes = BFLOAT16) =>
    tinyConfig(dataset, steps, { ...changes, schedule: { checkpointEveryKimg: 0.004 } });
  const newest = async (run: string) => readSafetensors((await listCheckpoints(run)).checkpoints.at(-1)!.weights);
  beforeAll(async () => {
    mkdirSync(join(root, "source"));
    dataset = await writeTinyDataset(join(root, "source"));
  });

  it("a resumed run equals an unbroken one bit for bit, and its checkpoints are laid out as float32's are", async () => {
    const [unbroken, broken, plain] = [fresh(), fresh(), fresh()];
    await trained({ config: config(4), out: unbroken });
    await trained({ config: config(2), out: broken });
    await trained({ config: config(4), out: broken, resume: true });
    const { tensors } = await newest(broken);
    expect(tensors).toEqual((await newest(unbroken)).tensors);
    await trained({ config: config(1, {}), out: plain });
    const layout = async (run: string) =>
      [...(await newest(run)).tensors].map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
    expect(await layout(broken)).toEqual(await layout(plain));
    const written = JSON.parse(readFileSync(join(broken, "config.resolved.json"), "utf8"));
    expect(written.precision).toEqual({ kind: "bfloat16", resolutions: 4 });
  });

  it("refuses to go on in another precision, naming the key", async () => {
    const out = fresh();
    await trained({ config: config(1), out });
    const message = await messageOf("config-changed", () => trained({ config: config(2, {}), out, resume: true }));
    expect(message).toContain(`${out} was trained with another configuration: precision.kind.`);
  });

  it("goes on with a run from before there was a choice: that was float32", async () => {
    const [unbroken, old] = [fresh(), fresh()];
    await trained({ config: config(2, {}), out: unbroken });
    await trained({ config: config(1, {}), out: old });
    const path = join(old, "config.resolved.json");
    const { precision, cuda, ...before } = JSON.parse(readFileSync(path, "utf8"));
    expect([precision, cuda]).not.toContain(undefined);
    writeFileSync(path, JSON.stringify(before));
    await trained({ config: config(2, {}), out: old, resume: true });
    expect((await newest(old)).tensors).toEqual((await newest(unbroken)).tensors);
  });
});
