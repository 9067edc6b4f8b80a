// Resampling with the binomial filter [1,3,3,1], and how it goes together with the convolution beside it.
//
// Three forms of each, equal in numbers. On a CPU: own kernels gather (or scatter) the filtered taps, and a 1×1 convolution, which is
// one large matrix product, does the rest; LibTorch's transposed and depthwise convolutions run far below the machine's rate there
// (measured: 3 GFLOP/s for a 4×4 depthwise blur, 150 for a 1×1 convolution). On a card: an own kernel filters, cuDNN convolves with
// stride 2; nine taps would be nine times the memory. By LibTorch alone: the filter is folded into the kernel, which costs arithmetic
// (four times for 3×3) and saves passes over memory. The tests hold all forms to `upfirdn2d`, and that to an independent
// implementation.
import { callOp, conv2d, type DType, fromArray, pad, type Tensor } from "../tensor/index.ts";
import {
  convolve,
  convolveDown,
  convolveUp,
  filterDown,
  filterGrow,
  filterShrink,
  filterUp,
  foldUp,
  unfoldDown,
} from "./fused.ts";
import { convolveMap, kernelsFor } from "./map-dtype.ts";

/** StyleGAN2's resampling filter along one axis, normalised to sum 1. */
export const RESAMPLE_FILTER: readonly number[] = [1 / 8, 3 / 8, 3 / 8, 1 / 8];
/** The outer product of the filter with itself: a 4×4 kernel, row-major. */
const FILTER_2D = RESAMPLE_FILTER.flatMap((row) => RESAMPLE_FILTER.map((column) => row * column));

const constant = (values: readonly number[], shape: readonly number[], like: Tensor): Tensor => {
  const data = like.dtype === "float64" ? Float64Array.from(values) : Float32Array.from(values);
  const made = fromArray(data, shape);
  const dtype: DType = like.dtype;
  return made.dtype === dtype && like.device === "cpu" ? made : made.to({ dtype, device: like.device });
};

/** How {@link upfirdn2d} resamples; pairs are [x, y], padding is [left, right, top, bottom], negative to crop. */
export interface UpfirdnOptions {
  /** @default [1, 1] */
  readonly up?: readonly [number, number];
  /** @default [1, 1] */
  readonly down?: readonly [number, number];
  /** @default [0, 0, 0, 0] */
  readonly padding?: readonly [number, number, number, number];
}

/**
 * Zero-stuffs, pads, convolves (true convolution: the kernel is flipped) and takes every nth sample: the definition, not the fast form.
 * @param x `[n,c,h,w]`. @param kernel `[kh,kw]`, the same for every channel. @returns `[n,c,h',w']`; differentiable any number of times.
 * @example
 * ```ts
 * import { upfirdn2d } from "gan-dl/nn";
 * import { fromArray, ones } from "gan-dl/tensor";
 * const row = fromArray(Float32Array.of(1, 2), [1, 1, 1, 2]);
 * const y = upfirdn2d(row, ones([1, 2]), { up: [2, 1], padding: [1, 0, 0, 0] }); // every pixel twice
 * console.assert(y.toFloat32Array().join() === "1,1,2,2");
 * ```
 */
export function upfirdn2d(
  x: Tensor,
  kernel: Tensor,
  { up = [1, 1], down = [1, 1], padding = [0, 0, 0, 0] }: UpfirdnOptions = {},
): Tensor {
  const [n = 0, c = 0, h = 0, w = 0] = x.shape;
  const [upX, upY] = up;
  const [kh = 0, kw = 0] = kernel.shape;
  const stuffed = callOp("aten::constant_pad_nd", "", [
    x.reshape([n * c, 1, h, 1, w, 1]),
    [0, upX - 1, 0, 0, 0, upY - 1],
    0,
  ]) as Tensor;
  const padded = pad(stuffed.reshape([n * c, 1, h * upY, w * upX]), padding);
  const filtered = conv2d(padded, kernel.flip([0, 1]).reshape([1, 1, kh, kw]));
  const sampled = filtered.slice(2, 0, null, down[1]).slice(3, 0, null, down[0]);
  return sampled.reshape([n, c, sampled.shape[2] ?? 0, sampled.shape[3] ?? 0]);
}

/**
 * The taps of "transposed 3-tap convolution of stride 2, then the filter with gain 2" along one axis, split by output phase:
 * `[phase 2][tap 3][k 3]`. Output 2q + phase reads inputs q − 1, q, q + 1.
 */
const UP_TAPS: readonly (readonly (readonly number[])[])[] = [0, 1].map((phase) =>
  [-1, 0, 1].map((offset) =>
    [0, 1, 2].map(
      (k) => 2 * RESAMPLE_FILTER.reduce((sum, f, m) => sum + (phase - k - 1 + m === 2 * offset ? f : 0), 0),
    ),
  ),
);
/** The taps of "the filter, then a 3-tap convolution" along one axis: `[tap 6][k 3]`. */
const DOWN_TAPS: readonly (readonly number[])[] = Array.from({ length: 6 }, (_, tap) =>
  [0, 1, 2].map((k) => RESAMPLE_FILTER[tap - k] ?? 0),
);

