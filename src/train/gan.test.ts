import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/index.ts";
import type { ImageBatch } from "../data/index.ts";
import { drawLatents } from "../models/index.ts";
import { noGrad, Rng, type Tensor, TensorScope, tensorStats } from "../tensor/index.ts";
import { Gan } from "./gan.ts";
import { resolveTrainConfig } from "./resolve-config.ts";
import { pathLengths } from "./slope.ts";
import { temporaryFolder, tinyConfig } from "./train.fixture.ts";

temporaryFolder(); // one thread

/** Four images of bright discs on dark ground. */
function discs(seed = 1, levels: 255 | 65535 = 255): ImageBatch {
  const random = new SeededRandom(seed);
  const data = levels === 255 ? new Uint8Array(4 * 2 * 256) : new Uint16Array(4 * 2 * 256);
  for (let i = 0; i < 8; i++) {
    const [x, y] = [5 + random.uniform() * 6, 5 + random.uniform() * 6];
    for (let p = 0; p < 256; p++)
      data[i * 256 + p] = (Math.hypot((p % 16) - x, Math.floor(p / 16) - y) < 4 ? 0.8 : 0.1) * levels;
  }
  return { data, shape: [4, 2, 16, 16] };
}
const numbers = (tensors: ReadonlyMap<string, Tensor>): number[] =>
  [...tensors.values()].flatMap((tensor) => [...tensor.toFloat32Array()]);
function withGan<T>(changes: Parameters<typeof tinyConfig>[2], work: (gan: Gan) => T): T {
  const gan = new Gan(tinyConfig("none", 10, changes), 2);
  try {
    return work(gan);
  } finally {
    gan.dispose();
  }
}

