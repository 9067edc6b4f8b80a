// How much of plate and experiment the profiles still tell, and how well plates are mixed.
import { z } from "zod";
import { SeededRandom } from "../core/seeded-random.ts";
import { eachSimilarity, unitRows } from "../math/similarity.ts";
import { type ProfileTable, selectRows, textColumn } from "../profiles/profile-table.ts";
import type { TaskResult } from "../schema/task-result.ts";
import { majorityBaseline, nameClasses } from "./class-naming.ts";
import { defineTask, type TaskContext } from "./define-task.ts";
import { tooFewClasses } from "./errors.ts";
import { countPlates, type Evidence, type Figure, meanFigure, scoreOf } from "./figure.ts";
import { declaredFits } from "./learning-params.ts";
import type { TaskProgress } from "./progress.ts";
import { Normalise, nonEmptyRows, normalised, Selector } from "./selection.ts";

/** Parameters of {@link batchEffectsTask}. */
export const BatchEffectsParams = z.strictObject({
  rows: Selector.default({}).describe("rows that should look alike on every plate, e.g. vehicle wells; all by default"),
  batches: z
    .array(z.string())
    .min(1)
    .default(["plate_id", "experiment"])
    .describe("columns to be named; absent ones are left out"),
  nNeighbours: z.int().min(1).default(15),
  maxQueries: z.int().min(10).default(2000).describe("rows whose neighbours are looked at, drawn by seed"),
  maxReferences: z.int().min(10).default(10_000).describe("rows that may be neighbours, drawn by seed"),
  maxTrainRows: z.int().min(10).default(50_000),
  normalise: Normalise,
  nResamples: z.int().min(10).default(500),
  question: z.string().optional(),
});
type Params = z.output<typeof BatchEffectsParams>;

/**
 * Names plate and experiment of wells not learned from (linear discriminant), and measures how mixed they are among the nearest
 * neighbours; beside it what a well's place on its plate names. Everything is better the nearer it is to chance.
 */
export const batchEffectsTask = defineTask({
  id: "batch-effects",
  title: "Batch effects",
  description:
    "How well plate and experiment can be named from wells not learned from, and how mixed they are among neighbours.",
  needs: ["plate_id", "well_id"],
  params: BatchEffectsParams,
  run: (table, params, context) => batchEvidence(table, params, context).run,
  evidence: (table, params, context) => batchEvidence(table, params, context),
});

/** A confusion of more classes than this is not read by anyone. */
const MAX_CONFUSION = 12;

