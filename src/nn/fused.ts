// The steps between tensors that a StyleGAN2 layer is made of, each one pass over memory (native/kernels). Where there are no kernels
// of ours the same numbers come from LibTorch's own operators. Gradients of any order either way.
import { op, type Tensor } from "../tensor/index.ts";
import { convolveMap, inDtypeOf, kernelsFor } from "./map-dtype.ts";

/**
 * A convolution of stride 1 that keeps height and width. x `[n,c,h,w]`, weight `[o,c,k,k]`, k odd → `[n,o,h,w]`.
 * Our kernels compute, and give their result, in channels-last order. A map in bfloat16 has the weight rounded to it.
 */
export function convolve(x: Tensor, weight: Tensor): Tensor {
  if (kernelsFor(x)) return op("gandl::convolve", "", x, inDtypeOf(x, weight));
  return convolveMap(x, weight, { padding: ((weight.shape[2] ?? 1) - 1) / 2 });
}

/** Each channel of each image times its own factor. x `[n,c,h,w]`, scale `[n,c]`. */
export function scaleChannels(x: Tensor, scale: Tensor): Tensor {
  if (kernelsFor(x)) return op("gandl::scale_channels", "", x, scale);
  return x.mul(inDtypeOf(x, scale).unsqueeze(2).unsqueeze(3));
}

export interface ActivateOptions {
  /** `[c]`, added before the activation. */
  readonly bias: Tensor;
  /** Slope of the leaky ReLU below zero. */
  readonly slope: number;
  /** `[n,c]`, multiplies x first. @default none */
  readonly demodulation?: Tensor | null;
  /** A map `[n,1,h,w]` or `[1,1,h,w]` and the scalar it is multiplied by, added to every channel; the map gets no gradient. @default none */
  readonly noise?: { readonly map: Tensor; readonly strength: Tensor } | null;
}

/**
 * leaky ReLU(x · demodulation + noise · strength + bias). x `[n,c,h,w]` → the same.
 * @example
 * ```ts
 * import { activate } from "gan-dl/nn";
 * import { fromArray, ones } from "gan-dl/tensor";
 * const bias = fromArray(Float32Array.of(0, -3), [2]);
 * const y = activate(ones([1, 2, 1, 1]), { bias, slope: 0.25 });
 * console.assert(y.toFloat32Array().join() === "1,-0.5");
 * ```
 */
export function activate(x: Tensor, { bias, slope, demodulation = null, noise = null }: ActivateOptions): Tensor {
  if (kernelsFor(x))
    return op(
      "gandl::activate",
      "",
      x,
      demodulation,
      noise?.map ?? null,
      noise === null ? null : noise.strength.reshape([]),
      bias,
      slope,
    );
  const scaled = demodulation === null ? x : scaleChannels(x, demodulation);
  const shifted = scaled.add(inDtypeOf(x, bias).reshape([1, -1, 1, 1]));
  if (noise === null) return shifted.leakyRelu(slope);
  return shifted.add(inDtypeOf(x, noise.map.mul(noise.strength))).leakyRelu(slope);
}

/** A 3×3 convolution of stride 2 without a border. x `[n,c,2h+1,2w+1]`, weight `[o,c,3,3]` → `[n,o,h,w]`. */
export const convolveDown = (x: Tensor, weight: Tensor): Tensor =>
  op("gandl::convolve_down", "", x, inDtypeOf(x, weight));
/** A transposed 3×3 convolution of stride 2. x `[n,c,h,w]`, weight `[o,c,3,3]` → `[n,o,2h+1,2w+1]`. */
export const convolveUp = (x: Tensor, weight: Tensor): Tensor => op("gandl::convolve_up", "", x, inDtypeOf(x, weight));
/** The filter wherever it meets the map, for {@link convolveDown}. x `[n,c,2h,2w]` → `[n,c,2h+1,2w+1]`. By element. */
export const filterGrow = (x: Tensor): Tensor => op("gandl::filter_grow", "", x, 1);
/** The filter with gain 4 after {@link convolveUp}. x `[n,c,2h+1,2w+1]` → `[n,c,2h,2w]`. By element. */
export const filterShrink = (x: Tensor): Tensor => op("gandl::filter_shrink", "", x, 4);

/** What a 3×3 convolution of stride 2 reads from the filtered map, tap-major. x `[n,c,2h,2w]` → `[n,9c,h,w]`. CPU only. */
export const unfoldDown = (x: Tensor): Tensor => op("gandl::unfold_down", "", x, 1);
/** Sums the taps of a transposed 3×3 convolution of stride 2, then filters with gain 4. x `[n,9c,h,w]` → `[n,c,2h,2w]`. CPU only. */
export const foldUp = (x: Tensor): Tensor => op("gandl::fold_up", "", x, 4);
/** The filter, then every second pixel. x `[n,c,2h,2w]` → `[n,c,h,w]`. */
export const filterDown = (x: Tensor): Tensor => op("gandl::filter_down", "", x, 1);
/** Zero-stuffing, then the filter with gain 4. x `[n,c,h,w]` → `[n,c,2h,2w]`. */
export const filterUp = (x: Tensor): Tensor => op("gandl::filter_up", "", x, 4);
