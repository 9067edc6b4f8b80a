// What the two networks of a GAN hold against each other, in the three readings that CytoGAN compared.
import { grad, type Rng, rand, type Tensor } from "../../tensor/index.ts";

/** One reading: losses of scores `[n]`, and how it is trained. */
export interface AdversarialLoss {
  readonly citation: string;
  discriminator(real: Tensor, generated: Tensor): Tensor;
  generator(generated: Tensor): Tensor;
  /** Weight of the penalty on the discriminator's slope; 0: none. */
  readonly slopePenalty: number;
  /** Updates of the discriminator for each of the generator. */
  readonly nDiscriminatorSteps: number;
  /** Whether the discriminator normalises by batches, which a penalty on single images' slopes forbids. */
  readonly normaliseDiscriminator: boolean;
  readonly adam: { readonly learningRate: number; readonly beta1: number; readonly beta2: number };
}

/** The readings by name, with the settings of their papers. */
export const ADVERSARIAL_LOSSES = {
  dcgan: {
    citation: "Radford et al. 2016",
    discriminator: (real, generated) => real.neg().softplus().mean().add(generated.softplus().mean()),
    generator: (generated) => generated.neg().softplus().mean(),
    ...{ slopePenalty: 0, nDiscriminatorSteps: 1, normaliseDiscriminator: true },
    adam: { learningRate: 2e-4, beta1: 0.5, beta2: 0.999 },
  },
  lsgan: {
    citation: "Mao et al. 2017, equation 9",
    discriminator: (real, generated) => real.sub(1).square().mean().add(generated.square().mean()).mul(0.5),
    generator: (generated) => generated.sub(1).square().mean().mul(0.5),
    ...{ slopePenalty: 0, nDiscriminatorSteps: 1, normaliseDiscriminator: true },
    adam: { learningRate: 2e-4, beta1: 0.5, beta2: 0.999 },
  },
  "wgan-gp": {
    citation: "Gulrajani et al. 2017, algorithm 1",
    discriminator: (real, generated) => generated.mean().sub(real.mean()),
    generator: (generated) => generated.mean().neg(),
    ...{ slopePenalty: 10, nDiscriminatorSteps: 5, normaliseDiscriminator: false },
    adam: { learningRate: 1e-4, beta1: 0, beta2: 0.9 },
  },
} as const satisfies Record<string, AdversarialLoss>;

/** Under the root, so that a slope of exactly 0 has a derivative. */
const EPSILON = 1e-12;

/**
 * Mean squared distance of the score's slope from 1, at a random point between each real and generated image (both `[n,c,h,w]`).
 * Gulrajani et al. 2017, equation 3.
 */
export function slopePenalty(score: (image: Tensor) => Tensor, real: Tensor, generated: Tensor, rng: Rng): Tensor {
  const share = rand([real.shape[0] ?? 0, 1, 1, 1], { rng });
  const between = real.add(generated.sub(real).mul(share)).detach().setRequiresGrad(true);
  const [slope] = grad(score(between).sum(), [between], { createGraph: true });
  if (!slope) throw new Error("internal: the score does not depend on the image");
  return slope.square().sum([1, 2, 3]).add(EPSILON).sqrt().sub(1).square().mean();
}
