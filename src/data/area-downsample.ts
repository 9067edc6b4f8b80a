// Shrinking by averaging areas, exact in whole grey levels: what a coarser camera would have measured.

/**
 * Writes into `out` the plane `source` shrunk to `outHeight` × `outWidth`, each new pixel the mean of the area it covers,
 * rounded to the nearest grey level unless `out` can hold fractions.
 *
 * Where sizes do not divide, border pixels count by the covered fraction. Row and column weights are applied one after
 * the other, in double precision, so a constant plane stays exactly constant.
 * @param source `[height, width]`, borrowed. @param out `[outHeight, outWidth]`, overwritten.
 * @example
 * ```ts
 * import { areaDownsample } from "gan-dl/data";
 * const out = new Uint8Array(2);
 * areaDownsample(Uint8Array.of(0, 2, 10, 20, 4, 6, 30, 40), 2, 4, out, 1, 2);
 * console.assert(out.join() === "3,25");
 * ```
 */
export function areaDownsample(
  source: Uint8Array | Uint16Array | Float64Array,
  height: number,
  width: number,
  out: Uint8Array | Uint16Array | Float64Array,
  outHeight: number,
  outWidth: number,
): void {
  const rows = coverage(height, outHeight);
  const columns = coverage(width, outWidth);
  const isWhole = !(out instanceof Float64Array);
  const line = new Float64Array(width); // one output row before its columns are joined
  for (let y = 0; y < outHeight; y++) {
    line.fill(0);
    for (let k = rows.start[y]!; k < rows.start[y + 1]!; k++) {
      const weight = rows.weight[k]!;
      const offset = rows.index[k]! * width;
      for (let x = 0; x < width; x++) line[x]! += weight * source[offset + x]!;
    }
    for (let x = 0; x < outWidth; x++) {
      let sum = 0;
      for (let k = columns.start[x]!; k < columns.start[x + 1]!; k++)
        sum += columns.weight[k]! * line[columns.index[k]!]!;
      out[y * outWidth + x] = isWhole ? Math.round(sum) : sum;
    }
  }
}

/** What goes into each output pixel along one axis. */
export interface Coverage {
  /** Entries of output i are `start[i] … start[i + 1] - 1`. */
  readonly start: Int32Array;
  readonly index: Int32Array;
  readonly weight: Float64Array;
}

/** Which input pixels each output pixel covers along one axis, with weights that add up to one. @param scale the side of an output pixel. */
export function coverage(length: number, outLength: number, scale = length / outLength): Coverage {
  const start = new Int32Array(outLength + 1);
  const index: number[] = [];
  const weight: number[] = [];
  for (let i = 0; i < outLength; i++) {
    const low = i * scale;
    const high = Math.min(length, (i + 1) * scale);
    for (let j = Math.floor(low); j < Math.min(length, Math.ceil(high)); j++) {
      const covered = Math.min(high, j + 1) - Math.max(low, j);
      if (covered <= 1e-9) continue; // rounding of i × scale, not a real overlap
      index.push(j);
      weight.push(covered / scale);
    }
    start[i + 1] = index.length;
  }
  return { start, index: Int32Array.from(index), weight: Float64Array.from(weight) };
}

/** The size of a `height` × `width` image whose longer side becomes `sidePx`, proportions kept. */
export function fittedSize(height: number, width: number, sidePx: number): { height: number; width: number } {
  const scale = sidePx / Math.max(height, width);
  return { height: Math.max(1, Math.round(height * scale)), width: Math.max(1, Math.round(width * scale)) };
}
