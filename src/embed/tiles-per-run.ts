// How many squares the encoder is given at a time.
import { availableParallelism } from "node:os";
import { channelsAt } from "../models/index.ts";
import type { StyleGan2Shape } from "../schema/index.ts";

/** Feature map a thread, at the image's resolution: what one layer writes is still in the cache when the next reads it (docs/performance.md). */
const MAP_BYTES_PER_THREAD = 2 * 2 ** 20;
/** Some six maps of that size live at once, so a run stays below 2 GB on any machine. */
const MAX_MAP_BYTES = 256 * 2 ** 20;
const MAX_TILES_PER_THREAD = 32;
/** A card wants more at a time to be kept busy; six maps of this size fit the smallest that trains such a network. */
const CARD_MAP_BYTES = 512 * 2 ** 20;
const MAX_TILES_ON_CARD = 1024;

/**
 * Returns how many tiles a network of this shape is best given at a time: enough to keep every thread busy, few enough that memory
 * stays bounded whatever the images' size.
 * @param workers threads that the encoder computes with, or a card. @default all cores
 * @example
 * ```ts
 * import { tilesPerRun } from "gan-dl/embed";
 * const model = { kind: "stylegan2", resolutionPx: 64, imageChannels: 3, latentDim: 64, styleDim: 64, mappingLayers: 2, channelBase: 2048,
 *   channelMax: 64, minibatchStdGroup: 4 } as const;
 * console.assert(tilesPerRun(model, 2) === 8 && tilesPerRun({ ...model, resolutionPx: 256, channelBase: 16384 }, 2) === 1);
 * ```
 */
export function tilesPerRun(model: StyleGan2Shape, workers: number | "card" = availableParallelism()): number {
  const mapBytes = channelsAt(model, model.resolutionPx) * model.resolutionPx ** 2 * Float32Array.BYTES_PER_ELEMENT;
  const bytes = workers === "card" ? CARD_MAP_BYTES : Math.min(MAX_MAP_BYTES, workers * MAP_BYTES_PER_THREAD);
  const most = workers === "card" ? MAX_TILES_ON_CARD : workers * MAX_TILES_PER_THREAD;
  return Math.max(1, Math.min(most, Math.floor(bytes / mapBytes)));
}
