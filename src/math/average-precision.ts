// How high the right answers stand in a ranked list, and how high they would stand by luck.
import type { SeededRandom } from "../core/seeded-random.ts";

/**
 * Average precision: the mean, over the positives, of the precision at their place in the falling order of scores.
 *
 * Equal scores form one step, so that the value does not depend on their order (as scikit-learn's `average_precision_score`).
 * @param scores higher is nearer, `[items]`.  @param positive the right answers, `[items]`.
 * @returns 0–1; NaN without positives, or where a score is not a number and so has no place in the order.
 * @example
 * ```ts
 * import { averagePrecision } from "gan-dl/math";
 * console.assert(Math.abs(averagePrecision([0.9, 0.8, 0.7], [true, false, true]) - 5 / 6) < 1e-15);
 * ```
 */
export function averagePrecision(scores: ArrayLike<number>, positive: ArrayLike<boolean | number>): number {
  for (let i = 0; i < scores.length; i++) if (Number.isNaN(scores[i])) return Number.NaN;
  const order = Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  let found = 0;
  let seen = 0;
  let sum = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let own = 0;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) own += Number(positive[order[end++]!]);
    found += own;
    seen += end - start;
    sum += own * (found / seen);
    start = end;
  }
  return found > 0 ? sum / found : Number.NaN;
}

/**
 * Average precisions of `nPositive` positives placed at random among `nItems`, `[draws]`.
 * @param random decides them; equal states give equal draws.
 */
export function randomAveragePrecisions(
  nPositive: number,
  nItems: number,
  draws: number,
  random: SeededRandom,
): Float64Array {
  const places = Int32Array.from({ length: nItems }, (_, i) => i);
  const chosen = new Int32Array(nPositive);
  return Float64Array.from({ length: draws }, () => {
    for (let k = 0; k < nPositive; k++) {
      const other = k + random.integer(nItems - k);
      const place = places[other]!;
      places[other] = places[k]!;
      places[k] = place;
      chosen[k] = place;
    }
    chosen.sort();
    let sum = 0;
    for (let k = 0; k < nPositive; k++) sum += (k + 1) / (chosen[k]! + 1);
    return sum / nPositive;
  });
}
