// Which feature maps a network in training keeps in fewer bits than its parameters.
import type { PrecisionConfig, StyleGan2Shape } from "../schema/index.ts";
import type { Tensor } from "../tensor/index.ts";

/** Everything in the dtype of the parameters. */
export const FULL_PRECISION: PrecisionConfig = { kind: "float32", resolutions: 4 };
/** The first block and the minibatch statistic stay as they are; StyleGAN2-ADA draws the line here too. */
const LEAST_PX = 8;

/** The resolution from which on maps are in bfloat16: the highest `resolutions` of them, none below 8 px; ∞ where none is. */
export const bfloat16FromPx = (
  { resolutionPx }: Pick<StyleGan2Shape, "resolutionPx">,
  { kind, resolutions }: PrecisionConfig,
): number =>
  kind === "float32" ? Number.POSITIVE_INFINITY : Math.max(LEAST_PX, resolutionPx / 2 ** (resolutions - 1));

/** Maps as they enter a block, which keeps them in bfloat16 or in full. */
export function entering(maps: Tensor, inBfloat16: boolean): Tensor {
  const dtype = inBfloat16 ? "bfloat16" : maps.dtype === "bfloat16" ? "float32" : maps.dtype;
  return maps.dtype === dtype ? maps : maps.to({ dtype });
}
