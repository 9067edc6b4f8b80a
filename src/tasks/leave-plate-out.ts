// Scoring every plate by a classifier that never saw it.
import { decisionValues, fitLinearSvm } from "../math/linear-svm.ts";
import { type ProfileTable, selectRows, textColumn } from "../profiles/profile-table.ts";
import { applyStandardise, fitStandardise } from "../profiles/standardise.ts";
import { tooFewPlates } from "./errors.ts";
import { unitOfRows } from "./selection.ts";

/** One row of the table with the score its held-out classifier gave it; above 0 means positive. */
export interface ScoredRow {
  readonly row: number;
  readonly score: number;
  readonly positive: boolean;
  readonly plate: string;
  readonly well: string;
  /** What is drawn anew for intervals: the well, or something finer. */
  readonly unit: string;
}

/** What came of holding out plate after plate. */
export interface LeavePlateOut {
  readonly scored: readonly ScoredRow[];
  /** Held-out plates, in order of appearance. */
  readonly plates: readonly string[];
  /** Plates whose classifier did not reach its optimum. */
  readonly notConverged: readonly string[];
}

/**
 * Holds out each plate that has both classes and scores it by a linear SVM trained on all other plates.
 *
 * Features are standardised on the training rows of each fold only; classes weigh the same. Plates with one class train
 * but are not scored. No randomness.
 * @param negative row numbers.  @param positive row numbers, disjoint from `negative`.
 * @param options.c cost of errors.  @param options.unit columns that name the independent unit.
 * @throws GanDlError `too-few-plates` unless two plates have both classes.
 */
export function leavePlateOut(
  table: ProfileTable,
  negative: readonly number[],
  positive: readonly number[],
  { c, unit }: { readonly c: number; readonly unit: readonly string[] },
): LeavePlateOut {
  const plateOf = textColumn(table, "plate_id");
  const wellOf = textColumn(table, "well_id");
  const unitOf = unitOfRows(table, unit);
  const isPositive = new Set(positive);
  const used = [...negative, ...positive].sort((a, b) => a - b);
  const platesWith = (rows: readonly number[]) => new Set(rows.map((row) => plateOf[row]!));
  const positivePlates = platesWith(positive);
  const plates = [...platesWith(negative)].filter((plate) => positivePlates.has(plate));
  if (plates.length < 2) throw tooFewPlates("holding both classes on one plate", plates, 2);
  const scored: ScoredRow[] = [];
  const notConverged: string[] = [];
  for (const plate of plates) {
    const train = used.filter((row) => plateOf[row] !== plate);
    const test = used.filter((row) => plateOf[row] === plate);
    const scale = fitStandardise(table, { rows: train });
    const standardised = (rows: number[]) => applyStandardise(selectRows(table, rows), scale).features;
    const svm = fitLinearSvm(
      {
        features: standardised(train),
        nRows: train.length,
        nFeatures: table.nFeatures,
        positive: train.map((row) => isPositive.has(row)),
      },
      { c, classWeights: "balanced" },
    );
    if (!svm.converged) notConverged.push(plate);
    decisionValues(svm, standardised(test)).forEach((score, i) => {
      const row = test[i]!;
      scored.push({ row, score, positive: isPositive.has(row), plate, well: wellOf[row]!, unit: unitOf[row]! });
    });
  }
  return { scored, plates, notConverged };
}

/** One row a well: the mean score of its images. */
export function wellScores(scored: readonly ScoredRow[]): ScoredRow[] {
  const wells = new Map<string, { first: ScoredRow; sum: number; n: number }>();
  for (const row of scored) {
    const seen = wells.get(row.well) ?? { first: row, sum: 0, n: 0 };
    seen.sum += row.score;
    seen.n++;
    wells.set(row.well, seen);
  }
  return [...wells.values()].map(({ first, sum, n }) => ({ ...first, unit: first.well, score: sum / n }));
}
