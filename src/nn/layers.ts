// Layers in equalised-learning-rate form: weights are stored ∼ N(0, 1) and scaled when used (Karras et al. 2018, §4.1).
// Every activation is a leaky ReLU of slope 0.2 with gain √2; the gain is folded into weight and bias, which is exact because
// the leaky ReLU is positively homogeneous, and saves a pass over the activations.
import { linear, type Tensor } from "../tensor/index.ts";
import { activate, convolve } from "./fused.ts";
import { convDown2, pointwiseDown2 } from "./resample.ts";

export const LEAKY_SLOPE = 0.2;
export const ACTIVATION_GAIN = Math.SQRT2;

/** Number of inputs that one output reads. */
const fanIn = (weight: Tensor): number => weight.shape.slice(1).reduce((product, side) => product * side, 1);

/** A weight as it is used: stored × lrMul × gain / √fan-in. */
export const scaledWeight = (weight: Tensor, gain = 1, lrMul = 1): Tensor =>
  weight.mul((gain * lrMul) / Math.sqrt(fanIn(weight)));

/** leaky ReLU(x + bias) · gain, the definition; layers fold the gain instead. x `[n,c,…]`, bias `[c]`. */
export function biasActivation(x: Tensor, bias: Tensor, gain = ACTIVATION_GAIN): Tensor {
  const shape = x.shape.map((_, axis) => (axis === 1 ? -1 : 1));
  return x.add(bias.reshape(shape)).leakyRelu(LEAKY_SLOPE).mul(gain);
}

export interface EqualisedLinearOptions {
  /** @default 1 */
  readonly lrMul?: number;
  /** Whether the leaky ReLU with its gain follows. @default false */
  readonly activate?: boolean;
}

/** x `[n,in]`, weight `[out,in]`, bias `[out]` → `[n,out]`. */
export function equalisedLinear(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  { lrMul = 1, activate = false }: EqualisedLinearOptions = {},
): Tensor {
  const gain = activate ? ACTIVATION_GAIN : 1;
  const y = linear(x, scaledWeight(weight, gain, lrMul), lrMul * gain === 1 ? bias : bias.mul(lrMul * gain));
  return activate ? y.leakyRelu(LEAKY_SLOPE) : y;
}

export interface EqualisedConvOptions {
  /** Halves height and width, filtered. @default false */
  readonly down?: boolean;
  /** An extra factor on the output. @default 1 */
  readonly gain?: number;
}

/** Convolution, bias, leaky ReLU with gain. x `[n,c,h,w]`, weight `[o,c,k,k]` with k = 1 or 3, bias `[o]` → `[n,o,h',w']`. */
export function equalisedConv(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  { down = false, gain = 1 }: EqualisedConvOptions = {},
): Tensor {
  const total = ACTIVATION_GAIN * gain;
  const kernel = scaledWeight(weight, total);
  const scaledBias = Math.abs(total - 1) < 1e-12 ? bias : bias.mul(total);
  const y = down ? convDown2(x, kernel) : convolve(x, kernel);
  return activate(y, { bias: scaledBias, slope: LEAKY_SLOPE });
}

/** The discriminator's shortcut: filter, 1×1 convolution of stride 2, no bias, no activation. */
export function equalisedSkip(x: Tensor, weight: Tensor, gain: number): Tensor {
  return pointwiseDown2(x, scaledWeight(weight, gain));
}

/**
 * z `[n,z]` over its root mean square (StyleGAN2's normalisation of latents).
 * @example
 * ```ts
 * import { pixelNorm } from "gan-dl/nn";
 * import { fromArray } from "gan-dl/tensor";
 * const z = pixelNorm(fromArray(Float32Array.of(3, -3), [1, 2]));
 * console.assert(z.sub(fromArray(Float32Array.of(1, -1), [1, 2])).abs().amax().item() < 1e-6);
 * ```
 */
export function pixelNorm(z: Tensor): Tensor {
  return z.mul(z.square().mean([1], true).add(1e-8).rsqrt());
}
