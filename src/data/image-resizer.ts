// Bringing images to another pixel size, so that cells have the size that an encoder was trained on.
import { type Coverage, coverage } from "./area-downsample.ts";
import type { Pixels } from "./shards.ts";

/**
 * How many pixels a side of `lengthPx` has after resizing by `factor`: those that fit whole, so that the pixel size is exact.
 * @example
 * ```ts
 * import { resizedLength } from "gan-dl/data";
 * console.assert(resizedLength(1024, 0.5) === 512 && resizedLength(65, 0.5) === 32 && resizedLength(64, 2) === 128);
 * ```
 */
export const resizedLength = (lengthPx: number, factor: number): number => Math.floor(lengthPx * factor + 1e-6);

/**
 * Resizes planes of one size by one factor, in float32, without rounding to grey levels.
 *
 * Below 1, each new pixel is the mean of the area it covers: what a coarser camera would have measured. Above 1, it is interpolated
 * linearly between pixel centres, borders repeated. New pixel i covers exactly [i, i + 1] / factor of the old: what is left over at the
 * right and bottom, less than one new pixel, is cut.
 * @example
 * ```ts
 * import { ImageResizer } from "gan-dl/data";
 * const half = new ImageResizer(2, 4, 0.5);
 * const out = new Float32Array(half.heightPx * half.widthPx);
 * half.resize(Uint8Array.of(0, 2, 10, 20, 4, 6, 30, 41), out);
 * console.assert(out.join() === "3,25.25");
 * ```
 */
export class ImageResizer {
  /** Of the planes that come out. */
  readonly heightPx: number;
  readonly widthPx: number;
  readonly #fromWidthPx: number;
  readonly #rows: Coverage;
  readonly #columns: Coverage;
  readonly #line: Float64Array;

  /** @throws RangeError unless `factor` is a positive number that leaves at least one pixel. */
  constructor(heightPx: number, widthPx: number, factor: number) {
    this.heightPx = resizedLength(heightPx, factor);
    this.widthPx = resizedLength(widthPx, factor);
    if (!(this.heightPx >= 1 && this.widthPx >= 1 && Number.isFinite(factor)))
      throw new RangeError(`${heightPx} × ${widthPx} px resized by ${factor}`);
    const along = factor < 1 ? areaAlong : linearAlong;
    this.#rows = along(heightPx, this.heightPx, factor);
    this.#columns = along(widthPx, this.widthPx, factor);
    this.#fromWidthPx = widthPx;
    this.#line = new Float64Array(widthPx);
  }

  /** @param plane `[h,w]`, borrowed. @param out memory for `[heightPx, widthPx]`, overwritten from its start. */
  resize(plane: Pixels | Float32Array, out: Float32Array): void {
    const columns = this.#columns;
    const line = this.#line; // one new row before its columns are joined
    for (let y = 0; y < this.heightPx; y++) {
      this.#joinRows(plane, y);
      for (let x = 0; x < this.widthPx; x++) {
        let sum = 0;
        for (let k = columns.start[x]!; k < columns.start[x + 1]!; k++)
          sum += columns.weight[k]! * line[columns.index[k]!]!;
        out[y * this.widthPx + x] = sum;
      }
    }
  }

  #joinRows(plane: Pixels | Float32Array, y: number): void {
    const rows = this.#rows;
    const line = this.#line.fill(0);
    for (let k = rows.start[y]!; k < rows.start[y + 1]!; k++) {
      const weight = rows.weight[k]!;
      const offset = rows.index[k]! * this.#fromWidthPx;
      for (let x = 0; x < line.length; x++) line[x]! += weight * plane[offset + x]!;
    }
  }
}

const areaAlong = (lengthPx: number, outPx: number, factor: number): Coverage => coverage(lengthPx, outPx, 1 / factor);

/** Between the two nearest pixel centres. */
function linearAlong(lengthPx: number, outPx: number, factor: number): Coverage {
  const start = Int32Array.from({ length: outPx + 1 }, (_, i) => 2 * i);
  const index = new Int32Array(2 * outPx);
  const weight = new Float64Array(2 * outPx);
  for (let i = 0; i < outPx; i++) {
    const at = (i + 0.5) / factor - 0.5;
    const low = Math.floor(at);
    index.set([Math.max(0, low), Math.min(lengthPx - 1, low + 1)], 2 * i);
    weight.set([1 - (at - low), at - low], 2 * i);
  }
  return { start, index, weight };
}
