// Naming the class of rows that were not learned from, by linear classifiers, under any of the splits.
import { extent } from "../core/extent.ts";
import { fitLinearDiscriminant } from "../math/linear-discriminant.ts";
import { fitLogistic } from "../math/logistic-regression.ts";
import { fitOneVsRestPath, predictClasses } from "../math/one-vs-rest.ts";
import { balancedAccuracy, confusionMatrix } from "../math/roc.ts";
import { fitPipeline, type ProfileStep } from "../profiles/pipeline.ts";
import { type ProfileTable, selectRows } from "../profiles/profile-table.ts";
import { applyStandardise, fitStandardise } from "../profiles/standardise.ts";
import { type Fold, trainingSample } from "./folds.ts";
import type { TaskProgress } from "./progress.ts";

/** What is learned, and from how much. */
export interface Learner {
  readonly c: number;
  /** `discriminant` costs the same for any number of classes and does not use C. */
  readonly classifier: "svm" | "logistic" | "discriminant";
  readonly maxTrainRows: number;
  readonly seed: number;
  /** Transforms fitted anew on the training rows of each fold. */
  readonly steps?: readonly ProfileStep[];
  readonly onProgress?: TaskProgress | undefined;
}

/** Classes called for the tested rows, in the folds' order. */
export interface HeldOut {
  readonly rows: readonly number[];
  /** Class numbers, `[rows]`. */
  readonly truth: readonly number[];
  readonly called: readonly number[];
  readonly converged: boolean;
  /** Whether training rows were drawn because there were more than allowed. */
  readonly sampled: boolean;
}

/**
 * Trains one linear classifier a class in each fold and names the classes of its tested rows.
 * @param classOf class number of each row of the table.  @param what is held out, for whoever watches.
 */
export function nameHeldOut(
  table: ProfileTable,
  folds: readonly Fold[],
  classOf: ArrayLike<number>,
  learner: Learner,
  what: string,
): HeldOut {
  const onFold = (done: number) => learner.onProgress?.(what, done, folds.length);
  return nameHeldOutByC(table, folds, classOf, learner, [learner.c], onFold)[0]!;
}

/** The same for each of several C; what does not depend on C is done once a fold. */
function nameHeldOutByC(
  table: ProfileTable,
  folds: readonly Fold[],
  classOf: ArrayLike<number>,
  learner: Learner,
  cs: readonly number[],
  onFold?: (done: number) => void,
): HeldOut[] {
  const [rows, truth]: number[][] = [[], []];
  const called = cs.map((): number[] => []);
  const converged = cs.map(() => true);
  let sampled = false;
  for (const [done, fold] of folds.entries()) {
    onFold?.(done);
    const train = trainingSample(fold.train, (row) => String(classOf[row]), learner.maxTrainRows, learner.seed);
    sampled ||= train.length < fold.train.length;
    const present = [...new Set(train.map((row) => classOf[row]!))].sort((a, b) => a - b);
    const prepare = preparation(table, train, learner.steps ?? []);
    const classes = train.map((row) => present.indexOf(classOf[row]!));
    const models = trainOn(prepare(train), classes, present.length, learner, cs);
    models.forEach((model, k) => {
      converged[k] &&= model.converged;
    });
    for (let start = 0; start < fold.test.length; start += 8192) {
      const some = fold.test.slice(start, start + 8192);
      const { features } = prepare(some);
      rows!.push(...some);
      truth!.push(...some.map((row) => classOf[row]!));
      models.forEach((model, k) => {
        for (const own of predictClasses(model, features)) called[k]!.push(present[own]!);
      });
    }
  }
  return cs.map((_, k) => ({ rows: rows!, truth: truth!, called: called[k]!, converged: converged[k]!, sampled }));
}

/** Rows of the table after the steps and standardising, both learned from the training rows. */
function preparation(table: ProfileTable, train: readonly number[], steps: readonly ProfileStep[]) {
  const learned = selectRows(table, train);
  const fitted = fitPipeline(learned, steps);
  const scale = fitStandardise(fitted.table);
  return (rows: readonly number[]) =>
    applyStandardise(fitted.apply(rows === train ? learned : selectRows(table, rows)), scale);
}

/** One model for each C. */
function trainOn(
  table: ProfileTable,
  classes: readonly number[],
  nClasses: number,
  { classifier }: Learner,
  cs: readonly number[],
) {
  const rows = { features: table.features, nRows: table.nRows, nFeatures: table.nFeatures };
  if (classifier === "svm") return fitOneVsRestPath(rows, classes, nClasses, cs, { classWeights: "balanced" });
  if (classifier === "discriminant") {
    const model = fitLinearDiscriminant(rows, classes, nClasses);
    return cs.map(() => model);
  }
  return cs.map((c) => {
    const classifiers = Array.from({ length: nClasses }, (_, own) =>
      fitLogistic({ ...rows, positive: classes.map((k) => k === own) }, { c, classWeights: "balanced" }),
    );
    return { classifiers, converged: classifiers.every((one) => one.converged) };
  });
}

/** The C of a grid whose held-out balanced accuracy is best, holding out inner groups of the training rows only. */
export function chooseC(
  table: ProfileTable,
  folds: readonly Fold[],
  classOf: ArrayLike<number>,
  learner: Learner,
  grid: readonly number[] = [1e-4, 1e-3, 1e-2, 1e-1, 1],
): number {
  const nClasses = 1 + extent(folds.flatMap((fold) => fold.train.map((row) => classOf[row]!)))[1];
  const scores = nameHeldOutByC(table, folds, classOf, learner, grid).map(({ truth, called }) =>
    balancedAccuracy(confusionMatrix(truth, called, nClasses)),
  );
  return grid[scores.indexOf(Math.max(...scores))]!;
}
