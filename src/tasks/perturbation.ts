// Which treatment, gene or mechanism is it, told by the nearest other profile.
import { z } from "zod";
import { SeededRandom } from "../core/seeded-random.ts";
import { eachSimilarity, unitRows } from "../math/similarity.ts";
import { mean } from "../math/statistics.ts";
import { rowsByValue } from "../profiles/aggregate.ts";
import { type ProfileTable, profileTable, selectRows, textColumn } from "../profiles/profile-table.ts";
import type { TaskResult } from "../schema/task-result.ts";
import { defineTask, type TaskContext } from "./define-task.ts";
import { tooFewClasses } from "./errors.ts";
import { countPlates, type Evidence, type Figure, meanFigure, scoreOf } from "./figure.ts";
import { declaredFits } from "./learning-params.ts";
import { tellSome } from "./progress.ts";
import { Normalise, nonEmptyRows, normalised, Selector } from "./selection.ts";

/** Parameters of {@link perturbationTask}. */
export const PerturbationParams = z.strictObject({
  label: z.string().default("treatment").describe("the column to be named: treatment, sirna, moa"),
  rows: Selector.default({}).describe("which rows; all with a label by default"),
  profile: z
    .array(z.string())
    .min(1)
    .default(["well_id"])
    .describe('columns whose equal values are averaged into one profile, e.g. ["treatment", "dose_um"]'),
  compound: z
    .string()
    .optional()
    .describe(
      "NSC: neighbours of the same value here do not count; with label moa, the treatment. The profile itself when left out",
    ),
  batch: z.string().default("plate_id").describe("NSCB: neighbours of the same value here do not count either"),
  topK: z.array(z.int().min(1)).default([1, 5, 10]),
  maxQueries: z.int().min(10).default(4000).describe("profiles to be named, drawn by seed where there are more"),
  maxReferences: z
    .int()
    .min(10)
    .default(20_000)
    .describe("profiles to be neighbours, drawn by seed where there are more"),
  normalise: Normalise,
  nResamples: z.int().min(10).default(1000),
  question: z.string().optional(),
});
type Params = z.output<typeof PerturbationParams>;

/** NSC and NSCB: the nearest profile by cosine that is not the same compound (nor of the same batch) names the label; top-k. */
export const perturbationTask = defineTask({
  id: "perturbation",
  title: "Perturbation identity",
  description: "Names treatment, gene or mechanism by the nearest other profile: NSC, NSCB and top-k.",
  needs: ["well_id"],
  params: PerturbationParams,
  run: (table, params, context) => perturbationEvidence(table, params, context).run,
  evidence: (table, params, context) => perturbationEvidence(table, params, context),
});

interface Profiles {
  readonly table: ProfileTable;
  readonly label: readonly string[];
  readonly compound: readonly string[];
  readonly batch: readonly string[] | null;
}

function perturbationEvidence(given: ProfileTable, params: Params, context: TaskContext): Evidence {
  const { table: whole, declared } = normalised(given, params.normalise);
  const labels = textColumn(whole, params.label);
  const chosen = nonEmptyRows(whole, "the rows to name", params.rows).filter((row) => labels[row] !== "");
  const classes = [...new Set(chosen.map((row) => labels[row]!))];
  if (classes.length < 2) throw tooFewClasses(params.label, classes);
  const rows = selectRows(whole, chosen);
  const fits = declaredFits(whole, chosen, context.allowLeak);
  const profiles = profilesOf(rows, params);
  const random = SeededRandom.forPart(context.seed, "perturbation");
  const n = profiles.table.nRows;
  const queries = drawn(n, params.maxQueries, random);
  const references = drawn(n, params.maxReferences, random);
  const resampling = { nResamples: params.nResamples, seed: context.seed };
  const results: TaskResult[] = [];
  const figures: Figure[] = [];
  const notes: string[] = [];
  for (const [name, batch] of [
    ["NSC", null],
    ["NSCB", profiles.batch],
  ] as const) {
    if (name === "NSCB" && batch === null) {
      notes.push(
        `No NSCB: profiles span several values of ${params.batch}, or it is not known. Make profiles by well, or add ${params.batch} to profile.`,
      );
      continue;
    }
    const named = nameByNearest(
      profiles,
      queries,
      references,
      batch,
      profiles.table,
      tellSome(context.onProgress, `${name}, profiles named`, queries.length),
    );
    if (named.nRight.length === 0) {
      notes.push(`No ${name}: no profile has another one of its ${params.label} that may count.`);
      continue;
    }
    if (named.nUnanswerable > 0)
      notes.push(
        `${name}: ${named.nUnanswerable} profiles have no other of their ${params.label} that may count, and are left out.`,
      );
    const units = named.queries.map((q) => profiles.compound[q]!);
    for (const k of params.topK.filter((k) => k < classes.length)) {
      const metric = k === 1 ? `${name} accuracy` : `${name} top-${k}`;
      const figure = meanFigure(
        metric,
        named.rank.map((rank) => Number(rank < k)),
        units,
        { chance: k === 1 ? mean(named.nRight) : null },
      );
      results.push(scoreOf(figure, resampling));
      if (k === 1) figures.push(figure);
    }
    const place = positionTable(profiles.table);
    if (place) {
      const alone = nameByNearest(profiles, queries, references, batch, place);
      const figure = meanFigure(
        `${name} of well position alone`,
        alone.rank.map((rank) => Number(rank < 1)),
        alone.queries.map((q) => profiles.compound[q]!),
        { chance: mean(alone.nRight) },
      );
      results.push(scoreOf(figure, resampling, { role: "leak-check" }));
    }
  }
  if (queries.length < n || references.length < n)
    notes.push(`${queries.length} profiles were named among ${references.length} neighbours, drawn from ${n}.`);
  return {
    figures: figures.reverse(),
    run: {
      task: "perturbation",
      title: `Naming ${params.label}`,
      question: params.question ?? `Which ${params.label}?`,
      encoder: context.encoder,
      split: `nearest neighbour (cosine) among ${n} profiles by ${params.profile.join(" + ")}${declared}`,
      nWells: new Set(textColumn(rows, "well_id")).size,
      nImages: rows.nRows,
      nPlates: countPlates(rows),
      seed: context.seed,
      results,
      notes: [
        `${classes.length} classes; chance is the share of right answers among the neighbours that may count.`,
        "Intervals take the compound (or profile, where none is named) as independent.",
        ...notes,
        ...fits,
      ],
    },
  };
}