function batchEvidence(given: ProfileTable, params: Params, context: TaskContext): Evidence {
  const { table: whole, declared } = normalised(given, params.normalise);
  const chosen = nonEmptyRows(whole, "the rows to compare", params.rows);
  const table = selectRows(whole, chosen);
  const batches = params.batches.filter(
    (name) => table.metadata.has(name) && new Set(textColumn(table, name)).size > 1,
  );
  if (batches.length === 0)
    throw tooFewClasses(params.batches.join(" or "), [...new Set(textColumn(table, "plate_id"))]);
  const fits = declaredFits(whole, chosen, context.allowLeak);
  const wellOf = textColumn(table, "well_id");
  const resampling = { nResamples: params.nResamples, seed: context.seed };
  const { seed, onProgress } = context;
  const { maxTrainRows } = params;
  const results: TaskResult[] = [];
  const figures: Figure[] = [];
  const notes: string[] = [];
  for (const batch of batches) {
    const batchOf = textColumn(table, batch);
    const told: TaskProgress = (stage, done, total) => onProgress?.(`${batch}, ${stage}`, done, total);
    const learner = { c: 1, classifier: "discriminant", maxTrainRows, seed, onProgress: told } as const;
    const naming = nameClasses(table, batchOf, wellOf, ["by-well"], learner, resampling);
    const named = (metric: string) => `${batch}: ${metric}`;
    const fewEnough = new Set(batchOf).size <= MAX_CONFUSION;
    for (const result of [...naming.results, majorityBaseline(batchOf, wellOf)]) {
      if (result.kind === "score") results.push({ ...result, metric: named(result.metric) });
      else if (fewEnough) results.push(result);
    }
    figures.push(...naming.figures.map((figure) => ({ ...figure, metric: named(figure.metric) })));
    notes.push(...naming.notes.map(named));
    const mixing = mixingFigure(table, batchOf, wellOf, params, context.seed);
    figures.push({ ...mixing.figure, metric: named(mixing.figure.metric) });
    results.push(scoreOf({ ...mixing.figure, metric: named(mixing.figure.metric) }, resampling));
    if (mixing.sampled)
      notes.push(
        named(`neighbours of ${mixing.nQueries} rows among ${mixing.nReferences}, drawn from ${table.nRows}.`),
      );
  }
  return {
    figures,
    run: {
      task: "batch-effects",
      title: "Batch effects",
      question: params.question ?? "How much do plates and experiments differ?",
      encoder: context.encoder,
      split: `a quarter of the wells held out at a time${declared}`,
      nWells: new Set(wellOf).size,
      nImages: table.nRows,
      nPlates: countPlates(table),
      seed: context.seed,
      results,
      notes: [
        "The nearer to chance, the smaller the batch effect. Rows that differ in kind from plate to plate (other compounds) make it look larger than it is: choose wells that should look alike.",
        ...notes,
        ...fits,
      ],
    },
  };
}

/** The share of each row's nearest neighbours, of other wells, that are of its own batch. */
function mixingFigure(
  table: ProfileTable,
  batchOf: readonly string[],
  wellOf: readonly string[],
  params: Params,
  seed: number,
) {
  const random = SeededRandom.forPart(seed, "batch-mixing");
  const all = Array.from({ length: table.nRows }, (_, i) => i);
  const draw = (most: number) => (all.length <= most ? [...all] : random.shuffle([...all]).slice(0, most));
  const [queries, references] = [draw(params.maxQueries), draw(params.maxReferences)];
  const units = (rows: readonly number[]) => unitRows(table.features, table.nFeatures, "cosine", rows);
  const share = new Float64Array(queries.length);
  const expected = new Float64Array(queries.length);
  const nearest = new Float64Array(params.nNeighbours);
  const isOwn = new Uint8Array(params.nNeighbours);
  eachSimilarity(units(queries), units(references), table.nFeatures, (i, similarities) => {
    const query = queries[i]!;
    let [held, allowed, own] = [0, 0, 0];
    for (let r = 0; r < references.length; r++) {
      const row = references[r]!;
      if (wellOf[row] === wellOf[query]) continue;
      const same = batchOf[row] === batchOf[query];
      allowed++;
      if (same) own++;
      const s = similarities[r]!;
      if (held === nearest.length && s <= nearest[held - 1]!) continue;
      let k = held < nearest.length ? held++ : held - 1; // insert, nearest first
      for (; k > 0 && nearest[k - 1]! < s; k--) {
        nearest[k] = nearest[k - 1]!;
        isOwn[k] = isOwn[k - 1]!;
      }
      nearest[k] = s;
      isOwn[k] = Number(same);
    }
    share[i] = held === 0 ? Number.NaN : isOwn.subarray(0, held).reduce((sum, v) => sum + v, 0) / held;
    expected[i] = allowed === 0 ? Number.NaN : own / allowed;
  });
  const known = expected.filter((v) => !Number.isNaN(v));
  const figure = meanFigure(
    `share of the ${params.nNeighbours} nearest of the same`,
    share,
    queries.map((row) => wellOf[row]!),
    {
      strata: queries.map((row) => batchOf[row]!),
      chance: known.reduce((sum, v) => sum + v, 0) / known.length,
    },
  );
  return {
    figure,
    sampled: queries.length < all.length || references.length < all.length,
    nQueries: queries.length,
    nReferences: references.length,
  };
}
