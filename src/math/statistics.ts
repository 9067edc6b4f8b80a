// Plain statistics of a list of numbers. Empty lists give NaN, as an average of nothing is nothing.

/** Makes the median absolute deviation estimate σ for Gaussian data: 1 / Φ⁻¹(¾). */
const MAD_TO_SIGMA = 1.482602218505602;

/** The arithmetic mean; NaN of an empty list. */
export function mean(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]!;
  return sum / x.length;
}

/**
 * The standard deviation around the mean, in the unit of `x`.
 * @param ddof 1 for a sample (the default), 0 for a whole population. NaN when no more than `ddof` values are given.
 */
export function standardDeviation(x: ArrayLike<number>, ddof: 0 | 1 = 1): number {
  if (x.length <= ddof) return Number.NaN;
  const centre = mean(x);
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! - centre) ** 2; // two passes: no cancellation
  return Math.sqrt(sum / (x.length - ddof));
}

/**
 * The quantile of `x`, linear between order statistics (Hyndman & Fan type 7, NumPy's default).
 * @param probability 0–1.
 * @returns NaN of an empty list. `x` is not changed.
 * @example
 * ```ts
 * import { quantile } from "gan-dl/math";
 * console.assert(quantile([4, 1, 3, 2], 0.5) === 2.5);
 * ```
 */
export function quantile(x: ArrayLike<number>, probability: number): number {
  return sortedQuantile(Float64Array.from(x).sort(), probability);
}

/** {@link quantile} of values already in rising order, without a copy. */
export function sortedQuantile(sorted: ArrayLike<number>, probability: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = Math.min(1, Math.max(0, probability)) * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  const value = low + (position - below) * (high - low);
  return value > high ? high : value; // rounding must not lift one quantile above the next
}

/** The middle value; NaN of an empty list. */
export function median(x: ArrayLike<number>): number {
  return quantile(x, 0.5);
}

/**
 * The median absolute deviation from the median, times 1.4826 so that it estimates σ for Gaussian data.
 * @returns 0 when more than half of the values are equal.
 */
export function robustSpread(x: ArrayLike<number>): number {
  const centre = median(x);
  return MAD_TO_SIGMA * median(Float64Array.from(x, (v) => Math.abs(v - centre)));
}

/** Spearman's rank correlation (ties share their mean rank); NaN when one side does not vary. */
export function rankCorrelation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return correlation(ranks(x), ranks(y));
}

/**
 * Kendall's rank correlation τ-b: pairs in the same order less pairs in opposite orders, over pairs tied on neither side.
 *
 * Every pair is looked at, so a thousand values take milliseconds and a million would not end.
 * @returns NaN when one side does not vary. Source: Kendall, The Treatment of Ties in Ranking Problems (Biometrika 1945).
 * @example
 * ```ts
 * import { kendallTau } from "gan-dl/math";
 * console.assert(kendallTau([1, 2, 3], [1, 3, 2]) === 1 / 3);
 * ```
 */
export function kendallTau(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let [agree, untiedX, untiedY] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++) {
      const dx = Math.sign(x[i]! - x[j]!);
      const dy = Math.sign(y[i]! - y[j]!);
      agree += dx * dy;
      untiedX += dx * dx;
      untiedY += dy * dy;
    }
  }
  return agree / Math.sqrt(untiedX * untiedY);
}

/** Ranks from 1, ties sharing their mean rank; new array. */
export function ranks(x: ArrayLike<number>): Float64Array {
  const order = Array.from(x, (_, i) => i).sort((a, b) => x[a]! - x[b]!);
  const out = new Float64Array(x.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && x[order[end]!] === x[order[start]!]) end++;
    for (let i = start; i < end; i++) out[order[i]!] = (start + end + 1) / 2;
    start = end;
  }
  return out;
}

function correlation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const mx = mean(x);
  const my = mean(y);
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < x.length; i++) {
    xy += (x[i]! - mx) * (y[i]! - my);
    xx += (x[i]! - mx) ** 2;
    yy += (y[i]! - my) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}
