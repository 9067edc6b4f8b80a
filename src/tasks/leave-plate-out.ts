// Scoring rows by a classifier that never saw them: plate by plate, or by any other division.
import { decisionValues, fitLinearSvm } from "../math/linear-svm.ts";
import { fitLogistic } from "../math/logistic-regression.ts";
import { fitPipeline, type ProfileStep } from "../profiles/pipeline.ts";
import { type ProfileTable, selectRows, textColumn } from "../profiles/profile-table.ts";
import { applyStandardise, fitStandardise } from "../profiles/standardise.ts";
import { tooFewPlates } from "./errors.ts";
import { type Fold, foldsOf, trainingSample } from "./folds.ts";
import { chooseC } from "./held-out-classes.ts";
import type { TaskProgress } from "./progress.ts";
import { unitOfRows } from "./selection.ts";

/** One row of the table with the score its held-out classifier gave it; above 0 means positive. */
export interface ScoredRow {
  readonly row: number;
  readonly score: number;
  readonly positive: boolean;
  /** What was held out with it: its plate, or the name of its fold. */
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
  /** Whether training rows were drawn because there were more than allowed. */
  readonly sampled: boolean;
  /** The C of each classifier. */
  readonly chosenC: readonly number[];
}

/** How the classifier is trained. */
export interface BinaryLearner {
  /** Cost of errors; `inner` chooses it in each fold by holding out plates of the training rows. */
  readonly c: number | "inner";
  /** Columns that name the independent unit. */
  readonly unit: readonly string[];
  /** @default "svm" */
  readonly classifier?: "svm" | "logistic";
  /** @default 20000 */
  readonly maxTrainRows?: number;
  readonly seed?: number;
  /** Transforms fitted anew on the training rows of each fold. */
  readonly steps?: readonly ProfileStep[];
  readonly onProgress?: TaskProgress | undefined;
}

/** A division with its name. */
export interface NamedFold extends Fold {
  readonly name: string;
}

/** Above so many plates, they are held out in this many groups. */
const MAX_FOLDS = 8;

/**
 * Holds out each plate that has both classes and scores it by a linear classifier trained on the other plates.
 *
 * Features are standardised on the training rows of each fold only; classes weigh the same. Plates with one class train
 * but are not scored. Above eight plates, plates are held out in eight groups. No randomness unless training rows are drawn.
 * @param negative row numbers.  @param positive row numbers, disjoint from `negative`.
 * @throws GanDlError `too-few-plates` unless two plates have both classes.
 */
export function leavePlateOut(
  table: ProfileTable,
  negative: readonly number[],
  positive: readonly number[],
  learner: BinaryLearner,
): LeavePlateOut {
  const plateOf = textColumn(table, "plate_id");
  const used = [...negative, ...positive].sort((a, b) => a - b);
  const platesWith = (rows: readonly number[]) => new Set(rows.map((row) => plateOf[row]!));
  const withPositive = platesWith(positive);
  const plates = [...platesWith(negative)].filter((plate) => withPositive.has(plate));
  if (plates.length < 2) throw tooFewPlates("holding both classes on one plate", plates, 2);
  const nFolds = Math.min(MAX_FOLDS, plates.length);
  const groupOf = new Map(plates.map((plate, i) => [plate, i % nFolds]));
  const folds = Array.from({ length: nFolds }, (_, fold): NamedFold => {
    const isOut = (row: number) => groupOf.get(plateOf[row]!) === fold;
    return {
      name: plates.filter((plate) => groupOf.get(plate) === fold).join(", "),
      train: used.filter((row) => !isOut(row)),
      test: used.filter(isOut),
    };
  });
  const { scored, ...rest } = scoreFolds(table, folds, new Set(positive), learner, "plates held out");
  const byPlate = scored.map((row) => ({ ...row, plate: plateOf[row.row]! }));
  const rank = new Map(plates.map((plate, i) => [plate, i]));
  byPlate.sort((a, b) => rank.get(a.plate)! - rank.get(b.plate)! || a.row - b.row);
  return { scored: byPlate, plates, ...rest };
}

/**
 * Scores the tested rows of each fold by a classifier of its training rows; {@link ScoredRow.plate} is the fold's name.
 * @param what is held out, for whoever watches.
 */
export function scoreFolds(
  table: ProfileTable,
  folds: readonly NamedFold[],
  isPositive: ReadonlySet<number>,
  learner: BinaryLearner,
  what: string,
): Omit<LeavePlateOut, "plates"> {
  const { seed = 1, maxTrainRows = 20_000, onProgress } = learner;
  const wellOf = textColumn(table, "well_id");
  const unitOf = unitOfRows(table, learner.unit);
  const scored: ScoredRow[] = [];
  const notConverged: string[] = [];
  const chosenC: number[] = [];
  let sampled = false;
  for (const [done, { name, train: all, test }] of folds.entries()) {
    onProgress?.(what, done, folds.length);
    const train = trainingSample(all, (row) => String(isPositive.has(row)), maxTrainRows, seed);
    sampled ||= train.length < all.length;
    const learned = selectRows(table, train);
    const fitted = fitPipeline(learned, learner.steps ?? []);
    const scale = fitStandardise(fitted.table);
    const positive = train.map((row) => isPositive.has(row));
    const c = learner.c === "inner" ? innerC(learned, positive, learner) : learner.c;
    chosenC.push(c);
    const rows = {
      features: applyStandardise(fitted.table, scale).features,
      nRows: train.length,
      nFeatures: fitted.table.nFeatures,
      positive,
    };
    const options = { c, classWeights: "balanced" } as const;
    const model = learner.classifier === "logistic" ? fitLogistic(rows, options) : fitLinearSvm(rows, options);
    if (!model.converged) notConverged.push(name);
    for (let start = 0; start < test.length; start += 8192) {
      const some = test.slice(start, start + 8192);
      const prepared = applyStandardise(fitted.apply(selectRows(table, some)), scale);
      decisionValues(model, prepared.features).forEach((score, i) => {
        const row = some[i]!;
        scored.push({ row, score, positive: isPositive.has(row), plate: name, well: wellOf[row]!, unit: unitOf[row]! });
      });
    }
  }
  return { scored, notConverged, sampled, chosenC };
}

/** What C is where the training rows cannot be divided. */
const DEFAULT_C = 0.01;

function innerC(learned: ProfileTable, positive: readonly boolean[], learner: BinaryLearner): number {
  const rows = Array.from({ length: learned.nRows }, (_, i) => i);
  const classes = positive.map(String);
  const { seed = 1, classifier = "svm", maxTrainRows = 20_000, steps = [] } = learner;
  const inner = foldsOf(learned, rows, classes, "leave-plate-out", seed);
  if (inner.folds === null) return DEFAULT_C;
  return chooseC(learned, inner.folds, positive.map(Number), { c: DEFAULT_C, classifier, maxTrainRows, seed, steps });
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
