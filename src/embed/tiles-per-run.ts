// How many squares the encoder is given at a time.
import { channelsAt } from "../models/index.ts";
import type { StyleGan2Shape } from "../schema/index.ts";

const MAX_TILES = 64;
/** Bytes of the largest feature map of a run. */
const MAP_BYTES = 32 * 1024 * 1024;

/** Tiles a run for a network of this shape. */
export function tilesPerRun(model: StyleGan2Shape): number {
  const mapBytes = channelsAt(model, model.resolutionPx) * model.resolutionPx ** 2 * 4;
  return Math.max(1, Math.min(MAX_TILES, Math.floor(MAP_BYTES / mapBytes)));
}
