// Which compounds bring diseased wells back to healthy, beyond luck and without doing something else?
import { z } from "zod";
import { benjaminiHochberg } from "../math/multiple-tests.ts";
import { rankCorrelation } from "../math/statistics.ts";
import { aggregate } from "../profiles/aggregate.ts";
import { column, type ProfileTable, textColumn } from "../profiles/profile-table.ts";
import type { TaskResult } from "../schema/task-result.ts";
import { agreementAtTheTop, agreementFigures } from "./agreement.ts";
import { defineTask, type TaskContext } from "./define-task.ts";
import { type Evidence, type Figure, scoreOf } from "./figure.ts";
import { evenFits } from "./learning-params.ts";
import { permutationP, rescueInterval } from "./permutation-p.ts";
import { type AxisScores, perturbationAxis } from "./perturbation-axis.ts";
import { type TaskProgress, tellSome } from "./progress.ts";
import { calibratedSpread, rescueScore, summariseDoses, zPrime } from "./rescue.ts";
import { nonEmptyRows, Selector, twoClasses } from "./selection.ts";

/** Parameters of {@link hitsTask}. */
export const HitsParams = z.strictObject({
  healthy: Selector.describe("control wells at 0 of the axis, e.g. mock-infected and untreated"),
  diseased: Selector.describe("control wells at 1 of the axis, e.g. infected and untreated"),
  treated: Selector.describe("wells with a compound"),
  fdr: z.number().min(0).max(1).default(0.05).describe("false discovery rate at which compounds are called"),
  offAxisLimit: z.number().positive().default(3).describe("median off-axis z above which the best dose is no rescue"),
  nPermutations: z.int().min(99).default(50_000).describe("most label permutations behind a compound's p-value"),
  known: z.record(z.string(), z.number()).optional().describe("scores known from elsewhere, larger = better rescue"),
  actives: z.array(z.string()).default([]).describe("compounds known to work"),
  topK: z.int().min(1).default(10),
  nResamples: z.int().min(10).default(200).describe("bootstrap draws behind each interval"),
  question: z.string().optional(),
});
type Params = z.output<typeof HitsParams>;

/**
 * Ranks compounds by rescue score (docs/tasks.md) with permutation p-values against the untreated wells of the same plates and
 * false discovery rates; Z′ of the controls and agreement with known scores beside it.
 */
export const hitsTask = defineTask({
  id: "hits",
  title: "Hits: which compounds rescue, beyond luck",
  description:
    "Ranks compounds by rescue less toxicity, with permutation p, false discovery rate and agreement with known scores.",
  needs: ["plate_id", "well_id", "treatment", "dose_um"],
  params: HitsParams,
  run: (table, params, context) => hitsEvidence(table, params, context).run,
  evidence: (table, params, context) => hitsEvidence(table, params, context),
});

interface Hit {
  readonly name: string;
  readonly rows: readonly number[];
  readonly nPlates: number;
  readonly score: number;
  readonly interval: readonly [number, number] | null;
  readonly bestDose: number;
  readonly onAtBest: number;
  readonly offZAtBest: number;
  readonly p: number;
}

