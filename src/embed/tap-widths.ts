// How many features each layer gives.
import { channelsAt, resolutionsOf } from "../models/index.ts";
import type { StyleGan2Shape, Tap } from "../schema/index.ts";

const LAST_PX = 4;

/**
 * Returns how many features an image has at each layer of a discriminator of this shape.
 *
 * The names are those of the full-size network: `fc512` has 512 features only where `channelMax` is 512 or more.
 * @example
 * ```ts
 * import { tapWidths } from "gan-dl/embed";
 * const widths = tapWidths({ kind: "stylegan2", resolutionPx: 256, imageChannels: 5, latentDim: 512, styleDim: 512, mappingLayers: 3,
 *   channelBase: 16384, channelMax: 512, minibatchStdGroup: 4 });
 * console.assert(widths.fc512 === 512 && widths.conv4_flat === 8192 && widths.blocks_gap === 128 + 256 + 4 * 512);
 * ```
 */
export function tapWidths(model: StyleGan2Shape): Record<Tap, number> {
  const last = channelsAt(model, LAST_PX);
  const afterBlocks = resolutionsOf(model).slice(0, -1); // 4 … half the image's resolution
  const blocks = afterBlocks.reduce((sum, resolution) => sum + channelsAt(model, resolution), 0);
  return {
    fc512: last,
    conv4_flat: last * LAST_PX ** 2,
    conv4_gap: last,
    blocks_gap: blocks,
    blocks_gap_std: 2 * blocks,
    logit: Math.max(1, model.nClasses ?? 0), // the score under each label, where there are any
  };
}
