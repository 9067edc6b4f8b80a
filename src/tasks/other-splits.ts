// The same question under the other splits: how much of a score is due to what was held out together.
import type { ProfileTable } from "../profiles/profile-table.ts";
import type { Score } from "../schema/task-result.ts";
import type { Resampling } from "./figure.ts";
import { foldsOf, type SplitName } from "./folds.ts";
import { type BinaryLearner, scoreFolds } from "./leave-plate-out.ts";
import { aucScores } from "./separation.ts";

const WORDS: Readonly<Record<SplitName, string>> = {
  "by-image": "random images held out",
  "by-well": "random wells held out",
  "leave-plate-out": "plates held out",
  "leave-experiment-out": "experiments held out",
};

/** What each split allows a classifier to have seen of what it is tested on. */
const FLATTERS: Readonly<Partial<Record<SplitName, string>>> = {
  "by-image": "images of one well are near-duplicates and lie on both sides, so this figure is too high",
  "by-well": "wells of one plate lie on both sides, so the plate effect does not count against it",
};

/** AUC under each of the splits, with intervals over wells, and a note for each that could not be made. */
export function aucUnderSplits(
  table: ProfileTable,
  negative: readonly number[],
  positive: readonly number[],
  splits: readonly SplitName[],
  learner: BinaryLearner,
  resampling: Resampling,
): { readonly scores: Score[]; readonly notes: string[] } {
  const isPositive = new Set(positive);
  const rows = [...negative, ...positive].sort((a, b) => a - b);
  const classOf = rows.map((row) => String(isPositive.has(row)));
  const scores: Score[] = [];
  const notes: string[] = [];
  for (const split of splits) {
    const { folds, refused } = foldsOf(table, rows, classOf, split, resampling.seed);
    if (folds === null) {
      notes.push(`No figure with ${WORDS[split]}: ${refused}.`);
      continue;
    }
    const bothClasses = folds.filter((fold) => new Set(fold.test.map((row) => isPositive.has(row))).size === 2);
    if (bothClasses.length === 0) {
      notes.push(`No figure with ${WORDS[split]}: no part that is held out has both classes.`);
      continue;
    }
    const named = bothClasses.map((fold, i) => ({ ...fold, name: `part ${i + 1}` }));
    const { scored } = scoreFolds(table, named, isPositive, learner, WORDS[split]);
    const [all] = aucScores(scored, `AUC, ${WORDS[split]}`, resampling);
    if (all) scores.push({ ...all, nUnits: new Set(scored.map((row) => row.unit)).size });
    if (FLATTERS[split]) notes.push(`With ${WORDS[split]}: ${FLATTERS[split]}.`);
  }
  return { scores, notes };
}