function hitsEvidence(
  table: ProfileTable,
  params: Params,
  { seed, encoder, allowLeak, onProgress }: TaskContext,
): Evidence {
  const wells = aggregate(table);
  const [healthy, diseased] = twoClasses(wells, [
    { name: "the healthy controls", rows: params.healthy },
    { name: "the diseased controls", rows: params.diseased },
  ]);
  const treated = nonEmptyRows(wells, "the treated wells", params.treated);
  const fits = evenFits(wells, [...diseased, ...treated], allowLeak);
  const axis = perturbationAxis(wells, healthy, diseased);
  const scored = (rows: readonly number[]) => rows.filter((row) => Number.isFinite(axis.on[row]));
  const hits = judge(wells, axis, scored(treated), scored(diseased), params, seed, onProgress);
  const q = benjaminiHochberg(hits.map((hit) => hit.p));
  const verdicts = hits.map((hit, i) => verdict(hit, q[i]!, params));
  const agreement = agreementFigures(hits, params);
  const zFigure = zPrimeFigure(wells, axis, scored(healthy), scored(diseased));
  const resampling = { nResamples: Math.max(200, params.nResamples), seed };
  const [zAll, ...zPlates] = zPrime(wells, axis, scored(healthy), scored(diseased));
  const used = scored([...healthy, ...diseased, ...treated]);
  return {
    figures: [zFigure, ...agreement],
    run: {
      task: "hits",
      title: "Hits",
      question: params.question ?? "Which compounds rescue?",
      encoder,
      split: `axis from ${axis.directionFrom}; p by permuting wells with untreated ones of the same plate`,
      nWells: used.length,
      nImages: used.reduce((sum, row) => sum + Number(column(wells, "n_aggregated")[row]), 0),
      nPlates: axis.plates.length,
      seed,
      results: [
        { ...scoreOf(zFigure, resampling), value: zAll!.value },
        ...zPlates,
        ...agreement.map((figure) => scoreOf(figure, resampling)),
        ...positionCheck(wells, axis, scored(diseased)),
        ...agreementAtTheTop(hits, params),
        hitTable(hits, q, verdicts),
      ],
      notes: [...notesOn(axis, hits, verdicts, treated.length - scored(treated).length, params), ...fits],
    },
  };
}

function judge(
  wells: ProfileTable,
  axis: AxisScores,
  treated: readonly number[],
  untreated: readonly number[],
  params: Params,
  seed: number,
  onProgress?: TaskProgress,
): Hit[] {
  const names = textColumn(wells, "treatment");
  const plateOf = textColumn(wells, "plate_id");
  const doseOf = column(wells, "dose_um").map(Number);
  const rowsOf = new Map<string, number[]>();
  for (const row of treated) {
    const own = rowsOf.get(names[row]!);
    if (own) own.push(row);
    else rowsOf.set(names[row]!, [row]);
  }
  const untreatedOn = new Map<string, number[]>();
  for (const row of untreated) {
    const own = untreatedOn.get(plateOf[row]!);
    if (own) own.push(row);
    else untreatedOn.set(plateOf[row]!, [row]);
  }
  const tell = tellSome(onProgress, "compounds judged", rowsOf.size);
  const hits = [...rowsOf].flatMap(([name, all], done): Hit[] => {
    tell(done);
    const byDose = summariseDoses(axis, doseOf, all);
    if (byDose.length === 0) return []; // no dose above 0
    const rows = byDose.flatMap((d) => d.rows);
    const score = rescueScore(byDose);
    const best = byDose.reduce((a, b) => (rescueScore([b]) > rescueScore([a]) ? b : a));
    const interval = rescueInterval(axis, byDose, { seed, name, nResamples: params.nResamples });
    return [
      {
        name,
        rows,
        nPlates: new Set(rows.map((row) => plateOf[row])).size,
        score,
        interval,
        bestDose: best.dose,
        onAtBest: best.on,
        offZAtBest: best.offZ,
        p: permutationP({ axis, plateOf, untreatedOn, byDose, seed, name, most: params.nPermutations }),
      },
    ];
  });
  return hits.sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
}

function verdict(hit: Hit, q: number, { fdr, offAxisLimit }: Params): string {
  if (hit.offZAtBest > offAxisLimit) return "off-axis";
  if (q > fdr) return "not told from untreated";
  return "hit";
}

function hitTable(hits: readonly Hit[], q: ArrayLike<number>, verdicts: readonly string[]): TaskResult {
  return {
    kind: "table",
    name: "Compounds, best rescue first",
    columns: [
      "treatment",
      "wells",
      "plates",
      "rescue score",
      "95 % from",
      "95 % to",
      "best dose (µM)",
      "on axis there",
      "off-axis z there",
      "p",
      "q",
      "verdict",
    ],
    rows: hits.map((hit, i) => [
      hit.name,
      hit.rows.length,
      hit.nPlates,
      hit.score,
      hit.interval?.[0] ?? null,
      hit.interval?.[1] ?? null,
      hit.bestDose,
      hit.onAtBest,
      hit.offZAtBest,
      hit.p,
      q[i]!,
      verdicts[i]!,
    ]),
  };
}

