// The sizes that follow from a StyleGAN2 configuration, and the checks on it.
import { GanDlError } from "../core/errors.ts";
import type { StyleGan2Shape } from "../schema/index.ts";

/** Channels of the feature maps at a resolution: min(channelBase / r, channelMax). */
export const channelsAt = (shape: StyleGan2Shape, resolutionPx: number): number =>
  Math.max(1, Math.min(Math.floor(shape.channelBase / resolutionPx), shape.channelMax));

/** 4, 8, … up to the image's resolution. */
export const resolutionsOf = (shape: StyleGan2Shape): number[] =>
  Array.from({ length: Math.log2(shape.resolutionPx) - 1 }, (_, i) => 4 * 2 ** i);

/** Number of styles that the synthesis network reads: 2 · log₂(resolution) − 2. */
export const numWsOf = (shape: StyleGan2Shape): number => 2 * Math.log2(shape.resolutionPx) - 2;

/** @throws GanDlError `bad-model-shape` when the resolution is no power of two from 16 on. */
export function checkShape(shape: StyleGan2Shape): void {
  if (shape.resolutionPx >= 16 && Number.isInteger(Math.log2(shape.resolutionPx))) return;
  throw new GanDlError("bad-model-shape", {
    what: `StyleGAN2 cannot have a resolution of ${shape.resolutionPx} px.`,
    why: "each block doubles the resolution, starting at 4, so it must be a power of two, 16 or more.",
    fix: "choose 16, 32, 64, 128, 256, 512 or 1024.",
  });
}