describe("a training step", () => {
  it("repeats bit for bit from equal seeds, and differs for another", () => {
    const run = (seed: number) =>
      withGan({ seed }, (gan) => {
        const stats = [discs(1), discs(2)].map((batch) => gan.trainStep(batch));
        return { stats, weights: numbers(gan.discriminator.parameters), average: numbers(gan.generatorEma.parameters) };
      });
    const first = run(1);
    expect(run(1)).toEqual(first);
    expect(run(2).weights).not.toEqual(first.weights);
    expect(first.stats.every(({ dLoss, gLoss }) => dLoss > 0 && gLoss > 0)).toBe(true);
    expect(first.stats.flatMap(({ nonFinite }) => nonFinite)).toEqual([]);
  });

  it("lets the next batch be drawn once, into the memory of the batch that it has read, before any weight changes", () => {
    const run = (draw: boolean) =>
      withGan({ pathLength: { weight: 2 } }, (gan) => {
        const batch = discs(1);
        const [before] = [numbers(gan.generator.parameters)];
        let draws = 0;
        const whileBusy = () => {
          draws++;
          expect(numbers(gan.generator.parameters)).toEqual(before);
          batch.data.set(discs(2).data);
        };
        const stats = draw ? gan.trainStep(batch, null, whileBusy) : gan.trainStep(batch);
        expect(draws).toBe(draw ? 1 : 0);
        return { stats, weights: numbers(gan.discriminator.parameters) };
      });
    expect(run(true)).toEqual(run(false));
  });

  it("penalises the slope every r1EverySteps steps, as an update of its own", () =>
    withGan({ loss: { kind: "logistic", r1EverySteps: 3 } }, (gan) => {
      const due = Array.from({ length: 7 }, () => gan.trainStep(discs()).r1 !== null);
      expect(due).toEqual([true, false, false, true, false, false, true]);
      expect(gan.optimiserD.stepCount).toBe(7 + 3);
      expect(gan.optimiserG.stepCount).toBe(7);
      expect(gan.imagesSeen).toBe(28);
    }));

  it("corrects the discriminator's optimiser for lazy regularisation: c = k / (k + 1)", () => {
    const rate = (loss: { kind: "logistic"; r1EverySteps: number; r1Gamma?: number }) =>
      withGan({ loss }, (gan) => [gan.optimiserD.learningRate, gan.optimiserG.learningRate]);
    expect(rate({ kind: "logistic", r1EverySteps: 16 })).toEqual([0.0025 * (16 / 17), 0.0025]);
    expect(rate({ kind: "logistic", r1EverySteps: 16, r1Gamma: 0 })).toEqual([0.0025, 0.0025]);
  });

  it("raises the discriminator's decays to the same c: moments of a first gradient 1 are 1 − β^c", () =>
    withGan({ loss: { kind: "logistic", r1EverySteps: 16 }, optimiser: { beta1: 0.5, beta2: 0.99 } }, (gan) => {
      const momentsOf = (optimiser: Gan["optimiserD"], [name, parameter]: [string, Tensor]) => {
        using _scope = new TensorScope();
        optimiser.step(new Map([[name, noGrad(() => parameter.mul(0).add(1))]]));
        return ["m", "v"].map((moment) => optimiser.state().get(`${name}.${moment}`)!.toFloat32Array()[0]!);
      };
      const [m = 0, v = 0] = momentsOf(gan.optimiserD, [...gan.discriminator.parameters][0]!);
      expect([m, v / 0.01]).toEqual([expect.closeTo(0.47919, 5), expect.closeTo(0.94145, 4)]);
      const plain = momentsOf(gan.optimiserG, [...gan.generator.parameters][0]!);
      expect(plain).toEqual([expect.closeTo(0.5, 6), expect.closeTo(0.01, 7)]);
    }));

  it("penalises at steps 0 and 16 unless told otherwise", () => {
    const { loss } = resolveTrainConfig(
      { data: tinyConfig("none", 1).data, schedule: tinyConfig("none", 1).schedule },
      "the defaults",
    );
    withGan({ loss }, (gan) => {
      const due = Array.from({ length: 18 }, () => gan.trainStep(discs()).r1).flatMap((r1, i) =>
        r1 === null ? [] : i,
      );
      expect(due).toEqual([0, 16]);
    });
  });

  it("leaves R1 out when γ is 0", () =>
    withGan({ loss: { kind: "logistic", r1EverySteps: 1, r1Gamma: 0 } }, (gan) => {
      expect(gan.trainStep(discs()).r1).toBeNull();
      expect(gan.optimiserD.stepCount).toBe(1);
    }));

  it("weights R1 by γ/2 and by the steps it stands for: a large γ flattens the discriminator", () => {
    const last = (r1Gamma: number) =>
      withGan({ loss: { kind: "logistic", r1EverySteps: 1, r1Gamma } }, (gan) => {
        let r1: number | null = null;
        for (let i = 0; i < 25; i++) ({ r1 } = gan.trainStep(discs(i)));
        return r1!;
      });
    expect(last(100)).toBeLessThan(last(1e-6) / 3);
  });

  it("moves the generator's average by β = 0.5^(batch / half-life), the half-life at most rampUp of the images seen", () =>
    withGan({ ema: { halfLifeKimg: 0.01, rampUp: 0.5 } }, (gan) => {
      let want = numbers(gan.generatorEma.parameters);
      for (const halfLife of [2, 4, 6, 8, 10, 10]) {
        gan.trainStep(discs());
        const beta = 0.5 ** (4 / halfLife);
        const now = numbers(gan.generator.parameters);
        want = want.map((value, i) => beta * value + (1 - beta) * now[i]!);
        const worst = numbers(gan.generatorEma.parameters).reduce(
          (max, v, i) => Math.max(max, Math.abs(v - want[i]!)),
          0,
        );
        expect(worst).toBeLessThan(1e-4); // parameters of the mapping are ∼ 100
      }
      const buffers = [gan.generatorEma.buffers, gan.generator.buffers].map((b) => numbers(b));
      expect(buffers[0]).toEqual(buffers[1]);
    }));

  it("teaches the discriminator to tell real from generated, against a generator that stands still", () =>
    withGan({ optimiser: { learningRate: 0.01 } }, (gan) => {
      gan.optimiserG.learningRate = 0;
      const first = gan.trainStep(discs());
      for (let i = 0; i < 15; i++) gan.trainStep(discs(i));
      const last = gan.trainStep(discs());
      expect(last.realScore - last.fakeScore).toBeGreaterThan(first.realScore - first.fakeScore + 1);
      expect(last.dLoss).toBeLessThan(first.dLoss / 2);
    }));

  it("teaches the generator to be scored higher, by a discriminator that stands still", () =>
    withGan({ optimiser: { learningRate: 0.01 } }, (gan) => {
      gan.optimiserD.learningRate = 0;
      const first = gan.trainStep(discs());
      for (let i = 0; i < 15; i++) gan.trainStep(discs(i));
      const last = gan.trainStep(discs());
      expect(last.fakeScore).toBeGreaterThan(first.fakeScore + 1);
      expect(last.gLoss).toBeLessThan(first.gLoss / 2);
    }));

  it("reads 16-bit grey levels on the same scale as 8-bit ones", () => {
    const scoreOf = (levels: 255 | 65535) => withGan({}, (gan) => gan.trainStep(discs(1, levels)).realScore);
    expect(scoreOf(65535)).toBeCloseTo(scoreOf(255), 2);
  });

  it("keeps as many tensors alive after each step as before", () =>
    withGan({}, (gan) => {
      gan.trainStep(discs());
      const before = tensorStats();
      for (let i = 0; i < 4; i++) {
        gan.trainStep(discs(i));
        expect(tensorStats().live).toBe(before.live);
        expect(tensorStats().bytes).toBe(before.bytes);
      }
    }));

  it("owns what it makes: nothing is left after dispose", () => {
    const { live } = tensorStats();
    withGan({}, (gan) => gan.trainStep(discs()));
    expect(tensorStats().live).toBe(live);
  });
});

