// Where squares lie along a side. Knows nothing of files, so that a browser can cut images as we do.
import { imagesTooSmall } from "./errors.ts";

/**
 * Returns where tiles of `tilePx` begin along a side of `lengthPx`: every `stridePx`, and one last tile flush with the end,
 * so that every pixel is covered when `stridePx <= tilePx`.
 * @throws GanDlError `images-too-small`.
 * @example
 * ```ts
 * import { tileOrigins } from "gan-dl/data";
 * console.assert(tileOrigins(68, 64, 64).join() === "0,4" && tileOrigins(128, 64, 64).join() === "0,64");
 * ```
 */
export function tileOrigins(lengthPx: number, tilePx: number, stridePx: number): number[] {
  if (lengthPx < tilePx) throw imagesTooSmall(lengthPx, lengthPx, tilePx);
  if (!(stridePx >= 1)) throw new RangeError(`a stride of ${stridePx} px`);
  const origins: number[] = [];
  for (let at = 0; at + tilePx < lengthPx; at += stridePx) origins.push(at);
  return [...origins, lengthPx - tilePx];
}
