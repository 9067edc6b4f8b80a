// What discriminator and generator minimise.
import { grad, type Tensor } from "../tensor/index.ts";

/**
 * Non-saturating logistic loss of the discriminator: mean softplus(−D(real)) + mean softplus(D(fake)). Scores `[n]` → `[]`.
 * @example
 * ```ts
 * import { zeros } from "gan-dl/tensor";
 * import { discriminatorLoss } from "gan-dl/train";
 * const undecided = discriminatorLoss(zeros([4]), zeros([4])).item();
 * console.assert(Math.abs(undecided - 2 * Math.log(2)) < 1e-6);
 * ```
 */
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
 * @example
 * ```ts
 * import { fromArray } from "gan-dl/tensor";
 * import { r1Penalty } from "gan-dl/train";
 * const image = fromArray(new Float32Array([1, 2, 3, 4]), [2, 2]).setRequiresGrad(true);
 * const penalty = r1Penalty(image, image.mul(3).sum([1])); // the slope is (3, 3) everywhere
 * console.assert(penalty.item() === 18);
 * ```
 */
export function r1Penalty(image: Tensor, score: Tensor): Tensor {
  const [slope] = grad(score.sum(), [image], { createGraph: true });
  if (!slope) throw new Error("internal: R1 has no gradient");
  return slope
    .square()
    .sum(image.shape.map((_, axis) => axis).slice(1))
    .mean();
}
