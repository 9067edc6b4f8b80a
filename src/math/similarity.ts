// How alike rows are, all against all or some against others.
import { multiplyRows } from "./row-products.ts";
import { ranks } from "./statistics.ts";

/** `cosine` of the rows as they are, `pearson` after taking off each row's mean, `spearman` of its ranks. */
export type SimilarityKind = "cosine" | "pearson" | "spearman";

/**
 * Rows brought to length 1 (after centring or ranking), so that their dot products are similarities; new array, a row of zeros stays.
 * @param rows which rows of the row-major `[n,f]` features, in this order; all when left out.
 */
export function unitRows(
  features: Float32Array | Float64Array,
  f: number,
  kind: SimilarityKind,
  rows?: ArrayLike<number>,
): Float64Array {
  const n = rows?.length ?? features.length / f;
  const out = new Float64Array(n * f);
  for (let i = 0; i < n; i++) {
    const from = (rows ? rows[i]! : i) * f;
    const own = out.subarray(i * f, i * f + f);
    own.set(features.subarray(from, from + f));
    if (kind === "spearman") own.set(ranks(own));
    const centre = kind === "cosine" ? 0 : own.reduce((sum, v) => sum + v, 0) / f;
    let square = 0;
    for (let j = 0; j < f; j++) {
      own[j]! -= centre;
      square += own[j]! ** 2;
    }
    const length = Math.sqrt(square);
    if (length > 0) for (let j = 0; j < f; j++) own[j]! /= length;
  }
  return out;
}

/**
 * Similarities of rows to others in blocks: calls `use(i, similarities)` for each of `a`, with the similarities to all of `b`.
 *
 * The array is overwritten by the next call; copy what is kept.
 * @param a row-major unit rows `[n,f]` of {@link unitRows}.  @param b the same, `[m,f]`.
 */
export function eachSimilarity(
  a: Float64Array,
  b: Float64Array,
  f: number,
  use: (i: number, similarities: Float64Array) => void,
): void {
  const n = f === 0 ? 0 : a.length / f;
  const m = f === 0 ? 0 : b.length / f;
  const block = 32;
  const out = new Float64Array(block * m);
  for (let start = 0; start < n; start += block) {
    const size = Math.min(block, n - start);
    multiplyRows(a.subarray(start * f, (start + size) * f), b, f, out);
    for (let i = 0; i < size; i++) use(start + i, out.subarray(i * m, i * m + m));
  }
}
