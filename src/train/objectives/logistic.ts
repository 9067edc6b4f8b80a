// The loss of StyleGAN2: non-saturating logistic (Goodfellow et al. 2014, §3) with R1 (Mescheder et al. 2018).
import type { Tensor } from "../../tensor/index.ts";
import { defineObjective } from "./define-objective.ts";

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

/** Non-saturating loss of the generator: mean softplus(−D(fake)). `[n]` → `[]`. */
export function generatorLoss(fakeScore: Tensor): Tensor {
  return fakeScore.neg().softplus().mean();
}

export const logistic = defineObjective({
  kind: "logistic",
  title: "non-saturating logistic with R1, as StyleGAN2",
  build: ({ r1Gamma, r1EverySteps }) => ({
    discriminator: discriminatorLoss,
    generator: generatorLoss,
    generatorSeesReal: false,
    penalties: r1Gamma > 0 ? [{ name: "R1", at: "real", weight: r1Gamma / 2, of: (slope) => slope.mean() }] : [],
    penaltyEverySteps: r1EverySteps,
  }),
});