/** Means of the rows that make one profile, with what it is called and what must not count as its neighbour. */
function profilesOf(rows: ProfileTable, params: Params): Profiles {
  const columns = params.profile.map((name) => textColumn(rows, name));
  const label = textColumn(rows, params.label);
  const key = Array.from({ length: rows.nRows }, (_, i) =>
    [...columns.map((values) => values[i]), label[i]].join("\u0000"),
  );
  const groups = rowsByValue(key);
  const f = rows.nFeatures;
  const features = new Float32Array(groups.length * f);
  groups.forEach((own, g) => {
    for (const row of own) for (let j = 0; j < f; j++) features[g * f + j]! += rows.features[row * f + j]! / own.length;
  });
  const metadata = new Map(
    [...rows.metadata].map(([name, values]) => [name, groups.map((own) => values[own[0]!] ?? null)]),
  );
  const table = profileTable({ features, featureNames: rows.featureNames, metadata });
  const compound = params.compound === undefined ? groups.map((_, g) => String(g)) : textColumn(table, params.compound);
  const batchOf = rows.metadata.has(params.batch) ? textColumn(rows, params.batch) : null;
  const oneBatch = batchOf !== null && groups.every((own) => own.every((row) => batchOf[row] === batchOf[own[0]!]));
  return {
    table,
    label: groups.map((own) => label[own[0]!]!),
    compound,
    batch: oneBatch ? groups.map((own) => batchOf[own[0]!]!) : null,
  };
}

interface Named {
  /** Profiles that could be named. */
  readonly queries: readonly number[];
  /** Labels nearer than the right one, by each label's nearest profile. */
  readonly rank: readonly number[];
  /** Share of right answers among the neighbours that may count. */
  readonly nRight: readonly number[];
  readonly nUnanswerable: number;
}

function nameByNearest(
  profiles: Profiles,
  queries: readonly number[],
  references: readonly number[],
  batch: readonly string[] | null,
  table: ProfileTable,
  tell: (done: number) => void = () => {},
): Named {
  const f = table.nFeatures;
  const classes = [...new Set(profiles.label)];
  const classNumber = new Map(classes.map((name, i) => [name, i]));
  const classOf = Int32Array.from(references, (row) => classNumber.get(profiles.label[row]!)!);
  const named: Named = { queries: [], rank: [], nRight: [], nUnanswerable: 0 };
  let nUnanswerable = 0;
  const best = new Float64Array(classes.length);
  const units = (rows: readonly number[]) => unitRows(table.features, f, "cosine", rows);
  eachSimilarity(units(queries), units(references), f, (i, similarities) => {
    tell(i);
    const query = queries[i]!;
    const own = classNumber.get(profiles.label[query]!)!;
    best.fill(Number.NEGATIVE_INFINITY);
    let [allowed, right] = [0, 0];
    for (let r = 0; r < references.length; r++) {
      const row = references[r]!;
      if (row === query || profiles.compound[row] === profiles.compound[query]) continue;
      if (batch && batch[row] === batch[query]) continue;
      const k = classOf[r]!;
      allowed++;
      if (k === own) right++;
      if (similarities[r]! > best[k]!) best[k] = similarities[r]!;
    }
    if (right === 0) {
      nUnanswerable++;
      return;
    }
    let rank = 0;
    for (let k = 0; k < classes.length; k++) if (k !== own && best[k]! >= best[own]!) rank++;
    (named.queries as number[]).push(query);
    (named.rank as number[]).push(rank);
    (named.nRight as number[]).push(right / allowed);
  });
  return { ...named, nUnanswerable };
}

/** Where each profile's first well lies, as points on a sphere; null where that is not known. */
function positionTable(table: ProfileTable): ProfileTable | null {
  const [row, column] = [table.metadata.get("row"), table.metadata.get("column")];
  if (!row || !column) return null;
  const features = Float32Array.from({ length: 3 * table.nRows }, (_, at) => {
    const i = Math.floor(at / 3);
    const [r, c] = [Number(row[i] ?? 0) / 64, Number(column[i] ?? 0) / 64];
    return [r, c, Math.sqrt(Math.max(0, 1 - r * r - c * c))][at % 3]!;
  });
  return profileTable({ features, featureNames: ["row", "column", "up"], metadata: table.metadata });
}

function drawn(n: number, most: number, random: SeededRandom): number[] {
  const rows = Array.from({ length: n }, (_, i) => i);
  return n <= most
    ? rows
    : random
        .shuffle(rows)
        .slice(0, most)
        .sort((a, b) => a - b);
}
