// Losses and regularisers against an independent implementation (shared data) and against closed forms on linear networks.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromArray, grad, linear, Rng, randn, type Tensor, TensorScope } from "../../tensor/index.ts";
import { pathLengths, r1Penalty, squaredSlope } from "../slope.ts";
import { objectiveOf } from "./index.ts";
import { discriminatorLoss, generatorLoss } from "./logistic.ts";

const file = join(process.env.GANDL_SHARED_DATA ?? "../shared/data", "reference/stylegan2-ops/vectors.json");
const present = existsSync(file);
const vectors = present ? JSON.parse(readFileSync(file, "utf8")).vectors : {};
const tensor = ({ shape, data }: { shape: number[]; data: number[] }) =>
  fromArray(Float64Array.from((data as unknown[]).flat(Number.POSITIVE_INFINITY) as number[]), shape);
const vector = (...values: number[]) => fromArray(Float64Array.from(values), [values.length]);

describe.skipIf(!present)("reference vectors (shared data)", () => {
  it("logistic losses", () => {
    using _scope = new TensorScope();
    const { real_logits: real, fake_logits: fake, d_logistic: d, g_nonsaturating: g } = vectors.losses;
    expect(discriminatorLoss(tensor(real), tensor(fake)).item()).toBeCloseTo(d, 12);
    expect(generatorLoss(tensor(fake)).item()).toBeCloseTo(g, 12);
  });
  it("R1 of a two-layer network", () => {
    using _scope = new TensorScope();
    const { x, W1, W2 } = vectors.r1;
    const image = tensor(x).setRequiresGrad(true);
    const score = linear(image, tensor(W1)).tanh().matmul(tensor(W2));
    expect(r1Penalty(image, score).item()).toBeCloseTo(vectors.r1["r1_penalty = mean_i ||dD_i/dx_i||^2"], 12);
  });
});

/** A linear discriminator's weights, some images, and their scores. */
function linearDiscriminator(): { w: Tensor; image: Tensor; score: Tensor } {
  const w = randn([12], { rng: new Rng(1), dtype: "float64" }).setRequiresGrad(true);
  const image = randn([5, 3, 2, 2], { rng: new Rng(2), dtype: "float64" }).setRequiresGrad(true);
  return { w, image, score: image.reshape([5, 12]).matmul(w) };
}
const worst = (a: Tensor, b: Tensor) => a.sub(b).abs().amax().item();

describe("penalties on a linear discriminator D(x) = w · x", () => {
  it("R1 is ‖w‖², and its gradient 2w", () => {
    using _scope = new TensorScope();
    const { w, image, score } = linearDiscriminator();
    const penalty = r1Penalty(image, score);
    expect(penalty.item()).toBeCloseTo(w.square().sum().item(), 12);
    expect(worst(grad(penalty, [w])[0]!, w.mul(2))).toBeLessThan(1e-12);
  });

  it("in the logistic loss R1 weighs γ/2, and γ = 0 leaves it out", () => {
    const withGamma = (r1Gamma: number) => objectiveOf({ kind: "logistic", r1Gamma, r1EverySteps: 16 }).penalties;
    expect(withGamma(10)).toMatchObject([{ name: "R1", at: "real", weight: 5 }]);
    expect(withGamma(0)).toEqual([]);
  });

  it("WGAN-GP's is (‖w‖ − 1)², whose gradient is 2 (1 − 1/‖w‖) w; 0 where the slope is 1", () => {
    using _scope = new TensorScope();
    const loss = { kind: "wgan-gp", penaltyWeight: 10, penaltyEverySteps: 1, drift: 0 } as const;
    const [penalty] = objectiveOf(loss).penalties;
    expect(penalty).toMatchObject({ at: "between", weight: 10 });
    const { w, image, score } = linearDiscriminator();
    const value = penalty!.of(squaredSlope(image, score));
    const length = Math.sqrt(w.square().sum().item());
    expect(value.item()).toBeCloseTo((length - 1) ** 2, 9);
    expect(worst(grad(value, [w])[0]!, w.mul(2 * (1 - 1 / length)))).toBeLessThan(1e-9);
    expect(penalty!.of(vector(1, 1)).item()).toBeLessThan(1e-20);
  });

  it("WGAN-GP has a finite gradient at a slope of exactly 0", () => {
    using _scope = new TensorScope();
    const loss = { kind: "wgan-gp", penaltyWeight: 10, penaltyEverySteps: 1, drift: 0 } as const;
    const slope = vector(0, 0).setRequiresGrad(true);
    const [gradient] = grad(objectiveOf(loss).penalties[0]!.of(slope), [slope]);
    expect(gradient!.isFinite().all().item()).toBe(1);
  });

  it("the relativistic loss holds the slope at real and at generated images, γ/2 each", () => {
    const loss = { kind: "relativistic", r1Gamma: 2, r2Gamma: 6, penaltyEverySteps: 1 } as const;
    expect(objectiveOf(loss).penalties).toMatchObject([
      { name: "R1", at: "real", weight: 1 },
      { name: "R2", at: "generated", weight: 3 },
    ]);
  });
});

