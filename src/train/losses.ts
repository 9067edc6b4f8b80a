// What discriminator and generator minimise.
import { grad, type Tensor } from "../tensor/index.ts";

/** Non-saturating logistic loss of the discriminator: mean softplus(−D(real)) + mean softplus(D(fake)). Scores `[n]` → `[]`. */
export function discriminatorLoss(realScore: Tensor, fakeScore: Tensor): Tensor {
  return realScore.neg().softplus().mean().add(fakeScore.softplus().mean());
}

/** Non-saturating loss of the generator (Goodfellow et al. 2014, §3): mean softplus(−D(fake)). `[n]` → `[]`. */
export function generatorLoss(fakeScore: Tensor): Tensor {
  return fakeScore.neg().softplus().mean();
}

/**
 * R1 without its weight (Mescheder et al. 2018): mean over images of ‖∂D(x)/∂x‖². The loss is γ/2 times this.
 * @param image `[n,…]`, a leaf that requires gradients. @param score `[n]`, computed from it.
 * @returns `[]`, itself differentiable.
 */
export function r1Penalty(image: Tensor, score: Tensor): Tensor {
  const [slope] = grad(score.sum(), [image], { createGraph: true });
  if (!slope) throw new Error("internal: R1 has no gradient");
  return slope
    .square()
    .sum(image.shape.map((_, axis) => axis).slice(1))
    .mean();
}
