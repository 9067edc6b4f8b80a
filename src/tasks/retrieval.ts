// Do replicates of a treatment find each other among the controls, and treatments of one kind each other?
import { z } from "zod";
import { SeededRandom } from "../core/seeded-random.ts";
import { averagePrecision, randomAveragePrecisions } from "../math/average-precision.ts";
import { benjaminiHochberg } from "../math/multiple-tests.ts";
import { gritScores, percentReplicating, replicateReproducibility } from "../math/replicate-similarity.ts";
import { multiplyRows } from "../math/row-products.ts";
import { unitRows } from "../math/similarity.ts";
import { mean } from "../math/statistics.ts";
import { aggregate } from "../profiles/aggregate.ts";
import { type ProfileTable, profileTable, textColumn } from "../profiles/profile-table.ts";
import type { TaskResult } from "../schema/task-result.ts";
import { defineTask, type TaskContext } from "./define-task.ts";
import { tooFewReplicates } from "./errors.ts";
import { countPlates, type Evidence, type Figure, meanFigure, scoreOf } from "./figure.ts";
import { evenFits } from "./learning-params.ts";
import { type TaskProgress, tellSome } from "./progress.ts";
import { Normalise, nonEmptyRows, normalised, Selector } from "./selection.ts";

/** Parameters of {@link retrievalTask}. */
export const RetrievalParams = z.strictObject({
  controls: Selector.describe("the wells a replicate must stand out from, e.g. vehicle or untreated wells"),
  treated: Selector.optional().describe("the wells to find again; all that are no controls when left out"),
  sameBy: z
    .array(z.string())
    .min(1)
    .default(["treatment", "dose_um"])
    .describe("columns whose equal values make replicates"),
  group: z.string().optional().describe("column of a larger kind (mechanism, gene) for grit"),
  profile: z.string().default("treatment").describe("column of what grit is given for"),
  aggregate: z.enum(["well", "none"]).default("well").describe("well: one profile a well before anything else"),
  similarity: z.enum(["cosine", "pearson", "spearman"]).default("cosine"),
  normalise: Normalise,
  nullSize: z.int().min(100).default(10_000).describe("random rankings behind a p-value"),
  fdr: z.number().min(0).max(1).default(0.05),
  maxControls: z.int().min(2).default(1000).describe("controls drawn (by seed) where there are more"),
  maxPerGroup: z.int().min(2).default(100).describe("replicates of one treatment drawn where there are more"),
  nResamples: z.int().min(10).default(1000),
  question: z.string().optional(),
});
type Params = z.output<typeof RetrievalParams>;

/**
 * Mean average precision of replicates against controls with permutation p and false discovery rate, percent replicating,
 * replicate reproducibility and grit; beside them what well position alone retrieves.
 */
export const retrievalTask = defineTask({
  id: "retrieval",
  title: "Retrieval: do replicates find each other",
  description:
    "Ranks wells by similarity and asks whether replicates stand above controls: mAP with p and FDR, percent replicating, grit.",
  needs: ["well_id"],
  params: RetrievalParams,
  run: (table, params, context) => retrievalEvidence(table, params, context).run,
  evidence: (table, params, context) => retrievalEvidence(table, params, context),
});

