// The side of the square that a network sees.
import type { DatasetManifest } from "../../schema/index.ts";
import { imagesBelow16 } from "./errors.ts";

/** Sides that the networks can have: each block halves the picture, down to 4 px. */
export const SIDES = [16, 32, 64, 128, 256, 512, 1024] as const;
/** Without a wish: one cell with its surroundings, what two cores train at tens of images a second, as the preset `tiny`. */
const LARGEST_AUTO_PX = 64;

export const RESOLUTION_TOLD =
  "side of the network's square; null: the largest power of two that the images hold, 64 at most. Larger images are cut into squares whose rows are averaged";

/** @param wanted null for the largest that fits. @throws GanDlError `images-too-small` below 16 px. */
export function resolutionFor(
  { heightPx, widthPx }: Pick<DatasetManifest, "heightPx" | "widthPx">,
  wanted: number | null,
): number {
  const limit = Math.min(heightPx, widthPx, LARGEST_AUTO_PX);
  const side = wanted ?? SIDES.filter((one) => one <= limit).at(-1) ?? null;
  if (side === null) throw imagesBelow16(heightPx, widthPx);
  return side;
}
