// Modulated convolution (Karras et al. 2020, §2.2): weights scaled by a style over their inputs, each filter then normalised.
import type { Tensor } from "../tensor/index.ts";
import { activate, convolve, scaleChannels } from "./fused.ts";
import { ACTIVATION_GAIN, LEAKY_SLOPE } from "./layers.ts";
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
  const y = resampled(scaleChannels(x, style), weight, resample);
  if (!demodulate) return gain === 1 ? y : y.mul(gain);
  const norm = demodulationOf(weight, style);
  return scaleChannels(y, gain === 1 ? norm : norm.mul(gain));
}

/** What follows a demodulated convolution in one layer. */
export interface StyledConvOptions {
  /** Doubles height and width first. @default false */
  readonly up?: boolean;
  /** `[o]`. */
  readonly bias: Tensor;
  /** Shared by all channels, times its learned strength; null for none. */
  readonly noise: { readonly map: Tensor; readonly strength: Tensor } | null;
}

/**
 * A whole layer of the synthesis network: modulated convolution, noise, bias, leaky ReLU with its gain √2 (folded, which is exact).
 * x `[n,c,h,w]`, weight `[o,c,3,3]` already scaled, style `[n,c]` → `[n,o,h',w']`.
 */
export function styledConv(
  x: Tensor,
  weight: Tensor,
  style: Tensor,
  { up = false, bias, noise }: StyledConvOptions,
): Tensor {
  const y = resampled(scaleChannels(x, style), weight, up ? "up" : "same");
  return activate(y, {
    demodulation: demodulationOf(weight, style).mul(ACTIVATION_GAIN),
    bias: bias.mul(ACTIVATION_GAIN),
    slope: LEAKY_SLOPE,
    noise: noise && { map: noise.map, strength: noise.strength.mul(ACTIVATION_GAIN) },
  });
}

/** (Σ (w · s)² + ε)^(−½), `[n,o]`. */
function demodulationOf(weight: Tensor, style: Tensor): Tensor {
  const power = weight.square().sum([2, 3]); // [o,c]
  return style.square().matmul(power.transpose(0, 1)).add(DEMODULATION_EPSILON).rsqrt();
}

function resampled(x: Tensor, weight: Tensor, resample: "same" | "up" | "down"): Tensor {
  if (resample === "up") return convUp2(x, weight);
  if (resample === "down") return convDown2(x, weight);
  return convolve(x, weight);
}
