// The exact interval of a median: what the sign test says, whatever the distribution.
import { logGamma } from "./distributions.ts";

/** An interval between two order statistics. */
export interface SignTestInterval {
  readonly low: number;
  readonly high: number;
  /** The interval runs from the k-th smallest value to the k-th largest. */
  readonly k: number;
}

/**
 * The confidence interval of the median that inverts the one-sample sign test: from the k-th smallest to the k-th largest value, with the
 * largest k for which 2 · P(Binomial(n, ½) < k) ≤ 1 − coverage. Coverage is at least what is asked for, for any continuous distribution.
 * @param values in any order, borrowed; finite.
 * @returns null where no interval reaches the coverage: at 95 % for five values or fewer, since 2 / 2⁵ = 0.0625.
 * Source: Conover, Practical Nonparametric Statistics (1999), §3.2.
 * @example
 * ```ts
 * import { signTestInterval } from "gan-dl/math";
 * const interval = signTestInterval([5, 1, 4, 2, 9, 8, 7, 6, 3]); // nine values: k = 2
 * console.assert(interval?.low === 2 && interval.high === 8);
 * console.assert(signTestInterval([1, 2, 3, 4, 5]) === null);
 * ```
 */
export function signTestInterval(values: ArrayLike<number>, coverage = 0.95): SignTestInterval | null {
  const n = values.length;
  const k = signTestRank(n, coverage);
  if (k === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return { low: sorted[k - 1]!, high: sorted[n - k]!, k };
}

/** The k of {@link signTestInterval} for n values; 0 where there is none. */
export function signTestRank(n: number, coverage = 0.95): number {
  const outside = (1 - coverage) * (1 + 1e-12); // 1 − 0.95 is a little above 0.05, 1 − 0.9375 a little off 2/2⁵
  const logTotal = n * Math.LN2;
  let cumulative = 0;
  for (let k = 1; k <= n / 2; k++) {
    const logWays = logGamma(n + 1) - logGamma(k) - logGamma(n - k + 2); // n over k − 1
    cumulative += Math.exp(logWays - logTotal);
    if (2 * cumulative > outside) return k - 1;
  }
  return Math.floor(n / 2);
}
