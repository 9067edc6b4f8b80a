// Two conditions told apart on plates the classifier never saw: infected or healthy, drug or vehicle.
import { z } from "zod";
import { column, type ProfileTable, profileTable } from "../profiles/profile-table.ts";
import type { Score, TaskResult, TaskRun } from "../schema/task-result.ts";
import { defineTask, type TaskContext } from "./define-task.ts";
import type { Evidence, Resampling } from "./figure.ts";
import { Classifier, Cost, declaredFits, MaxTrainRows, Steps } from "./learning-params.ts";
import { type LeavePlateOut, leavePlateOut, type ScoredRow, wellScores } from "./leave-plate-out.ts";
import { aucUnderSplits } from "./other-splits.ts";
import { isWell, Normalise, normalised, Selector, selectorName, twoClasses, Unit, unitNotes } from "./selection.ts";
import { aucFigure, aucOverPlates, aucScores, decisionCounts, decisionScores } from "./separation.ts";

/** Parameters of {@link conditionTask}. */
export const ConditionParams = z.strictObject({
  negative: Selector.describe("the class that should score low, e.g. healthy or vehicle wells"),
  positive: Selector.describe("the class that should score high"),
  negativeName: z.string().optional().describe("for reports; made from the selection when left out"),
  positiveName: z.string().optional(),
  question: z.string().optional().describe('e.g. "DMSO or cycloheximide?"'),
  c: Cost,
  classifier: Classifier,
  steps: Steps,
  maxTrainRows: MaxTrainRows,
  splits: z
    .array(z.enum(["by-image", "by-well", "leave-experiment-out"]))
    .default(["by-image", "by-well", "leave-experiment-out"])
    .describe("further splits to score beside leave-plate-out"),
  normalise: Normalise,
  unit: Unit,
  nResamples: z.int().min(10).default(1000).describe("bootstrap draws behind an interval"),
});

/**
 * Linear SVM on profiles, leave-one-plate-out: AUC, balanced accuracy and confusion for images and wells, with intervals
 * over wells, beside what the majority class and the bare position of a well would score.
 */
export const conditionTask = defineTask({
  id: "condition",
  title: "Two conditions, told apart on plates not learned from",
  description: "Trains a linear SVM on all plates but one and scores that one; AUC, balanced accuracy, confusion.",
  needs: ["plate_id", "well_id"],
  params: ConditionParams,
  run: (table, params, context) => conditionEvidence(table, params, context).run,
  evidence: (table, params, context) => conditionEvidence(table, params, context),
});

function conditionEvidence(
  given: ProfileTable,
  params: z.output<typeof ConditionParams>,
  { seed, encoder, allowLeak, onProgress }: TaskContext,
): Evidence {
  const { table, declared } = normalised(given, params.normalise);
  const negativeName = params.negativeName ?? selectorName(params.negative);
  const positiveName = params.positiveName ?? selectorName(params.positive);
  const [negative, positive] = twoClasses(table, [
    { name: negativeName, rows: params.negative },
    { name: positiveName, rows: params.positive },
  ]);
  const fits = declaredFits(table, [...negative, ...positive], allowLeak);
  const learner = { ...params, seed, onProgress };
  const held = leavePlateOut(table, negative, positive, learner);
  const wells = wellScores(held.scored);
  const resampling = { nResamples: params.nResamples, seed };
  const position = positionScore(table, negative, positive, resampling);
  const thinPlates = platesWithOneWellAClass(wells);
  const others = aucUnderSplits(table, negative, positive, params.splits, learner, resampling);
  const overPlates = aucOverPlates(held.scored, "AUC, interval over plates", resampling);
  const aucs = aucScores(held.scored, "AUC", resampling);
  const results: TaskResult[] = [
    ...aucs,
    ...decisionScores(held.scored, "", resampling),
    // Where a class is one well, an AUC of wells is a coin with one side.
    ...(thinPlates.length === 0
      ? [...aucScores(wells, "AUC (wells)", resampling), ...decisionScores(wells, " (wells)", resampling)]
      : []),
    ...(overPlates ? [overPlates] : []),
    ...others.scores,
    ...(position ? [position] : []),
    { kind: "confusion", classes: [negativeName, positiveName], counts: decisionCounts(held.scored) },
  ];
  const run: TaskRun = {
    task: "condition",
    title: `${negativeName} against ${positiveName}`,
    question: params.question ?? `${negativeName} or ${positiveName}?`,
    encoder,
    split: `leave-plate-out${declared}`,
    nWells: wells.length,
    nImages: held.scored.length,
    nPlates: held.plates.length,
    seed,
    results,
    notes: [
      ...notesOn(held, wells, thinPlates, position, [negativeName, positiveName]),
      ...(thinPlates.length > 0 && isWell(params.unit) ? ["No interval can be given."] : unitNotes(params.unit)),
      ...(thinPlates.length === 0 && aucs[0]?.ci95 === null
        ? ["No interval: wells are too few, or no draw of them changes the AUC (docs/tasks.md)."]
        : []),
      ...others.notes,
      ...fits,
      ...learningNotes(params, held),
    ],
  };
  return {
    run,
    figures: [aucFigure(held.scored, "AUC"), ...(thinPlates.length === 0 ? [aucFigure(wells, "AUC (wells)")] : [])],
  };
}

