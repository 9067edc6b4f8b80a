// The ways to hold rows out, from the most flattering to the most honest.
import { SeededRandom } from "../core/seeded-random.ts";
import { type ProfileTable, textColumn } from "../profiles/profile-table.ts";

/** What is kept together: nothing (the paper's random split by image), a well, a plate, an experiment. */
export type SplitName = "by-image" | "by-well" | "leave-plate-out" | "leave-experiment-out";
export const SPLITS: readonly SplitName[] = ["by-image", "by-well", "leave-plate-out", "leave-experiment-out"];

/** One division of rows; every row is tested in one fold or in none. */
export interface Fold {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** Folds, or why there are none. */
export type Folds =
  | { readonly folds: readonly Fold[]; readonly refused: null }
  | { readonly folds: null; readonly refused: string };

/** A random quarter is tested at a time, as in the paper's 75/25. */
const RANDOM_FOLDS = 4;
/** Plates or experiments beyond this are held out several at a time. */
const MAX_GROUP_FOLDS = 8;

const KEPT_TOGETHER: Readonly<Record<SplitName, string | null>> = {
  "by-image": null,
  "by-well": "well_id",
  "leave-plate-out": "plate_id",
  "leave-experiment-out": "experiment",
};

/**
 * Divides rows so that what the split keeps together is never both learned from and tested on.
 *
 * Random splits deal each class's units (images, wells) to four folds; the others hold out plates or experiments, in at most eight
 * groups. A fold that cannot learn every class it tests does not test that class's rows. Deterministic by seed.
 * @param rows row numbers.  @param classOf the class of each of them, `[rows]`.
 */
export function foldsOf(
  table: ProfileTable,
  rows: readonly number[],
  classOf: readonly string[],
  split: SplitName,
  seed: number,
): Folds {
  const column = KEPT_TOGETHER[split];
  if (column !== null && !table.metadata.has(column)) return { folds: null, refused: `there is no column ${column}` };
  const values = column === null ? null : textColumn(table, column);
  const groupOf = rows.map((row) => values?.[row] ?? String(row));
  const random = split === "by-image" || split === "by-well";
  const foldOf = random ? dealt(groupOf, classOf, SeededRandom.forPart(seed, split)) : inTurn(groupOf);
  const nFolds = new Set(foldOf).size;
  if (nFolds < 2) {
    return {
      folds: null,
      refused: random ? `every class has a single ${column ?? "row"}` : `all rows have one ${column}`,
    };
  }
  const folds = Array.from({ length: nFolds }, (_, fold): Fold => {
    const learned = new Set(classOf.filter((_, i) => foldOf[i] !== fold));
    return {
      train: rows.filter((_, i) => foldOf[i] !== fold),
      test: rows.filter((_, i) => foldOf[i] === fold && learned.size > 1 && learned.has(classOf[i]!)),
    };
  }).filter((fold) => fold.test.length > 0);
  const tested = new Set(folds.flatMap((fold) => fold.test));
  const classesTested = new Set(rows.flatMap((row, i) => (tested.has(row) ? [classOf[i]] : [])));
  if (folds.length === 0 || classesTested.size < 2) {
    return {
      folds: null,
      refused: `no class lies in two ${column ?? "row"} groups, so none can be learned without what it is tested on`,
    };
  }
  return { folds, refused: null };
}

function dealt(groupOf: readonly string[], classOf: readonly string[], random: SeededRandom): number[] {
  const ofClass = new Map<string, Set<string>>();
  groupOf.forEach((group, i) => {
    ofClass.set(classOf[i]!, (ofClass.get(classOf[i]!) ?? new Set()).add(group));
  });
  const fold = new Map<string, number>();
  for (const groups of ofClass.values()) {
    const order = random.shuffle([...groups]);
    order.forEach((group, i) => {
      if (!fold.has(group)) fold.set(group, i % RANDOM_FOLDS);
    });
  }
  return groupOf.map((group) => fold.get(group)!);
}

function inTurn(groupOf: readonly string[]): number[] {
  const groups = [...new Set(groupOf)].sort();
  const nFolds = Math.min(MAX_GROUP_FOLDS, groups.length);
  const fold = new Map(groups.map((group, i) => [group, i % nFolds]));
  return groupOf.map((group) => fold.get(group)!);
}

/**
 * At most `most` of the training rows, the same share of every class, drawn by seed; all where there are no more.
 * @param classOf by row number.
 */
export function trainingSample(
  train: readonly number[],
  classOf: (row: number) => string,
  most: number,
  seed: number,
): readonly number[] {
  if (train.length <= most) return train;
  const random = SeededRandom.forPart(seed, "training-sample");
  const ofClass = new Map<string, number[]>();
  for (const row of train) {
    const own = ofClass.get(classOf(row));
    if (own) own.push(row);
    else ofClass.set(classOf(row), [row]);
  }
  const share = most / train.length;
  return [...ofClass.values()]
    .flatMap((own) => random.shuffle(own).slice(0, Math.max(2, Math.round(share * own.length))))
    .sort((a, b) => a - b);
}