function zPrimeFigure(
  wells: ProfileTable,
  axis: AxisScores,
  healthy: readonly number[],
  diseased: readonly number[],
): Figure {
  const rows = [...healthy, ...diseased];
  const plateOf = textColumn(wells, "plate_id");
  const isDiseased = rows.map((_, i) => i >= healthy.length);
  const wide = {
    healthy: calibratedSpread(axis, plateOf, healthy),
    diseased: calibratedSpread(axis, plateOf, diseased),
  };
  const moments = (counts: ArrayLike<number>, of: boolean) => {
    let [n, sum, square] = [0, 0, 0];
    rows.forEach((row, i) => {
      if (isDiseased[i] !== of) return;
      n += counts[i]!;
      sum += counts[i]! * axis.on[row]!;
      square += counts[i]! * axis.on[row]! ** 2;
    });
    const wider = of ? wide.diseased : wide.healthy;
    return { centre: sum / n, sd: wider * Math.sqrt(Math.max(0, square - (sum * sum) / n) / (n - 1)) };
  };
  return {
    metric: "Z′ (wells)",
    chance: null,
    units: rows.map((row) => textColumnAt(wells, "well_id", row)),
    strata: rows.map((row, i) => `${plateOf[row]}\u0000${isDiseased[i]}`),
    statistic: (counts) => {
      const [h, d] = [moments(counts, false), moments(counts, true)];
      return 1 - (3 * (h.sd + d.sd)) / Math.abs(d.centre - h.centre);
    },
  };
}

const textColumnAt = (table: ProfileTable, name: string, row: number) => String(column(table, name)[row]);

/** How far the place of an untreated well on its plate tells its rescue: edge effects that would pass for compounds. */
function positionCheck(wells: ProfileTable, axis: AxisScores, untreated: readonly number[]): TaskResult[] {
  const [row, columnOf] = [wells.metadata.get("row"), wells.metadata.get("column")];
  if (!row || !columnOf || untreated.length < 8) return [];
  const on = untreated.map((r) => axis.on[r]!);
  const centre = (values: readonly number[]) => (Math.min(...values) + Math.max(...values)) / 2;
  const [rows, columns] = [untreated.map((r) => Number(row[r])), untreated.map((r) => Number(columnOf[r]))];
  const [r0, c0] = [centre(rows), centre(columns)];
  const fromCentre = rows.map((r, i) => Math.hypot(r - r0, columns[i]! - c0));
  const rho = rankCorrelation(on, fromCentre);
  if (!Number.isFinite(rho)) return [];
  return [
    {
      kind: "score",
      metric: "Spearman of untreated wells' severity with distance from the plate's centre",
      value: rho,
      ci95: null,
      chance: 0,
      part: null,
      nUnits: untreated.length,
      role: "leak-check",
    },
  ];
}

function notesOn(
  axis: AxisScores,
  hits: readonly Hit[],
  verdicts: readonly string[],
  nLeftOut: number,
  params: Params,
): string[] {
  const called = verdicts.filter((v) => v === "hit").length;
  const notes = [
    `${called} of ${hits.length} compounds are called at a false discovery rate of ${params.fdr}; with no compound doing anything, none should be.`,
    "The rescue score is our own (docs/tasks.md): the best dose's 1 − median on, less what it does off the axis; not Recursion's hit score.",
  ];
  if (hits.length / (params.nPermutations + 1) > params.fdr) {
    notes.push(
      `With ${hits.length} compounds, ${params.nPermutations} permutations cannot reach q ≤ ${params.fdr} for a single hit; raise nPermutations.`,
    );
  }
  if (axis.inverted.length > 0)
    notes.push(`Left out, because their controls lie the wrong way round: ${axis.inverted.join(", ")}.`);
  if (nLeftOut > 0) notes.push(`${nLeftOut} treated wells lie on plates without usable controls and were left out.`);
  const known = params.known;
  if (known) {
    const missing = hits.filter((hit) => known[hit.name] === undefined).length;
    if (missing > 0) notes.push(`${missing} compounds have no known score (names must match exactly).`);
  }
  return notes;
}
