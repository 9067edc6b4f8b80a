// Cutting images into the squares that an encoder was trained on.
import { imagesTooSmall } from "./errors.ts";
import { allocatePixels, type Pixels } from "./shards.ts";
import { tileOrigins } from "./tile-origins.ts";

/** Tiles of one image. */
export interface Tiles<P extends Pixels> {
  /** `[n,c,tilePx,tilePx]`, row by row; new memory, owned by the caller. */
  readonly data: P;
  readonly n: number;
}

/**
 * Cuts one image into all its tiles, from the top left, row by row.
 * @param image `[c,h,w]`, borrowed. @param shape `[c,h,w]`.
 * @throws GanDlError `images-too-small`.
 * @example
 * ```ts
 * import { tiles } from "gan-dl/data";
 * const { data, n } = tiles(Uint8Array.of(1, 2, 3, 4, 5, 6), [1, 2, 3], 2, 2);
 * console.assert(n === 2 && data.join() === "1,2,4,5,2,3,5,6");
 * ```
 */
export function tiles<P extends Pixels>(
  image: P,
  shape: readonly [c: number, h: number, w: number],
  tilePx: number,
  stridePx: number,
): Tiles<P> {
  const [c, h, w] = shape;
  if (Math.min(h, w) < tilePx) throw imagesTooSmall(h, w, tilePx);
  const rows = tileOrigins(h, tilePx, stridePx);
  const columns = tileOrigins(w, tilePx, stridePx);
  const n = rows.length * columns.length;
  const dtype = image instanceof Uint8Array ? "uint8" : "uint16";
  const data = allocatePixels(dtype, n * c * tilePx * tilePx) as P;
  let at = 0;
  for (const top of rows) {
    for (const left of columns) {
      for (let k = 0; k < c; k++) {
        for (let y = top; y < top + tilePx; y++, at += tilePx) {
          const from = (k * h + y) * w + left;
          data.set(image.subarray(from, from + tilePx), at);
        }
      }
    }
  }
  return { data, n };
}
