// The steps between tensors that a StyleGAN2 layer is made of, each one pass over memory on a CPU (native/kernels). On other devices,
// and for maps in bfloat16, the same numbers come from LibTorch's own operators. Gradients of any order either way.
import { op, type Tensor } from "../tensor/index.ts";
import { convolveMap, hasOwnKernels, inDtypeOf } from "./map-dtype.ts";

/**
 * A convolution of stride 1 that keeps height and width. x `[n,c,h,w]`, weight `[o,c,k,k]`, k odd → `[n,o,h,w]`.
 * On a CPU it computes, and gives its result, in channels-last order. A map in bfloat16 has the weight rounded to it.
 */
export function convolve(x: Tensor, weight: Tensor): Tensor {
  if (hasOwnKernels(x)) return op("gandl::convolve", "", x, weight);
  return convolveMap(x, weight, { padding: ((weight.shape[2] ?? 1) - 1) / 2 });
}

/** Each channel of each image times its own factor. x `[n,c,h,w]`, scale `[n,c]`. */
export function scaleChannels(x: Tensor, scale: Tensor): Tensor {
  if (hasOwnKernels(x)) return op("gandl::scale_channels", "", x, scale);
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
  if (hasOwnKernels(x))
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

/** What a 3×3 convolution of stride 2 reads from the filtered map, tap-major. x `[n,c,2h,2w]` → `[n,9c,h,w]`. CPU only. */
export const unfoldDown = (x: Tensor): Tensor => op("gandl::unfold_down", "", x, 1);
/** Sums the taps of a transposed 3×3 convolution of stride 2, then filters with gain 4. x `[n,9c,h,w]` → `[n,c,2h,2w]`. CPU only. */
export const foldUp = (x: Tensor): Tensor => op("gandl::fold_up", "", x, 4);
/** The filter, then every second pixel. x `[n,c,2h,2w]` → `[n,c,h,w]`. CPU only. */
export const filterDown = (x: Tensor): Tensor => op("gandl::filter_down", "", x, 1);
/** Zero-stuffing, then the filter with gain 4. x `[n,c,h,w]` → `[n,c,2h,2w]`. CPU only. */
export const filterUp = (x: Tensor): Tensor => op("gandl::filter_up", "", x, 4);