function retrievalEvidence(
  given: ProfileTable,
  params: Params,
  { seed, encoder, allowLeak, onProgress }: TaskContext,
): Evidence {
  const { table: prepared, declared } = normalised(given, params.normalise);
  const wells = params.aggregate === "well" ? aggregate(prepared) : prepared;
  const random = SeededRandom.forPart(seed, "retrieval");
  const { groups, controls, groupOf, notes } = choose(wells, params, random);
  const fits = evenFits(wells, [...groups.values()].flat().concat(controls), allowLeak);
  const resampling = { nResamples: params.nResamples, seed };
  const found = precisionByGroup(wells, groups, controls, params, onProgress);
  const pOf = nullProbabilities(found, controls.length, params.nullSize, random);
  const q = benjaminiHochberg(pOf);
  const map = meanFigure(
    "mAP",
    found.map((g) => g.map),
    found.map((g) => g.name),
    { chance: mean(found.map((g) => g.chance)) },
  );
  const active = meanFigure(
    `share of treatments with q ≤ ${params.fdr}`,
    Array.from(q, (v) => Number(v <= params.fdr)),
    map.units,
  );
  const rows = found.flatMap((g) => g.rows);
  const units = unitRows(wells.features, wells.nFeatures, params.similarity, rows);
  const labels = rows.map((row) => groupOf[row]!);
  const replicating = percentReplicating(units, wells.nFeatures, labels, { seed });
  const replicates: Figure = meanFigure(
    "percent replicating",
    [...replicating.replicates.values()].map(Number),
    [...replicating.replicates.keys()],
    { chance: 0.05 },
  );
  const judged = replicating.replicates.size > 0;
  const notJudged = found.length - replicating.replicates.size;
  const reproducibility = replicateReproducibility(units, wells.nFeatures, labels, { seed });
  const position = positionScore(wells, groups, controls, params);
  const results: TaskResult[] = [
    scoreOf(map, resampling),
    scoreOf(active, resampling, { chance: params.fdr }),
    ...(judged ? [scoreOf(replicates, resampling)] : []),
    ...(Number.isNaN(reproducibility.fraction)
      ? []
      : [
          {
            ...{ kind: "score" as const, metric: "replicate pairs above the 95th percentile of others" },
            ...{ value: reproducibility.fraction, ci95: null, chance: 0.05, part: null },
            nUnits: reproducibility.nPairs,
          },
        ]),
    ...(position ? [scoreOf(position, resampling, { role: "leak-check" })] : []),
    {
      kind: "table",
      name: "Treatments by mAP",
      columns: [...params.sameBy, "wells", "mAP", "by chance", "p", "q"],
      rows: found
        .map((g, i) => [...g.name.split("\u0000"), g.rows.length, g.map, g.chance, pOf[i]!, q[i]!])
        .sort((a, b) => Number(b.at(-4)) - Number(a.at(-4))),
    },
    ...(params.group === undefined ? [] : [gritTable(wells, controls, rows, params)]),
  ];
  return {
    figures: [map, active, ...(judged ? [replicates] : [])],
    run: {
      task: "retrieval",
      title: "Replicates found among controls",
      question: params.question ?? "Do replicates of a treatment find each other?",
      encoder,
      split: `every well against ${controls.length} controls${declared}`,
      nWells: new Set(textColumn(wells, "well_id")).size,
      nImages: given.nRows,
      nPlates: countPlates(given),
      seed,
      results,
      notes: [
        ...notes,
        ...fits,
        "Replicates on one plate share more than their treatment; where they do, look at the leak check and normalise by plate.",
        ...(notJudged > 0
          ? [
              `Percent replicating leaves out ${notJudged} of ${found.length} treatments: they have more wells than there are treatments, so no chance group of their size, each well of another treatment, can be drawn.`,
            ]
          : []),
        ...(reproducibility.sampled ? ["Non-replicate pairs were sampled."] : []),
        ...(position &&
        position.statistic(new Uint8Array(position.units.length).fill(1)) >
          map.statistic(new Uint8Array(map.units.length).fill(1)) - 0.1
          ? [
              "The position of the wells alone retrieves about as well: replicates lie near each other on the plates, so this mAP proves little.",
            ]
          : []),
      ],
    },
  };
}

function choose(wells: ProfileTable, params: Params, random: SeededRandom) {
  const notes: string[] = [];
  let controls = nonEmptyRows(wells, "the controls", params.controls);
  const isControl = new Set(controls);
  const treated = (
    params.treated
      ? nonEmptyRows(wells, "the treated wells", params.treated)
      : Array.from({ length: wells.nRows }, (_, i) => i)
  ).filter((row) => !isControl.has(row));
  const columns = params.sameBy.map((name) => textColumn(wells, name));
  const groupOf = Array.from({ length: wells.nRows }, (_, i) => columns.map((values) => values[i]).join("\u0000"));
  const groups = new Map<string, number[]>();
  for (const row of treated) groups.set(groupOf[row]!, [...(groups.get(groupOf[row]!) ?? []), row]);
  const single = [...groups].filter(([, rows]) => rows.length < 2);
  for (const [name] of single) groups.delete(name);
  if (groups.size === 0) throw tooFewReplicates(params.sameBy);
  if (single.length > 0)
    notes.push(`${single.length} treatments have a single well and cannot be retrieved; they are left out.`);
  if (controls.length > params.maxControls) {
    notes.push(`${params.maxControls} of ${controls.length} controls were drawn.`);
    controls = random
      .shuffle([...controls])
      .slice(0, params.maxControls)
      .sort((a, b) => a - b);
  }
  for (const [name, rows] of groups) {
    if (rows.length <= params.maxPerGroup) continue;
    notes.push(`${params.maxPerGroup} of ${rows.length} wells of ${name.replaceAll("\u0000", " ")} were drawn.`);
    groups.set(name, random.shuffle([...rows]).slice(0, params.maxPerGroup));
  }
  return { groups, controls, groupOf, notes };
}

interface FoundGroup {
  readonly name: string;
  readonly rows: readonly number[];
  readonly map: number;
  /** Mean average precision of random rankings. */
  readonly chance: number;
}

