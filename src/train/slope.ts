// Slopes of the discriminator by its images, and of images by styles: what the regularisers are made of.
import { grad, type Rng, randn, type Tensor } from "../tensor/index.ts";

/**
 * ‖∂D(x)/∂x‖² of each image, itself differentiable.
 * @param image `[n,…]`, requires gradients. @param score `[n]`, computed from it. @returns `[n]`.
 */
export function squaredSlope(image: Tensor, score: Tensor): Tensor {
  const [slope] = grad(score.sum(), [image], { createGraph: true });
  if (!slope) throw new Error("internal: the score does not depend on the image");
  return slope.square().sum(image.shape.map((_, axis) => axis).slice(1));
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
export const r1Penalty = (image: Tensor, score: Tensor): Tensor => squaredSlope(image, score).mean();

/**
 * How far images move when their styles do (Karras et al. 2020, §3.2): with y ∼ N(0, 1/(h·w)) of the image's shape, √ of the mean
 * over layers of ‖∂(image · y)/∂w‖², differentiable.
 * @param image `[n,c,h,w]`, computed from `ws`. @param ws `[n,layers,styleDim]`. @param rng draws y. @returns `[n]`.
 * @example
 * ```ts
 * import { ones, Rng } from "gan-dl/tensor";
 * import { pathLengths } from "gan-dl/train";
 * const ws = ones([3, 1, 1]).setRequiresGrad(true);
 * const image = ws.reshape([3, 1, 1, 1]).mul(5); // one pixel, five times the style: a step of 1 moves it by 5 · |y|
 * console.assert(pathLengths(image, ws, new Rng(1)).shape.join() === "3");
 * ```
 */
export function pathLengths(image: Tensor, ws: Tensor, rng: Rng): Tensor {
  const [, , h = 1, w = 1] = image.shape;
  const y = randn(image.shape, { rng, dtype: image.dtype }).mul(1 / Math.sqrt(h * w));
  const [slope] = grad(image.mul(y).sum(), [ws], { createGraph: true });
  if (!slope) throw new Error("internal: the image does not depend on the styles");
  return slope.square().sum([2]).mean([1]).sqrt();
}
