// The arithmetic that training StyleGAN2 needs, counted from the networks' sizes: what a floor is made of.
//
// Counted are the products: convolutions and dense layers, at the least that computes them (a convolution that doubles or halves
// its map has nine taps an input or output pixel). Filters, activations, noise and the optimiser are not: they are bytes, not arithmetic.
import { channelsAt, resolutionsOf } from "gan-dl/models";
import type { StyleGan2Shape } from "gan-dl/schema";

/** Floating-point operations of a convolution, an addition and a multiplication being two; `positions` where all taps are read. */
export const convolutionFlop = (into: number, out: number, taps: number, positions: number): number =>
  2 * into * out * taps * positions;

/** Floating-point operations of one image's forward pass, by how later passes treat the layer. */
export interface ForwardFlop {
  readonly mapping: number;
  /** Convolutions to features and to images, and the layers from styles to their factors. */
  readonly synthesis: number;
  /** The discriminator's 1×1 convolution on the image. */
  readonly stem: number;
  readonly blocks: number;
  /** What comes after the minibatch statistic. */
  readonly epilogue: number;
}

/** One image's forward pass through both networks, with one latent. */
export function forwardFlop(shape: StyleGan2Shape): ForwardFlop {
  const { styleDim, latentDim, imageChannels, resolutionPx, mappingLayers } = shape;
  const layer = (into: number, out: number) => convolutionFlop(into, out, 1, 1);
  const mapping = layer(latentDim, styleDim) + (mappingLayers - 1) * layer(styleDim, styleDim);
  let synthesis = 0;
  let blocks = 0;
  for (const side of resolutionsOf(shape)) {
    const [into, out] = [channelsAt(shape, side / 2), channelsAt(shape, side)];
    const doubled = side === 4 ? 0 : convolutionFlop(into, out, 9, (side / 2) ** 2) + layer(styleDim, into);
    synthesis += doubled + convolutionFlop(out, out, 9, side ** 2) + layer(styleDim, out);
    synthesis += convolutionFlop(out, imageChannels, 1, side ** 2) + layer(styleDim, out);
    // The discriminator's block goes the other way, from `out` channels to `into`.
    const halved = convolutionFlop(out, into, 9, (side / 2) ** 2) + convolutionFlop(out, into, 1, (side / 2) ** 2);
    if (side > 4) blocks += convolutionFlop(out, out, 9, side ** 2) + halved;
  }
  const last = channelsAt(shape, 4);
  return {
    ...{ mapping, synthesis, blocks },
    stem: convolutionFlop(imageChannels, channelsAt(shape, resolutionPx), 1, resolutionPx ** 2),
    epilogue: convolutionFlop(last + 1, last, 9, 16) + layer(16 * last, last) + layer(last, 1),
  };
}

/** The phases of an iteration. */
export const PHASES = ["generator", "path-length", "discriminator", "r1"] as const;
export type Phase = (typeof PHASES)[number];

/**
 * Floating-point operations of each phase for one image that goes through it.
 *
 * A forward pass is one unit; a backward pass is one for the data and one for the weights, each where something needs it.
 * A penalty on slopes is a forward pass, a backward pass for the data, the derivative of that (data and weights), and what that
 * sends through the forward pass (data and weights): in the generator by way of the styles, which multiply; in the discriminator by
 * way of the minibatch statistic, the only bend in it, so that the layers after it are spared.
 */
export function phaseFlop(shape: StyleGan2Shape): Record<Phase, number> {
  const { mapping, synthesis, stem, blocks, epilogue } = forwardFlop(shape);
  const bends = shape.minibatchStdGroup > 1 ? 2 : 0;
  return {
    // Gradients go through the discriminator to the image, and stop at the latents; its weights need none.
    generator: 2 * mapping + 3 * synthesis + 2 * (stem + blocks + epilogue),
    "path-length": 2 * mapping + 6 * synthesis,
    // A generated image without gradients; a real and a generated one through the discriminator, whose images need none.
    discriminator: mapping + synthesis + 2 * (2 * stem + 3 * (blocks + epilogue)),
    r1: (4 + bends / 2) * stem + (4 + bends) * blocks + 4 * epilogue,
  };
}

/** How often the penalties come, and on which part of a batch. */
export interface LazySchedule {
  readonly pathLengthEvery: number;
  readonly pathLengthBatchDivisor: number;
  readonly r1Every: number;
}

/** Floating-point operations of a whole iteration for one image of the batch, averaged over the lazy penalties' period. */
export function iterationFlop(shape: StyleGan2Shape, schedule: LazySchedule): number {
  const flop = phaseFlop(shape);
  const pathLength = flop["path-length"] / schedule.pathLengthEvery / schedule.pathLengthBatchDivisor;
  return flop.generator + flop.discriminator + pathLength + flop.r1 / schedule.r1Every;
}
