// How well a score or a decision separates two classes.

/** Rows in rising order of score with their tie groups, so that an AUC can be taken again with other weights in O(n). */
export interface RankedScores {
  /** Row indices, rising score. */
  readonly order: Int32Array;
  /** 1 where the row at this place of `order` scores more than the one before it. */
  readonly startsGroup: Uint8Array;
  readonly positive: Uint8Array;
}

/** Sorts once what {@link weightedAuc} needs. `positive[i]` is true for the class that should score high. */
export function rankScores(scores: ArrayLike<number>, positive: ArrayLike<boolean | number>): RankedScores {
  const order = Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  const startsGroup = Uint8Array.from(order, (row, i) => Number(i === 0 || scores[row] !== scores[order[i - 1]!]));
  return { order, startsGroup, positive: Uint8Array.from(positive, Number) };
}

/**
 * Area under the ROC curve with a weight for each row; ties count half.
 * @param weights non-negative, `[rows]`, in the rows' own order; e.g. how often a bootstrap drew each row.
 * @returns 0–1, or NaN when a class has no weight.
 */
export function weightedAuc(ranked: RankedScores, weights: ArrayLike<number>): number {
  let wins = 0; // Σ over positives of the negatives below, ties half
  let below = 0; // negatives seen in lower groups
  let positives = 0;
  let groupPositive = 0;
  let groupNegative = 0;
  const closeGroup = () => {
    wins += groupPositive * (below + groupNegative / 2);
    below += groupNegative;
    positives += groupPositive;
    groupPositive = 0;
    groupNegative = 0;
  };
  for (let i = 0; i < ranked.order.length; i++) {
    const row = ranked.order[i]!;
    if (ranked.startsGroup[i] === 1) closeGroup();
    if (ranked.positive[row] === 1) groupPositive += weights[row]!;
    else groupNegative += weights[row]!;
  }
  closeGroup();
  return positives > 0 && below > 0 ? wins / (positives * below) : Number.NaN;
}

/**
 * Area under the ROC curve: the chance that a positive row scores above a negative one, ties counting half.
 * @param scores any finite numbers, `[rows]`.
 * @param positive the rows that should score high, `[rows]`.
 * @returns 0–1, or NaN when one class is empty.
 * @example
 * ```ts
 * import { rocAuc } from "gan-dl/math";
 * console.assert(rocAuc([0.1, 0.4, 0.4, 0.9], [false, false, true, true]) === 0.875);
 * ```
 */
export function rocAuc(scores: ArrayLike<number>, positive: ArrayLike<boolean | number>): number {
  return weightedAuc(rankScores(scores, positive), new Uint8Array(scores.length).fill(1));
}

/** Counts `[true][predicted]` over class numbers 0 … `nClasses − 1`; `weights` (default 1) multiply rows. */
export function confusionMatrix(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  nClasses: number,
  weights?: ArrayLike<number>,
): number[][] {
  const counts = Array.from({ length: nClasses }, () => new Array<number>(nClasses).fill(0));
  for (let i = 0; i < truth.length; i++) counts[truth[i]!]![predicted[i]!]! += weights?.[i] ?? 1;
  return counts;
}

/** Mean over the classes of the share of their rows that were recognised; classes without rows are left out; NaN if none has. */
export function balancedAccuracy(confusion: readonly (readonly number[])[]): number {
  let sum = 0;
  let classes = 0;
  confusion.forEach((row, truth) => {
    const total = row.reduce((a, b) => a + b, 0);
    if (total === 0) return;
    sum += row[truth]! / total;
    classes++;
  });
  return sum / classes;
}

/** Share of all rows that were recognised; NaN without rows. */
export function accuracy(confusion: readonly (readonly number[])[]): number {
  let right = 0;
  let total = 0;
  confusion.forEach((row, truth) => {
    right += row[truth]!;
    for (const count of row) total += count;
  });
  return right / total;
}

/** Mean over the classes of F1 = 2·hits / (rows of the class + rows called so); classes without either are left out. */
export function macroF1(confusion: readonly (readonly number[])[]): number {
  let sum = 0;
  let classes = 0;
  confusion.forEach((row, k) => {
    const total = row.reduce((a, b) => a + b, 0) + confusion.reduce((a, other) => a + other[k]!, 0);
    if (total === 0) return;
    sum += (2 * row[k]!) / total;
    classes++;
  });
  return sum / classes;
}
