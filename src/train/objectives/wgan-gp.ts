// The Wasserstein reading of GAN-DL (docs/methods.md §1.1): a critic held to slopes of 1 (Gulrajani et al. 2017, algorithm 1), with the
// drift term of Karras et al. 2018. The penalty is a function of one image; a minibatch statistic would make each score depend on the
// others, so `minibatchStdGroup: auto` is 1 here.
import { defineObjective } from "./define-objective.ts";

/** Under the root, so that a slope of exactly 0 has a derivative. */
const EPSILON = 1e-12;

export const wganGp = defineObjective({
  kind: "wgan-gp",
  title: "Wasserstein distance with gradient penalty",
  build: ({ penaltyWeight, penaltyEverySteps, drift }) => ({
    discriminator: (real, generated) => generated.mean().sub(real.mean()).add(real.square().mean().mul(drift)),
    generator: (generated) => generated.mean().neg(),
    generatorSeesReal: false,
    penalties:
      penaltyWeight > 0
        ? [
            {
              ...{ name: "gradient penalty", at: "between", weight: penaltyWeight },
              of: (slope) => slope.add(EPSILON).sqrt().sub(1).square().mean(),
            },
          ]
        : [],
    penaltyEverySteps,
  }),
});
