// Feature maps may have fewer bits than the parameters beside them: training in bfloat16 keeps its maps so at high resolutions, while
// weights, styles, demodulation, bias and noise are computed in float32 and rounded once, where they meet the map. bfloat16 has the
// exponents of float32: what float16 needs against overflow and underflow (weights and styles normalised first, clamped
// activations, scaled losses; Karras et al. 2020, StyleGAN2-ADA) has nothing to prevent here.
import { type Conv2dOptions, conv2d, type Tensor, worksBlocked, worksByElement } from "../tensor/index.ts";

/** An operand in the dtype of the feature map that it meets: itself, or a rounded copy whose gradient comes back in its own dtype. */
export const inDtypeOf = (map: Tensor, operand: Tensor): Tensor =>
  operand.dtype === map.dtype ? operand : operand.to({ dtype: map.dtype });

/**
 * Which of native/kernels work on a map: those blocked for a CPU's caches, or those told element by element, for cards. null: none,
 * LibTorch's own operators take every other device and dtype.
 */
export function kernelsFor({ device, dtype }: Tensor): "blocked" | "by-element" | null {
  const isWide = dtype === "float32" || dtype === "float64";
  if (worksByElement(device)) return isWide || dtype === "bfloat16" ? "by-element" : null;
  return isWide && worksBlocked(device) ? "blocked" : null;
}

/**
 * {@link conv2d} of a map with a weight rounded to the map's dtype, sums in float32, rounded once. A card's units for bfloat16 add up
 * like that by themselves; LibTorch 1.13 on a CPU rounds after each term, and has not all derivatives.
 */
export function convolveMap(map: Tensor, weight: Tensor, options: Conv2dOptions): Tensor {
  const rounded = inDtypeOf(map, weight);
  if (map.dtype !== "bfloat16" || map.device !== "cpu") return conv2d(map, rounded, options);
  return inDtypeOf(map, conv2d(map.to({ dtype: "float32" }), rounded.to({ dtype: "float32" }), options));
}
