// What a loss must offer to train with: two losses of scores, and penalties on the discriminator's slope.
import type { ResolvedTrainConfig } from "../../schema/index.ts";
import type { Tensor } from "../../tensor/index.ts";

export type LossKind = ResolvedTrainConfig["loss"]["kind"];

/** A penalty on ∂D(x)/∂x. */
export interface Penalty {
  readonly name: "R1" | "R2" | "gradient penalty";
  /** The images at which the slope is taken; "between" are random points on the lines from real to generated images. */
  readonly at: "real" | "generated" | "between";
  /** What multiplies it in the loss. */
  readonly weight: number;
  /** From each image's squared slope ‖∂D(x)/∂x‖², `[n]` → `[]`. */
  readonly of: (squaredSlope: Tensor) => Tensor;
}

/** A loss with its numbers filled in. Scores are `[n]`, losses `[]`. */
export interface Objective {
  readonly discriminator: (real: Tensor, generated: Tensor) => Tensor;
  readonly generator: (generated: Tensor, real: Tensor) => Tensor;
  /** Whether {@link Objective.generator} looks at the scores of real images; if not, they are not computed for it. */
  readonly generatorSeesReal: boolean;
  readonly penalties: readonly Penalty[];
  /** Penalties are computed every so many steps; 1 makes them part of the loss itself. */
  readonly penaltyEverySteps: number;
}

/** One kind of loss. */
export interface ObjectiveDefinition<Kind extends LossKind = LossKind> {
  readonly kind: Kind;
  readonly title: string;
  build(loss: Extract<ResolvedTrainConfig["loss"], { kind: Kind }>): Objective;
}

/** Types a definition; nothing more. */
export const defineObjective = <Kind extends LossKind>(
  definition: ObjectiveDefinition<Kind>,
): ObjectiveDefinition<Kind> => definition;
