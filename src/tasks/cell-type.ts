// Which kind of cell is it: HRCE or VERO, or the four of RxRx1 with an encoder that never saw them.
import { z } from "zod";
import { type ProfileTable, selectRows, textColumn } from "../profiles/profile-table.ts";
import { classUnit, majorityBaseline, nameClasses } from "./class-naming.ts";
import { defineTask, type TaskContext } from "./define-task.ts";
import { tooFewClasses } from "./errors.ts";
import { countPlates, type Evidence } from "./figure.ts";
import { SPLITS } from "./folds.ts";
import { Classifier, declaredFits, MaxTrainRows, Steps } from "./learning-params.ts";
import { Normalise, nonEmptyRows, normalised, Selector } from "./selection.ts";

/** Parameters of {@link cellTypeTask}. */
export const CellTypeParams = z.strictObject({
  label: z.string().default("cell_type").describe("the column to be named"),
  rows: Selector.default({}).describe("which rows, e.g. untreated wells; all by default"),
  splits: z.array(z.enum(["by-image", "by-well", "leave-plate-out", "leave-experiment-out"])).default([...SPLITS]),
  c: z.number().positive().default(0.01).describe("cost of errors, on standardised features"),
  classifier: Classifier,
  steps: Steps,
  maxTrainRows: MaxTrainRows,
  normalise: Normalise,
  nResamples: z.int().min(10).default(1000),
  question: z.string().optional(),
});

/** Names the cell type of held-out rows by one linear classifier a type, under all splits. */
export const cellTypeTask = defineTask({
  id: "cell-type",
  title: "Cell type",
  description:
    "Names the cell type of rows not learned from; balanced accuracy and macro-F1 under four splits, confusion.",
  needs: ["well_id"],
  params: CellTypeParams,
  run: (table, params, context) => cellTypeEvidence(table, params, context).run,
  evidence: (table, params, context) => cellTypeEvidence(table, params, context),
});

function cellTypeEvidence(
  given: ProfileTable,
  params: z.output<typeof CellTypeParams>,
  context: TaskContext,
): Evidence {
  const { table: whole, declared } = normalised(given, params.normalise);
  const labels = textColumn(whole, params.label);
  const rows = nonEmptyRows(whole, "the rows to name", params.rows).filter((row) => labels[row] !== "");
  const classOf = rows.map((row) => labels[row]!);
  const classes = [...new Set(classOf)];
  if (classes.length < 2) throw tooFewClasses(params.label, classes);
  const table = selectRows(whole, rows);
  const fits = declaredFits(whole, rows, context.allowLeak);
  const { unitOf, name } = classUnit(table, classOf);
  const resampling = { nResamples: params.nResamples, seed: context.seed };
  const learner = { ...params, seed: context.seed, onProgress: context.onProgress };
  const naming = nameClasses(table, classOf, unitOf, params.splits, learner, resampling);
  return {
    figures: naming.figures,
    run: {
      task: "cell-type",
      title: "Cell type",
      question: params.question ?? `Which ${params.label}?`,
      encoder: context.encoder,
      split: `${naming.made.join(", ") || "none"}${declared}`,
      nWells: new Set(textColumn(table, "well_id")).size,
      nImages: table.nRows,
      nPlates: countPlates(table),
      seed: context.seed,
      results: [...naming.results, majorityBaseline(classOf, unitOf)],
      notes: [
        `Intervals take the ${name} as independent.`,
        ...(name === "plate"
          ? [
              "Every plate has one class: what tells plates apart may pass for what tells the classes apart; leave-experiment-out is the figure to trust.",
            ]
          : []),
        ...naming.notes,
        ...fits,
      ],
    },
  };
}