describe("the minibatch statistic", () => {
  it("is measured on real images before the first step, then followed slowly", () =>
    withGan({}, (gan) => {
      gan.measureStatistic(discs());
      const measured = gan.minibatchStdMean;
      expect(measured).toBeGreaterThan(0);
      gan.trainStep(discs());
      // The first step scores the same images with the same weights.
      expect(gan.minibatchStdMean).toBeCloseTo(measured, 6);
      const blank = { data: new Uint8Array(4 * 2 * 256), shape: [4, 2, 16, 16] } as const;
      gan.trainStep(blank); // equal images do not spread
      expect(gan.minibatchStdMean).toBeCloseTo(measured * 0.99, 5);
    }));
});

describe("gradients that are not finite", () => {
  it("are counted by tensor and never reach the weights", () =>
    withGan({}, (gan) => {
      noGrad(() => gan.generator.parameters.get("synthesis.16.toImage.bias")!.fill_(Number.NaN));
      const { nonFinite } = gan.trainStep(discs());
      expect(nonFinite.length).toBeGreaterThan(5);
      const weight = nonFinite.find(({ tensor }) => tensor === "discriminator: blocks.16.fromImage.weight");
      expect(weight?.count).toBe(8 * 2);
      expect(numbers(gan.discriminator.parameters).every(Number.isFinite)).toBe(true);
      expect(numbers(gan.optimiserD.state()).every(Number.isFinite)).toBe(true);
    }));
});

describe("regularisers and losses in the step", () => {
  it("path length is due every fourth step, as an update of its own, on half of the batch, and its mean is told", () =>
    withGan({ pathLength: { weight: 2, everySteps: 4 } }, (gan) => {
      const steps = Array.from({ length: 5 }, () => gan.trainStep(discs()));
      expect(gan.optimiserG.stepCount).toBe(5 + 2);
      expect(gan.optimiserG.learningRate).toBeCloseTo(0.0025 * (4 / 5), 12);
      expect(steps.every(({ pathLength }) => pathLength !== null && pathLength > 0)).toBe(true);
      expect(steps[1]?.pathLength).toBe(steps[0]?.pathLength);
      expect(steps[4]?.pathLength).not.toBe(steps[0]?.pathLength);
      expect(gan.pathLengthMean).toBe(steps[4]?.pathLength);
    }));

  it("a strong path-length penalty holds the lengths nearer to their mean than none", () => {
    const spread = (weight: number) =>
      withGan({ pathLength: { weight, everySteps: 1, decay: 0.2 }, optimiser: { learningRate: 0.02 } }, (gan) => {
        for (let i = 0; i < 25; i++) gan.trainStep(discs(i));
        using _scope = new TensorScope();
        const ws = gan.generator.broadcast(gan.generator.map(drawLatents(gan.shape, 64, new Rng(3))));
        const lengths = pathLengths(gan.generator.synthesise(ws, { noise: "const" }), ws, new Rng(4));
        return lengths.std([0]).item() / lengths.mean().item();
      });
    expect(spread(200)).toBeLessThan(spread(1e-9) * 0.9);
  });

  for (const loss of [
    { kind: "wgan-gp" },
    { kind: "relativistic" },
    { kind: "relativistic", penaltyEverySteps: 3 },
  ] as const)
    it(`${loss.kind} trains: finite, repeatable, its penalty ${"penaltyEverySteps" in loss ? "lazy" : "in every update"}`, () => {
      const run = () =>
        withGan({ loss }, (gan) => {
          const stats = Array.from({ length: 4 }, (_, i) => gan.trainStep(discs(i)));
          const lazy = "penaltyEverySteps" in loss;
          expect(stats.map(({ r1 }) => r1 !== null)).toEqual(
            lazy ? [true, false, false, true] : [true, true, true, true],
          );
          expect(gan.optimiserD.stepCount).toBe(lazy ? 6 : 4);
          expect(stats.flatMap(({ nonFinite }) => nonFinite)).toEqual([]);
          return numbers(gan.discriminator.parameters);
        });
      const weights = run();
      expect(weights.every(Number.isFinite)).toBe(true);
      expect(run()).toEqual(weights);
    });

  it("tells the signs of the scores, and how varied generated images are beside real ones", () =>
    withGan({}, (gan) => {
      const { realSign, fakeSign, diversity } = gan.trainStep(discs());
      for (const sign of [realSign, fakeSign]) expect(Math.abs(sign)).toBeLessThanOrEqual(1);
      expect(diversity).toBeGreaterThan(0);
      const alike = gan.trainStep({ data: new Uint8Array(4 * 2 * 256).fill(9), shape: [4, 2, 16, 16] });
      expect(alike.diversity).toBeGreaterThan(1e4); // real images that are all the same
    }));

  it("standardised input does not see brightness: images twice as bright train the same", () => {
    const weightsWith = (factor: number) =>
      withGan({ data: { dataset: "none", resolutionPx: 16, input: "standardised" } } as never, (gan) => {
        const { data, shape } = discs();
        gan.trainStep({ data: data.map((v) => Math.round(v / 4) * factor), shape });
        return gan.discriminator.parameters.get("blocks.16.fromImage.weight")!.toFloat32Array();
      });
    const [once, twice] = [weightsWith(1), weightsWith(2)];
    for (const [i, value] of once.entries()) expect(twice[i]).toBeCloseTo(value, 4);
  });
});