describe("losses of scores", () => {
  it("WGAN: the critic's is the difference of means with drift, the generator's its own mean", () => {
    using _scope = new TensorScope();
    const objective = objectiveOf({ kind: "wgan-gp", penaltyWeight: 10, penaltyEverySteps: 1, drift: 0.1 });
    const [real, generated] = [vector(1, 3), vector(-2, 0)];
    expect(objective.discriminator(real, generated).item()).toBeCloseTo(-1 - 2 + 0.1 * 5, 12);
    expect(objective.generator(generated, real).item()).toBeCloseTo(1, 12);
  });

  it("relativistic: softplus of the paired difference, swapped for the generator", () => {
    using _scope = new TensorScope();
    const objective = objectiveOf({ kind: "relativistic", r1Gamma: 0, r2Gamma: 0, penaltyEverySteps: 1 });
    const [real, generated] = [vector(1, 3), vector(-2, 4)];
    const softplus = (x: number) => Math.log1p(Math.exp(x));
    expect(objective.discriminator(real, generated).item()).toBeCloseTo((softplus(-3) + softplus(1)) / 2, 12);
    expect(objective.generator(generated, real).item()).toBeCloseTo((softplus(3) + softplus(-1)) / 2, 12);
    expect(objective.generatorSeesReal).toBe(true);
  });
});

describe("path lengths", () => {
  it("of a linear generator are √(mean over layers of ‖y A‖²), for the y that was drawn", () => {
    using _scope = new TensorScope();
    const [n, layers, d, pixels] = [3, 2, 4, 9];
    const matrices = [1, 2].map((seed) => randn([d, pixels], { rng: new Rng(seed), dtype: "float64" }));
    const ws = randn([n, layers, d], { rng: new Rng(3), dtype: "float64" }).setRequiresGrad(true);
    const image = matrices
      .map((a, layer) => ws.select(1, layer).matmul(a))
      .reduce((x, y) => x.add(y))
      .reshape([n, 1, 3, 3]);
    const lengths = pathLengths(image, ws, new Rng(4));
    const y = randn([n, 1, 3, 3], { rng: new Rng(4), dtype: "float64" })
      .div(3)
      .reshape([n, pixels]);
    const squares = matrices.map((a) => y.matmul(a.transpose(0, 1)).square().sum([1]));
    expect(worst(lengths, squares[0]!.add(squares[1]!).div(layers).sqrt())).toBeLessThan(1e-12);
  });

  it("have gradients by the generator's weights that agree with finite differences", () => {
    using _scope = new TensorScope();
    const weight = randn([4, 9], { rng: new Rng(5), dtype: "float64" }).setRequiresGrad(true);
    const loss = () => {
      const ws = randn([2, 1, 4], { rng: new Rng(6), dtype: "float64" }).setRequiresGrad(true);
      const image = ws.reshape([2, 4]).matmul(weight).tanh().reshape([2, 1, 3, 3]);
      return pathLengths(image, ws, new Rng(7)).sub(0.3).square().mean();
    };
    const [gradient] = grad(loss(), [weight]);
    const direction = randn([4, 9], { rng: new Rng(8), dtype: "float64" });
    const start = weight.detach().clone();
    const at = (step: number) => {
      weight.setRequiresGrad(false);
      weight.copy_(start.add(direction.mul(step)));
      weight.setRequiresGrad(true);
      return loss().item();
    };
    const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
    expect(gradient!.mul(direction).sum().item()).toBeCloseTo(slope, 6);
  });
});
