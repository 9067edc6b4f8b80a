// How evenly images change with the latent: the mean squared step in features for a tiny step in the latent.
import { expectFiniteRows, expectSameWidth, type FeatureRows } from "./dot-products.ts";
import { tooFewRows } from "./errors.ts";

/** Steps outside these percentiles are left out. */
const TRIM = { low: 0.01, high: 0.99 } as const;

/**
 * The mean of ‖f(a) − f(b)‖² / ε² over pairs of rows, after the smallest and largest 1 % are left out.
 *
 * Source: Karras et al., A Style-Based Generator Architecture (CVPR 2019), eq. 2–3, trimmed as in that paper's code; the
 * features are the caller's, so values of different features cannot be compared.
 * @param a row i of it and row i of `b` are features of images whose latents are `epsilon` apart.
 * @throws GanDlError `feature-widths-differ`, `not-finite`, `too-few-rows` without a pair.
 * @example
 * ```ts
 * import { perceptualPathLength } from "gan-dl/math";
 * const rows = (...x: number[]) => ({ data: Float64Array.from(x), n: x.length, d: 1 });
 * console.assert(perceptualPathLength(rows(0, 5, 7), rows(0.25, 5.25, 7.25), 0.125) === 4);
 * ```
 */
export function perceptualPathLength(a: FeatureRows, b: FeatureRows, epsilon: number): number {
  expectSameWidth(a, b);
  if (a.n !== b.n) throw new RangeError(`pairs of ${a.n} and ${b.n} rows`);
  if (a.n === 0) throw tooFewRows("a path length", 0, 1);
  expectFiniteRows(a, "a row of image features");
  expectFiniteRows(b, "a row of image features");
  const lengths = new Float64Array(a.n);
  for (let i = 0; i < a.n; i++) {
    for (let j = 0; j < a.d; j++) lengths[i]! += ((a.data[i * a.d + j]! - b.data[i * a.d + j]!) / epsilon) ** 2;
  }
  lengths.sort();
  const low = lengths[Math.floor(TRIM.low * (a.n - 1))]!;
  const high = lengths[Math.ceil(TRIM.high * (a.n - 1))]!;
  const kept = lengths.filter((length) => length >= low && length <= high);
  return kept.reduce((sum, length) => sum + length, 0) / kept.length;
}
