// Naming one of several classes under every split that can be made: what cell-type and batch-effects share.
import { balancedAccuracy, confusionMatrix, macroF1 } from "../math/roc.ts";
import { column, type ProfileTable, profileTable, textColumn } from "../profiles/profile-table.ts";
import type { Score, TaskResult } from "../schema/task-result.ts";
import { type Figure, type Resampling, scoreOf } from "./figure.ts";
import { foldsOf, type SplitName } from "./folds.ts";
import { type HeldOut, type Learner, nameHeldOut } from "./held-out-classes.ts";

const WORDS: Readonly<Record<SplitName, string>> = {
  "by-image": "random images held out",
  "by-well": "random wells held out",
  "leave-plate-out": "plates held out",
  "leave-experiment-out": "experiments held out",
};

/** What came of naming classes. */
export interface Naming {
  readonly results: TaskResult[];
  readonly figures: Figure[];
  readonly notes: string[];
  /** Splits that could be made. */
  readonly made: readonly SplitName[];
}

/**
 * Balanced accuracy and macro-F1 under each split, with intervals over units, and the confusion of the last (most honest) one.
 * @param classOf class name of each row of the table.  @param unitOf the independent unit of each row.
 */
export function nameClasses(
  table: ProfileTable,
  classOf: readonly string[],
  unitOf: readonly string[],
  splits: readonly SplitName[],
  learner: Learner,
  resampling: Resampling,
): Naming {
  const classes = [...new Set(classOf)].sort();
  const numbers = Int32Array.from(classOf, (name) => classes.indexOf(name));
  const rows = Array.from({ length: table.nRows }, (_, i) => i);
  const results: TaskResult[] = [];
  const figures: Figure[] = [];
  const notes: string[] = [];
  const made: SplitName[] = [];
  let last: HeldOut | null = null;
  for (const split of splits) {
    const { folds, refused } = foldsOf(table, rows, classOf, split, learner.seed);
    if (folds === null) {
      notes.push(`No figure with ${WORDS[split]}: ${refused}.`);
      continue;
    }
    made.push(split);
    last = nameHeldOut(table, folds, numbers, learner, WORDS[split]);
    const figure = namingFigure(`balanced accuracy, ${WORDS[split]}`, last, classes.length, unitOf, balancedAccuracy);
    figures.push(figure);
    results.push(scoreOf(figure, resampling));
    results.push(
      scoreOf(namingFigure(`macro-F1, ${WORDS[split]}`, last, classes.length, unitOf, macroF1), resampling, {
        chance: null,
      }),
    );
    if (last.sampled)
      notes.push(`With ${WORDS[split]}, each classifier learned from ${learner.maxTrainRows} rows drawn from more.`);
    if (!last.converged)
      notes.push(`With ${WORDS[split]}, some classifier did not reach its optimum; do not rely on that figure.`);
    if (last.rows.length < rows.length) {
      notes.push(
        `With ${WORDS[split]}, ${rows.length - last.rows.length} rows were not tested: their class lies in one part only.`,
      );
    }
  }
  const position = positionNaming(
    table,
    classOf,
    splits.find((s) => made.includes(s) && s !== "by-image"),
    learner,
    unitOf,
    resampling,
  );
  if (position) results.push(position);
  if (last) {
    results.push({ kind: "confusion", classes, counts: confusionMatrix(last.truth, last.called, classes.length) });
  }
  return { results, figures: figures.reverse(), notes, made };
}

function namingFigure(
  metric: string,
  held: HeldOut,
  nClasses: number,
  unitOf: readonly string[],
  of: (confusion: number[][]) => number,
): Figure {
  return {
    metric,
    chance: 1 / new Set(held.truth).size,
    units: held.rows.map((row) => unitOf[row]!),
    strata: held.truth.map(String),
    statistic: (counts) => of(confusionMatrix(held.truth, held.called, nClasses, counts)),
  };
}

/** What a well's place on its plate names; null where it is not known. */
function positionNaming(
  table: ProfileTable,
  classOf: readonly string[],
  split: SplitName | undefined,
  learner: Learner,
  unitOf: readonly string[],
  resampling: Resampling,
): Score | null {
  if (!split || !table.metadata.has("row") || !table.metadata.has("column")) return null;
  const [row, columnOf] = [column(table, "row"), column(table, "column")];
  const features = new Float32Array(5 * table.nRows);
  for (let i = 0; i < table.nRows; i++) {
    const [r, c] = [Number(row[i] ?? 0), Number(columnOf[i] ?? 0)];
    features.set([r, c, r * r, c * c, r * c], 5 * i);
  }
  const places = profileTable({ features, featureNames: ["r", "c", "rr", "cc", "rc"], metadata: table.metadata });
  const classes = [...new Set(classOf)].sort();
  const numbers = Int32Array.from(classOf, (name) => classes.indexOf(name));
  const { folds } = foldsOf(
    table,
    Array.from({ length: table.nRows }, (_, i) => i),
    classOf,
    split,
    learner.seed,
  );
  if (!folds) return null;
  const held = nameHeldOut(places, folds, numbers, { ...learner, steps: [], c: 1 }, "well position alone");
  return scoreOf(
    namingFigure("balanced accuracy of well position alone", held, classes.length, unitOf, balancedAccuracy),
    resampling,
    { role: "leak-check" },
  );
}

/** What answering with the most frequent class scores. */
export function majorityBaseline(classOf: readonly string[], unitOf: readonly string[]): TaskResult {
  const counts = new Map<string, number>();
  for (const name of classOf) counts.set(name, (counts.get(name) ?? 0) + 1);
  const value = Math.max(...counts.values()) / classOf.length;
  return {
    kind: "score",
    metric: "accuracy of always the most frequent class",
    value,
    ci95: null,
    chance: null,
    part: null,
    nUnits: new Set(unitOf).size,
    role: "baseline",
  };
}

/** The unit that is drawn anew for classes: the plate where each plate has one class, else the well. */
export function classUnit(
  table: ProfileTable,
  classOf: readonly string[],
): { unitOf: string[]; name: "plate" | "well" } {
  const ofPlate = new Map<string, string>();
  const plates = table.metadata.has("plate_id") ? textColumn(table, "plate_id") : null;
  const oneClass = plates?.every(
    (plate, i) => (ofPlate.get(plate) ?? ofPlate.set(plate, classOf[i]!).get(plate)) === classOf[i],
  );
  return plates && oneClass
    ? { unitOf: plates, name: "plate" }
    : { unitOf: textColumn(table, "well_id"), name: "well" };
}
