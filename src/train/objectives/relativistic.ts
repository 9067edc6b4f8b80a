// The loss of R3GAN (Huang et al. 2024): each real image against a generated one, with R1 and R2 in every step.
import { defineObjective, type Penalty } from "./define-objective.ts";

const slopePenalty = (name: "R1" | "R2", at: "real" | "generated", gamma: number): Penalty[] =>
  gamma > 0 ? [{ name, at, weight: gamma / 2, of: (slope) => slope.mean() }] : [];

export const relativistic = defineObjective({
  kind: "relativistic",
  title: "relativistic pairing with R1 and R2, as R3GAN",
  build: ({ r1Gamma, r2Gamma, penaltyEverySteps }) => ({
    discriminator: (real, generated) => generated.sub(real).softplus().mean(),
    generator: (generated, real) => real.sub(generated).softplus().mean(),
    generatorSeesReal: true,
    penalties: [...slopePenalty("R1", "real", r1Gamma), ...slopePenalty("R2", "generated", r2Gamma)],
    penaltyEverySteps,
  }),
});
