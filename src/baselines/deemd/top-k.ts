// The multiple-instance rules of DEEMD (docs/methods.md §4): an image is as infected as its most infected patches.
import { median } from "../../math/index.ts";

/**
 * Positions of the `k` largest scores, largest first; of equals the earlier one. All of them where there are fewer.
 * @example
 * ```ts
 * import { topK } from "gan-dl/baselines";
 * console.assert(topK([0.1, 0.9, 0.5, 0.9], 3).join() === "1,3,2");
 * ```
 */
export function topK(scores: ArrayLike<number>, k: number): number[] {
  return Array.from({ length: scores.length }, (_, i) => i)
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, k);
}

/** An image's score: the median of its k most infected-looking patches. */
export const imageScore = (patchScores: ArrayLike<number>, k: number): number =>
  median(topK(patchScores, k).map((i) => patchScores[i]!));

/** Validation's rule: an image is called infected when even its k-th most infected patch is, at ½. */
export function isCalledInfected(patchScores: ArrayLike<number>, k: number): boolean {
  const last = topK(patchScores, k).at(-1);
  return last !== undefined && patchScores[last]! >= 0.5;
}

/** What validation chooses weights by: 1 − (false positive rate + false negative rate) / 2; a class without images has no false ones. */
export function validationScore(called: readonly boolean[], labels: ArrayLike<number>): number {
  let [positives, falseNegatives, falsePositives] = [0, 0, 0];
  called.forEach((isInfected, i) => {
    if (labels[i] === 1) positives++;
    if (labels[i] === 1 && !isInfected) falseNegatives++;
    if (labels[i] !== 1 && isInfected) falsePositives++;
  });
  const negatives = called.length - positives;
  return 1 - (falsePositives / Math.max(1, negatives) + falseNegatives / Math.max(1, positives)) / 2;
}
