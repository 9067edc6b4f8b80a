// Modulated convolution (Karras et al. 2020, §2.2): weights scaled by a style over their inputs, each filter then normalised.
import { conv2d, type Tensor } from "../tensor/index.ts";
import { convDown2, convUp2 } from "./resample.ts";

const DEMODULATION_EPSILON = 1e-8;

export interface ModulatedConvOptions {
  /** Normalises each output filter to unit length. @default true */
  readonly demodulate?: boolean;
  /** Doubles (up) or halves (down) height and width, filtered. @default "same" */
  readonly resample?: "same" | "up" | "down";
  /** An extra factor on the output, folded in where it is free. @default 1 */
  readonly gain?: number;
}

/**
 * The same numbers as convolving each image with its own weights, by scaling activations before and after one shared convolution:
 * `conv(x · s, w) · d`, where d = (Σ (w · s)² + ε)^(−½) per image and output.
 * @param x `[n,c,h,w]`. @param weight `[o,c,k,k]`, already scaled. @param style `[n,c]`.
 * @returns `[n,o,h',w']`; differentiable any number of times.
 * @example
 * ```ts
 * import { modulatedConv } from "gan-dl/nn";
 * import { ones } from "gan-dl/tensor";
 * const y = modulatedConv(ones([2, 3, 8, 8]), ones([4, 3, 3, 3]), ones([2, 3]), { resample: "up" });
 * console.assert(y.shape.join() === "2,4,16,16");
 * ```
 */
export function modulatedConv(
  x: Tensor,
  weight: Tensor,
  style: Tensor,
  { demodulate = true, resample = "same", gain = 1 }: ModulatedConvOptions = {},
): Tensor {
  const [n = 0, c = 0] = style.shape;
  const modulated = x.mul(style.reshape([n, c, 1, 1]));
  const y = convolve(modulated, weight, resample);
  if (!demodulate) return gain === 1 ? y : y.mul(gain);
  const power = weight.square().sum([2, 3]); // [o,c]
  const norm = style.square().matmul(power.transpose(0, 1)).add(DEMODULATION_EPSILON).rsqrt(); // [n,o]
  return y.mul((gain === 1 ? norm : norm.mul(gain)).reshape([n, -1, 1, 1]));
}

function convolve(x: Tensor, weight: Tensor, resample: "same" | "up" | "down"): Tensor {
  if (resample === "up") return convUp2(x, weight);
  if (resample === "down") return convDown2(x, weight);
  return conv2d(x, weight, { padding: ((weight.shape[2] ?? 1) - 1) / 2 });
}
