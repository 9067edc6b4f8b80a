// How much of the plate an image still tells: the batch effect, measured by trying to name the plate.
import { z } from "zod";
import { SeededRandom } from "../core/seeded-random.ts";
import { fitOneVsRest, predictClasses } from "../math/one-vs-rest.ts";
import { accuracy, balancedAccuracy, confusionMatrix } from "../math/roc.ts";
import { type ProfileTable, selectRows, textColumn } from "../profiles/profile-table.ts";
import { applyStandardise, fitStandardise } from "../profiles/standardise.ts";
import { defineTask, type TaskContext } from "./define-task.ts";
import { tooFewPlates } from "./errors.ts";
import { type Evidence, type Figure, scoreOf } from "./figure.ts";
import { declaredFits } from "./learning-params.ts";
import type { TaskProgress } from "./progress.ts";
import {
  Normalise,
  nonEmptyRows,
  normalised,
  Selector,
  selectorName,
  Unit,
  unitName,
  unitNotes,
  unitOfRows,
} from "./selection.ts";

/** Parameters of {@link plateIdentityTask}. */
export const PlateIdentityParams = z.strictObject({
  rows: Selector.default({}).describe("rows that should look alike on every plate, e.g. vehicle wells; all by default"),
  question: z.string().optional(),
  c: z.number().positive().default(0.01).describe("the SVMs' cost of errors, on standardised features"),
  normalise: Normalise,
  unit: Unit,
  nFolds: z.int().min(2).default(5),
  nResamples: z.int().min(10).default(1000).describe("bootstrap draws behind an interval"),
});

/** Names the plate of wells not learned from, by linear SVMs; the nearer to chance, the smaller the batch effect. */
export const plateIdentityTask = defineTask({
  id: "plate-identity",
  title: "Batch effect: can the plate be named?",
  description:
    "Cross-validated by well; balanced accuracy of naming the plate, chance being one over the number of plates.",
  needs: ["plate_id", "well_id"],
  params: PlateIdentityParams,
  run: (table, params, context) => plateEvidence(table, params, context).run,
  evidence: (table, params, context) => plateEvidence(table, params, context),
});

function plateEvidence(
  given: ProfileTable,
  params: z.output<typeof PlateIdentityParams>,
  { seed, encoder, allowLeak, onProgress }: TaskContext,
): Evidence {
  const { table: whole, declared } = normalised(given, params.normalise);
  const chosen = nonEmptyRows(whole, "the rows to name plates of", params.rows);
  const fits = declaredFits(whole, chosen, allowLeak);
  const table = selectRows(whole, chosen);
  const plateOf = textColumn(table, "plate_id");
  const wellOf = textColumn(table, "well_id");
  const plates = [...new Set(plateOf)].sort();
  if (plates.length < 2) throw tooFewPlates("having rows to compare", plates, 2);
  const unitOf = unitOfRows(table, params.unit);
  const { folds, nFolds, byUnit } = assignFolds(plateOf, unitOf, params.nFolds, seed);
  const truth = plateOf.map((plate) => plates.indexOf(plate));
  const { called, converged } = crossValidate(table, truth, plates.length, folds, nFolds, params.c, onProgress);
  const confusion = confusionMatrix(truth, called, plates.length);
  const largest = Math.max(...confusion.map((row) => row.reduce((a, b) => a + b, 0))) / table.nRows;
  const figure = (metric: string, chance: number, of: (counts: number[][]) => number): Figure => {
    const statistic = (counts: ArrayLike<number>) => of(confusionMatrix(truth, called, plates.length, counts));
    return { metric, chance, units: unitOf, strata: plateOf, statistic };
  };
  const balanced = figure("balanced accuracy", 1 / plates.length, balancedAccuracy);
  const plain = figure("accuracy", largest, accuracy);
  const resampling = { nResamples: params.nResamples, seed };
  return {
    figures: [balanced],
    run: {
      task: "plate-identity",
      title: "Batch effect: naming the plate",
      question: params.question ?? `Which plate is it from (${selectorName(params.rows)})?`,
      encoder,
      split: `${nFolds} folds by ${byUnit ? unitName(params.unit) : "image"}${declared}`,
      nWells: new Set(wellOf).size,
      nImages: table.nRows,
      nPlates: plates.length,
      seed,
      results: [
        scoreOf(balanced, resampling),
        scoreOf(plain, resampling),
        { kind: "confusion", classes: plates, counts: confusion },
      ],
      notes: [...notesOn(params.unit, byUnit, converged), ...fits],
    },
  };
}

interface Folds {
  readonly folds: Int32Array;
  readonly nFolds: number;
  readonly byUnit: boolean;
}

/** Deals the units (wells) of each plate to folds in turn; single images instead where a plate has one unit. */
function assignFolds(plateOf: readonly string[], unitOf: readonly string[], wanted: number, seed: number): Folds {
  const random = SeededRandom.forPart(seed, "plate-identity-folds");
  const unitsOfPlate = new Map<string, Set<string>>();
  plateOf.forEach((plate, i) => {
    unitsOfPlate.set(plate, (unitsOfPlate.get(plate) ?? new Set()).add(unitOf[i]!));
  });
  const fewest = Math.min(...[...unitsOfPlate.values()].map((units) => units.size));
  const byUnit = fewest >= 2;
  const nFolds = byUnit ? Math.min(wanted, fewest) : wanted;
  const dealtOf = plateOf.map((plate, i) => `${plate}\u0000${byUnit ? unitOf[i] : i}`);
  const foldOf = new Map<string, number>();
  for (const plate of unitsOfPlate.keys()) {
    const dealt = [...new Set(dealtOf.filter((_, i) => plateOf[i] === plate))];
    random.shuffle(dealt).forEach((unit, i) => {
      foldOf.set(unit, i % nFolds);
    });
  }
  return { folds: Int32Array.from(dealtOf, (unit) => foldOf.get(unit)!), nFolds, byUnit };
}

function crossValidate(
  table: ProfileTable,
  truth: readonly number[],
  nClasses: number,
  folds: Int32Array,
  nFolds: number,
  c: number,
  onProgress: TaskProgress | undefined,
): { called: Int32Array; converged: boolean } {
  const called = new Int32Array(table.nRows);
  let converged = true;
  for (let fold = 0; fold < nFolds; fold++) {
    onProgress?.(`wells held out, ${nClasses} plates to name`, fold, nFolds);
    const rows = Array.from(folds.keys());
    const train = rows.filter((i) => folds[i] !== fold);
    const test = rows.filter((i) => folds[i] === fold);
    const scale = fitStandardise(table, { rows: train });
    const { features } = applyStandardise(selectRows(table, train), scale);
    const classes = train.map((i) => truth[i]!);
    const model = fitOneVsRest({ features, nRows: train.length, nFeatures: table.nFeatures }, classes, nClasses, {
      c,
      classWeights: "balanced",
    });
    converged &&= model.converged;
    predictClasses(model, applyStandardise(selectRows(table, test), scale).features).forEach((plate, i) => {
      called[test[i]!] = plate;
    });
  }
  return { called, converged };
}

function notesOn(unit: readonly string[], byUnit: boolean, converged: boolean): string[] {
  const notes = byUnit ? unitNotes(unit) : [];
  if (!byUnit) {
    notes.push(
      `Some plate has a single ${unitName(unit)} here, so folds are by image: what names the plate may as well name the ${unitName(unit)}. No interval can be given.`,
    );
  }
  if (!converged) notes.push("Some SVM did not reach its optimum; do not rely on this figure.");
  return notes;
}
