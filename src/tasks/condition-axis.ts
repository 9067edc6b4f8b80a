// Two conditions as one linear score that can be taken along: for images that belong to no plate of the screen.
import { fitLinearSvm } from "../math/linear-svm.ts";
import { sortedQuantile } from "../math/statistics.ts";
import { type ProfileTable, type Selector, selectRows } from "../profiles/profile-table.ts";
import { applyStandardise, fitStandardise } from "../profiles/standardise.ts";
import type { Score } from "../schema/task-result.ts";
import { trainingSample } from "./folds.ts";
import { leavePlateOut } from "./leave-plate-out.ts";
import { twoClasses } from "./selection.ts";
import { aucScores } from "./separation.ts";

/** A linear score of features as they are, and how it fared where it was not learned. */
export interface ConditionAxis {
  /** `[f]`; a row scores weights · x + bias, above 0 for the positive class. */
  readonly weights: Float64Array;
  readonly bias: number;
  /** The same classifier trained without each plate in turn; null where there are not two plates with both classes. */
  readonly heldOut: {
    readonly auc: Score;
    readonly nPlates: number;
    /** Percentiles 0…100 of the held-out scores of each class. */
    readonly negative: Float64Array;
    readonly positive: Float64Array;
  } | null;
}

export interface ConditionAxisOptions {
  readonly negative: Selector;
  readonly positive: Selector;
  /** Cost of errors on standardised features. @default 0.01 */
  readonly c?: number;
  /** Decides which rows are drawn where there are too many, and the interval's resampling. */
  readonly seed: number;
  /** @default 20000 */
  readonly maxTrainRows?: number;
}

/**
 * Trains the linear SVM of the condition task on all plates, and says what it scores on plates that it was not trained on.
 *
 * Features are not standardised plate by plate: an image from elsewhere has no plate to be standardised on. Scores of held-out
 * plates come from classifiers of their own, so percentiles over them are near, not exact, for the one that is returned.
 * @throws GanDlError `empty-class`, `overlapping-classes`, `unknown-column`.
 * @example
 * ```ts
 * import { conditionAxis } from "gan-dl/tasks";
 * import { fromColumns } from "gan-dl/profiles";
 * const of = (f: (i: number) => string | number) => Array.from({ length: 40 }, (_, i) => f(i));
 * const table = fromColumns(new Map([["plate_id", of((i) => `p${i % 2}`)], ["well_id", of((i) => `w${i}`)],
 *   ["condition", of((i) => (i % 4 < 2 ? "Mock" : "Active"))], ["feature_0", of((i) => (i % 4 < 2 ? i : 100 + i))]]));
 * const axis = conditionAxis(table, { negative: { condition: ["Mock"] }, positive: { condition: ["Active"] }, seed: 1 });
 * console.assert(axis.weights[0]! * 120 + axis.bias > 0 && axis.heldOut?.auc.value === 1);
 * ```
 */
export function conditionAxis(table: ProfileTable, options: ConditionAxisOptions): ConditionAxis {
  const { negative: no, positive: yes, c = 0.01, seed, maxTrainRows = 20_000 } = options;
  const [negative, positive] = twoClasses(table, [
    { name: "the negative class", rows: no },
    { name: "the positive class", rows: yes },
  ]);
  const isPositive = new Set(positive);
  const used = [...negative, ...positive].sort((a, b) => a - b);
  const train = trainingSample(used, (row) => String(isPositive.has(row)), maxTrainRows, seed);
  const learned = selectRows(table, train);
  const scale = fitStandardise(learned);
  const svm = fitLinearSvm(
    {
      features: applyStandardise(learned, scale).features,
      nRows: learned.nRows,
      nFeatures: table.nFeatures,
      positive: train.map((row) => isPositive.has(row)),
    },
    { c, classWeights: "balanced" },
  );
  const { mean, sd } = scale.groups.get("")!;
  const weights = svm.weights.map((w, j) => (sd[j]! > 0 ? w / sd[j]! : 0));
  const bias = svm.bias - weights.reduce((sum, w, j) => sum + w * mean[j]!, 0);
  return { weights, bias, heldOut: heldOutScores(table, negative, positive, { c, seed, maxTrainRows }) };
}

function heldOutScores(
  table: ProfileTable,
  negative: readonly number[],
  positive: readonly number[],
  learner: { readonly c: number; readonly seed: number; readonly maxTrainRows: number },
): ConditionAxis["heldOut"] {
  const plateOf = table.metadata.get("plate_id");
  if (!plateOf || !table.metadata.has("well_id")) return null;
  const withPositive = new Set(positive.map((row) => plateOf[row]));
  const plates = new Set(negative.map((row) => plateOf[row]).filter((plate) => withPositive.has(plate)));
  if (plates.size < 2) return null;
  const { scored, plates: held } = leavePlateOut(table, negative, positive, { ...learner, unit: ["well_id"] });
  const [auc] = aucScores(scored, "AUC", { nResamples: 1000, seed: learner.seed });
  if (!auc) return null;
  const percentiles = (of: boolean) => {
    const scores = Float64Array.from(scored.filter((row) => row.positive === of).map((row) => row.score)).sort();
    return Float64Array.from({ length: 101 }, (_, percent) => sortedQuantile(scores, percent / 100));
  };
  return { auc, nPlates: held.length, negative: percentiles(false), positive: percentiles(true) };
}