/** The same task given nothing but where the well lies; null where rows and columns are not known. */
function positionScore(
  table: ProfileTable,
  negative: readonly number[],
  positive: readonly number[],
  resampling: Resampling,
): Score | null {
  if (!table.metadata.has("row") || !table.metadata.has("column")) return null;
  const rows = column(table, "row");
  const columns = column(table, "column");
  const used = [...negative, ...positive];
  if (used.some((i) => rows[i] === null || columns[i] === null)) return null;
  const features = new Float32Array(5 * table.nRows);
  for (let i = 0; i < table.nRows; i++) {
    const [r, c] = [Number(rows[i] ?? 0), Number(columns[i] ?? 0)];
    features.set([r, c, r * r, c * c, r * c], 5 * i);
  }
  const places = profileTable({ features, featureNames: ["r", "c", "rr", "cc", "rc"], metadata: table.metadata });
  const { scored } = leavePlateOut(places, negative, positive, { c: 1, unit: ["well_id"] });
  const [all] = aucScores(scored, "AUC of well position alone", resampling);
  return all ? { ...all, role: "leak-check" } : null;
}

function learningNotes(
  { maxTrainRows, c }: { maxTrainRows: number; c: number | "inner" },
  held: LeavePlateOut,
): string[] {
  const notes: string[] = [];
  if (held.sampled)
    notes.push(`Each classifier learned from ${maxTrainRows} rows drawn from more; all held-out rows were scored.`);
  if (c === "inner")
    notes.push(
      `C was chosen within the training plates: ${[...new Set(held.chosenC)].sort((a, b) => a - b).join(", ")}.`,
    );
  return notes;
}

function platesWithOneWellAClass(wells: readonly ScoredRow[]): string[] {
  const count = (plate: string, positive: boolean) =>
    wells.filter((well) => well.plate === plate && well.positive === positive).length;
  const plates = [...new Set(wells.map((well) => well.plate))];
  return plates.filter((plate) => Math.min(count(plate, false), count(plate, true)) < 2);
}

/** AUC at which well position is named as a rival explanation. */
const POSITION_TELLS = 0.7;

function notesOn(
  held: LeavePlateOut,
  wells: readonly ScoredRow[],
  thinPlates: readonly string[],
  position: Score | null,
  [negativeName, positiveName]: readonly [string, string],
): string[] {
  const nPositive = held.scored.filter((row) => row.positive).length;
  const nNegative = held.scored.length - nPositive;
  const majority = nPositive > nNegative ? positiveName : negativeName;
  const share = Math.max(nPositive, nNegative) / held.scored.length;
  const notes = [
    `Answering "${majority}" every time scores accuracy ${share.toFixed(3)}, balanced accuracy 0.5 and AUC 0.5.`,
  ];
  if (thinPlates.length > 0) {
    notes.push(
      `On ${thinPlates.join(", ")} a class is a single well: what tells the classes apart may as well be what tells two wells apart. Images of one well are not independent.`,
    );
  }
  if (position && position.value >= POSITION_TELLS) {
    notes.push(
      `The position of the well alone, without any image, scores AUC ${position.value.toFixed(3)}: class and position are confounded, so edge effects cannot be ruled out.`,
    );
  }
  if (held.plates.length < 4) {
    notes.push(
      `Only ${held.plates.length} plates were held out (${wells.length} wells); another plate may differ more than the interval says.`,
    );
  }
  if (held.notConverged.length > 0) {
    notes.push(`The SVM did not reach its optimum for ${held.notConverged.join(", ")}; do not rely on those figures.`);
  }
  return notes;
}