/** Source: Kalinin et al., A versatile information retrieval framework for evaluating profile strength (Nat. Commun. 2025). */
function precisionByGroup(
  wells: ProfileTable,
  groups: ReadonlyMap<string, readonly number[]>,
  controls: readonly number[],
  params: Pick<Params, "similarity">,
  onProgress?: TaskProgress,
): FoundGroup[] {
  const f = wells.nFeatures;
  const reference = unitRows(wells.features, f, params.similarity, controls);
  const tell = tellSome(onProgress, "replicates among controls", groups.size);
  return [...groups].map(([name, rows], done) => {
    tell(done);
    const own = unitRows(wells.features, f, params.similarity, rows);
    const n = rows.length;
    const kin = multiplyRows(own, own, f, new Float64Array(n * n));
    const far = multiplyRows(own, reference, f, new Float64Array(n * controls.length));
    const positive = Uint8Array.from({ length: n - 1 + controls.length }, (_, i) => Number(i < n - 1));
    const scores = new Float64Array(positive.length);
    let sum = 0;
    for (let i = 0; i < n; i++) {
      scores.set(kin.subarray(i * n, i * n + i));
      scores.set(kin.subarray(i * n + i + 1, i * n + n), i);
      scores.set(far.subarray(i * controls.length, (i + 1) * controls.length), n - 1);
      sum += averagePrecision(scores, positive);
    }
    return { name, rows, map: sum / n, chance: expectedPrecision(n - 1, positive.length) };
  });
}

/** Mean average precision of random rankings, exactly: Bestgen, Exact expected average precision (2015). */
function expectedPrecision(nPositive: number, nItems: number): number {
  let harmonic = 0;
  for (let i = 1; i <= nItems; i++) harmonic += 1 / i;
  if (nItems === 1) return 1;
  return ((nPositive - 1) / (nItems - 1)) * (1 - harmonic / nItems) + harmonic / nItems;
}

/**
 * p = (number of random rankings at least as good + 1) / (N + 1), as copairs; ties count, so that p stays valid for small groups.
 * All wells of a group have rankings of the same size, hence one null a group size.
 */
function nullProbabilities(
  found: readonly FoundGroup[],
  nControls: number,
  nullSize: number,
  random: SeededRandom,
): Float64Array {
  const nulls = new Map<number, Float64Array>();
  return Float64Array.from(found, ({ rows, map }) => {
    const nPositive = rows.length - 1;
    let sorted = nulls.get(nPositive);
    if (!sorted) {
      sorted = randomAveragePrecisions(nPositive, nPositive + nControls, nullSize, random).sort();
      nulls.set(nPositive, sorted);
    }
    const atLeast = sorted.length - firstAtLeast(sorted, map - 1e-12);
    return (atLeast + 1) / (nullSize + 1);
  });
}

function firstAtLeast(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The same, given nothing but where each well lies; null where that is not known. */
function positionScore(
  wells: ProfileTable,
  groups: ReadonlyMap<string, readonly number[]>,
  controls: readonly number[],
  params: Params,
): Figure | null {
  const [row, column] = [wells.metadata.get("row"), wells.metadata.get("column")];
  if (!row || !column) return null;
  const features = new Float32Array(3 * wells.nRows);
  for (let i = 0; i < wells.nRows; i++) {
    // Points on a sphere, so that the cosine falls with distance on the plate.
    const [r, c] = [Number(row[i] ?? 0) / 64, Number(column[i] ?? 0) / 64];
    features.set([r, c, Math.sqrt(Math.max(0, 1 - r * r - c * c))], 3 * i);
  }
  const places = profileTable({ features, featureNames: ["row", "column", "up"], metadata: wells.metadata });
  const found = precisionByGroup(places, groups, controls, {
    similarity: params.similarity === "cosine" ? "cosine" : "pearson",
  });
  return meanFigure(
    "mAP of well position alone",
    found.map((g) => g.map),
    found.map((g) => g.name),
    { chance: mean(found.map((g) => g.chance)) },
  );
}

function gritTable(
  wells: ProfileTable,
  controls: readonly number[],
  rows: readonly number[],
  params: Params,
): TaskResult {
  const used = [...rows, ...controls];
  const [profile, group] = [textColumn(wells, params.profile), textColumn(wells, params.group!)];
  const scores = gritScores(unitRows(wells.features, wells.nFeatures, params.similarity, used), wells.nFeatures, {
    profile: used.map((row) => profile[row]!),
    group: used.map((row) => group[row]!),
    isControl: used.map((_, i) => i >= rows.length),
  });
  return {
    kind: "table",
    name: "Grit",
    columns: [params.profile, params.group!, "grit"],
    rows: scores
      .filter((s) => Number.isFinite(s.grit))
      .sort((a, b) => b.grit - a.grit)
      .map((s) => [s.profile, s.group, s.grit]),
  };
}
