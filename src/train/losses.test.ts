import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromArray, grad, linear, Rng, randn, TensorScope } from "../tensor/index.ts";
import { discriminatorLoss, generatorLoss, r1Penalty } from "./losses.ts";

const file = join(process.env.GANDL_SHARED_DATA ?? "../shared/data", "reference/stylegan2-ops/vectors.json");
const present = existsSync(file);
const vectors = present ? JSON.parse(readFileSync(file, "utf8")).vectors : {};
const tensor = ({ shape, data }: { shape: number[]; data: number[] }) =>
  fromArray(Float64Array.from((data as unknown[]).flat(Number.POSITIVE_INFINITY) as number[]), shape);

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

it("R1 of a linear discriminator is the squared norm of its weights, and its gradient twice the weights", () => {
  using _scope = new TensorScope();
  const w = randn([12], { rng: new Rng(1), dtype: "float64" }).setRequiresGrad(true);
  const image = randn([5, 3, 2, 2], { rng: new Rng(2), dtype: "float64" }).setRequiresGrad(true);
  const penalty = r1Penalty(image, image.reshape([5, 12]).matmul(w));
  expect(penalty.item()).toBeCloseTo(w.square().sum().item(), 12);
  const [slope] = grad(penalty, [w]);
  expect(slope!.sub(w.mul(2)).abs().amax().item()).toBeLessThan(1e-12);
});