/** `[9, 36]`: a 3×3 kernel to its four 3×3 phase kernels, phases and taps row-major. */
const UP_MATRIX = [0, 1, 2].flatMap((ky) =>
  [0, 1, 2].flatMap((kx) =>
    UP_TAPS.flatMap((tapsY) =>
      UP_TAPS.flatMap((tapsX) => tapsY.flatMap((ty) => tapsX.map((tx) => (ty[ky] ?? 0) * (tx[kx] ?? 0)))),
    ),
  ),
);
/** `[9, 36]`: a 3×3 kernel to the 6×6 kernel of filter and convolution together. */
const DOWN_MATRIX = [0, 1, 2].flatMap((ky) =>
  [0, 1, 2].flatMap((kx) => DOWN_TAPS.flatMap((ty) => DOWN_TAPS.map((tx) => (ty[ky] ?? 0) * (tx[kx] ?? 0)))),
);

const composite = (weight: Tensor, matrix: readonly number[]): Tensor => {
  const [out = 0, into = 0] = weight.shape;
  return weight.reshape([out * into, 9]).matmul(constant(matrix, [9, 36], weight));
};

/**
 * Doubles height and width: transposed 3×3 convolution of stride 2, then the filter with gain 4.
 * @param x `[n,c,h,w]`. @param weight `[o,c,3,3]`. @returns `[n,o,2h,2w]`.
 */
export function convUp2(x: Tensor, weight: Tensor): Tensor {
  const [out = 0, into = 0] = weight.shape;
  const kernels = kernelsFor(x);
  if (kernels === null) return convUp2Folded(x, weight);
  if (kernels === "by-element") return filterShrink(convolveUp(x, weight));
  return foldUp(convolve(x, weight.permute([2, 3, 0, 1]).reshape([9 * out, into, 1, 1])));
}

/** {@link convUp2} as one 3×3 convolution to four phases. */
export function convUp2Folded(x: Tensor, weight: Tensor): Tensor {
  const [out = 0, into = 0] = weight.shape;
  const phases = composite(weight, UP_MATRIX)
    .reshape([out, into, 4, 9])
    .transpose(1, 2)
    .reshape([out * 4, into, 3, 3]);
  return callOp("aten::pixel_shuffle", "", [convolveMap(x, phases, { padding: 1 }), 2]) as Tensor;
}

/**
 * Halves height and width: the filter, then a 3×3 convolution of stride 2.
 * @param x `[n,c,h,w]`. @param weight `[o,c,3,3]`. @returns `[n,o,h/2,w/2]`.
 */
export function convDown2(x: Tensor, weight: Tensor): Tensor {
  const [out = 0, into = 0] = weight.shape;
  const kernels = kernelsFor(x);
  if (kernels === null) return convDown2Folded(x, weight);
  if (kernels === "by-element") return convolveDown(filterGrow(x), weight);
  return convolve(unfoldDown(x), weight.permute([0, 2, 3, 1]).reshape([out, 9 * into, 1, 1]));
}

/** {@link convDown2} as one 6×6 convolution. */
export function convDown2Folded(x: Tensor, weight: Tensor): Tensor {
  const [out = 0, into = 0] = weight.shape;
  const kernel = composite(weight, DOWN_MATRIX).reshape([out, into, 6, 6]);
  return convolveMap(x, kernel, { stride: 2, padding: 2 });
}

/** Halves height and width: the filter, then a 1×1 convolution of stride 2. x `[n,c,h,w]`, weight `[o,c,1,1]` → `[n,o,h/2,w/2]`. */
export function pointwiseDown2(x: Tensor, weight: Tensor): Tensor {
  return kernelsFor(x) ? convolve(filterDown(x), weight) : pointwiseDown2Folded(x, weight);
}

/** {@link pointwiseDown2} as one 4×4 convolution. */
export function pointwiseDown2Folded(x: Tensor, weight: Tensor): Tensor {
  const [out = 0, into = 0] = weight.shape;
  const kernel = weight.reshape([out * into, 1]).matmul(constant(FILTER_2D, [1, 16], weight));
  return convolveMap(x, kernel.reshape([out, into, 4, 4]), { stride: 2, padding: 1 });
}

/** `[4,1,3,3]`: the filter with gain 4 as four phase kernels, for {@link upsample2}. */
const PHASE_TAPS = [
  [RESAMPLE_FILTER[0], RESAMPLE_FILTER[2], 0],
  [0, RESAMPLE_FILTER[1], RESAMPLE_FILTER[3]],
].map((taps) => taps.map((tap) => 2 * (tap ?? 0)));
const UPSAMPLE_KERNELS = PHASE_TAPS.flatMap((ty) =>
  PHASE_TAPS.flatMap((tx) => ty.flatMap((a) => tx.map((b) => a * b))),
);

/** Doubles height and width of images with the filter. x `[n,c,h,w]` → `[n,c,2h,2w]`. */
export const upsample2 = (x: Tensor): Tensor => (kernelsFor(x) ? filterUp(x) : upsample2Folded(x));

/** {@link upsample2} as one convolution to four phases. */
export function upsample2Folded(x: Tensor): Tensor {
  const [n = 0, c = 0, h = 0, w = 0] = x.shape;
  const phases = convolveMap(x.reshape([n * c, 1, h, w]), constant(UPSAMPLE_KERNELS, [4, 1, 3, 3], x), { padding: 1 });
  return (callOp("aten::pixel_shuffle", "", [phases, 2]) as Tensor).reshape([n, c, 2 * h, 2 * w]);
}
