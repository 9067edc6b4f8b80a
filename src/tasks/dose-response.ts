// At what dose does a compound bring diseased wells back to healthy, and does it do so without doing something else?
import { z } from "zod";
import { type DoseResponseCurve, doseResponseCurve } from "../math/dose-response-curve.ts";
import { logLogistic } from "../math/log-logistic.ts";
import { median, standardDeviation } from "../math/statistics.ts";
import { aggregate } from "../profiles/aggregate.ts";
import { column, type ProfileTable, rowsWhere, textColumn } from "../profiles/profile-table.ts";
import type { Curve, TaskResult, TaskRun } from "../schema/task-result.ts";
import { defineTask } from "./define-task.ts";
import { evenFits } from "./learning-params.ts";
import { type AxisScores, perturbationAxis } from "./perturbation-axis.ts";
import { type TaskProgress, tellSome } from "./progress.ts";
import { type DoseSummary, rescueScore, summariseDoses, zPrime } from "./rescue.ts";
import { nonEmptyRows, Selector, twoClasses } from "./selection.ts";

/** Parameters of {@link doseResponseTask}. */
export const DoseResponseParams = z.strictObject({
  healthy: Selector.describe("control wells at 0 of the axis, e.g. mock-infected and untreated"),
  diseased: Selector.describe(
    "control wells at 1 of the axis, e.g. infected and untreated; also dose 0 of every curve",
  ),
  treated: Selector.describe("wells with a compound"),
  alsoScored: z
    .record(z.string(), Selector)
    .default({})
    .describe("further groups to place on the axis, e.g. UV-inactivated virus, which should lie at 0"),
  offAxisLimit: z
    .number()
    .positive()
    .default(3)
    .describe("median off-axis z of a dose's wells above which they are set aside: the compound does something else"),
  question: z.string().optional(),
});
type Params = z.output<typeof DoseResponseParams>;

/** Projects wells on the healthy–diseased axis and fits a log-logistic curve a compound; EC50s only where the wells determine them. */
export const doseResponseTask = defineTask({
  id: "dose-response",
  title: "Which compounds rescue, and at what dose",
  description: "Places wells between healthy and diseased controls and fits a four-parameter curve to each compound.",
  needs: ["plate_id", "well_id", "treatment", "dose_um"],
  params: DoseResponseParams,
  run(table, params, { seed, encoder, allowLeak, onProgress }) {
    const wells = aggregate(table);
    const [healthy, diseased] = twoClasses(wells, [
      { name: "the healthy controls", rows: params.healthy },
      { name: "the diseased controls", rows: params.diseased },
    ]);
    const treated = nonEmptyRows(wells, "the treated wells", params.treated);
    const fits = evenFits(wells, [...diseased, ...treated], allowLeak);
    const axis = perturbationAxis(wells, healthy, diseased);
    const scored = (rows: readonly number[]) => rows.filter((row) => Number.isFinite(axis.on[row]));
    const compounds = judgeCompounds(wells, axis, scored(treated), scored(diseased), params.offAxisLimit, onProgress);
    const used = scored([...healthy, ...diseased, ...treated]);
    const nImages = column(wells, "n_aggregated");
    return {
      task: "dose-response",
      title: "Rescue by dose",
      question: params.question ?? "Which compounds rescue, and at what dose?",
      encoder,
      split: `axis from ${axis.directionFrom}`,
      nWells: used.length,
      nImages: used.reduce((sum, row) => sum + Number(nImages[row]), 0),
      nPlates: axis.plates.length,
      seed,
      results: [
        ...zPrime(wells, axis, scored(healthy), scored(diseased)),
        groupsTable(wells, axis, scored(healthy), scored(diseased), params),
        compoundsTable(compounds),
        ...compounds.map((compound) => compound.curve),
      ],
      notes: [...notesOn(axis, treated.length - scored(treated).length, compounds, params), ...fits],
    } satisfies TaskRun;
  },
});

interface Compound {
  readonly name: string;
  readonly nWells: number;
  readonly curve: Curve;
  /** Doses (µM) whose wells leave the axis. */
  readonly setAside: readonly number[];
  readonly largestOffZ: number;
  /** 1 − on at the highest dose kept, by the fitted curve, or by the median where there is none. */
  readonly rescueAtTop: number;
  readonly rescueScore: number;
  readonly verdict: string;
}

function judgeCompounds(
  wells: ProfileTable,
  axis: AxisScores,
  treated: readonly number[],
  untreated: readonly number[],
  offAxisLimit: number,
  onProgress?: TaskProgress,
): Compound[] {
  const names = textColumn(wells, "treatment");
  const all = [...new Set(treated.map((row) => names[row]!))];
  const tell = tellSome(onProgress, "curves fitted", all.length);
  const compounds = all.map((name, done) => {
    tell(done);
    return judgeCompound(
      wells,
      axis,
      name,
      treated.filter((row) => names[row] === name),
      untreated,
      offAxisLimit,
    );
  });
  return compounds.sort((a, b) => b.rescueScore - a.rescueScore || (a.name < b.name ? -1 : 1));
}

function judgeCompound(
  wells: ProfileTable,
  axis: AxisScores,
  name: string,
  rows: readonly number[],
  untreated: readonly number[],
  offAxisLimit: number,
): Compound {
  const doseOf = column(wells, "dose_um").map(Number);
  const plateOf = textColumn(wells, "plate_id");
  const byDose = summariseDoses(axis, doseOf, rows);
  const setAside = byDose.filter((d) => d.offZ > offAxisLimit).map((d) => d.dose);
  const kept = byDose.filter((d) => d.offZ <= offAxisLimit);
  const keptRows = kept.flatMap((d) => d.rows);
  // Untreated diseased wells are dose 0: they hold the upper end of every curve where it belongs.
  const plates = new Set(rows.map((row) => plateOf[row]));
  const zero = untreated.filter((row) => plates.has(plateOf[row]));
  const judged = doseResponseCurve(
    [...zero.map(() => 0), ...keptRows.map((row) => doseOf[row]!)],
    [...zero, ...keptRows].map((row) => axis.on[row]!),
  );
  const refused = refusal(judged, setAside);
  return {
    name,
    nWells: rows.length,
    setAside,
    largestOffZ: Math.max(...byDose.map((d) => d.offZ)),
    rescueAtTop: rescueAt(kept.at(-1), judged),
    rescueScore: rescueScore(byDose),
    verdict: verdict(judged, refused, setAside),
    curve: {
      kind: "curve",
      name,
      responseName: "0 = like healthy wells, 1 = like untreated diseased wells",
      points: rows.map((row) => ({ doseUm: doseOf[row]!, response: axis.on[row]!, plate: plateOf[row]! })),
      ...(setAside.length > 0 ? { setAsideUm: setAside } : {}),
      fit: judged.fit && refused === null ? curveParameters(judged.fit) : null, // a refused fit may have absurd levels
      ec50Um: refused === null ? judged.ec50 : null,
      ec50Ci95Um: refused === null && judged.ec50Ci95 ? [judged.ec50Ci95[0], judged.ec50Ci95[1]] : null,
      refused,
    },
  };
}

/** 1 − on at a dose, by the fitted curve where there is one; NaN without a dose. */
function rescueAt(top: DoseSummary | undefined, { fit, refused }: DoseResponseCurve): number {
  if (!top) return Number.NaN;
  return 1 - (fit && refused?.code !== "flat" ? logLogistic(fit, top.dose) : top.on);
}

/** Written with bottom ≤ top, so that a falling curve has a negative hill: `bottom + (top − bottom)/(1 + (ec50/dose)^hill)`. */
function curveParameters(fit: { atZero: number; atInfinity: number; ec50: number; hill: number }): Curve["fit"] {
  const falls = fit.atInfinity < fit.atZero;
  return {
    bottom: Math.min(fit.atZero, fit.atInfinity),
    top: Math.max(fit.atZero, fit.atInfinity),
    ec50Um: fit.ec50,
    hill: falls ? -fit.hill : fit.hill,
  };
}

/** Why no EC50 of rescue may be told, or null. */
function refusal(judged: DoseResponseCurve, setAside: readonly number[]): string | null {
  const aside = setAside.length > 0 ? ` (wells at ${setAside.join(", ")} µM leave the axis and were set aside)` : "";
  if (judged.refused) return `${judged.refused.reason}${aside}`;
  const { fit } = judged;
  if (fit && fit.atInfinity > fit.atZero) return `the wells move away from healthy as the dose rises${aside}`;
  return null;
}

function verdict(judged: DoseResponseCurve, refused: string | null, setAside: readonly number[]): string {
  if (refused === null) return setAside.length > 0 ? "rescues; off-axis at high dose" : "rescues";
  if (setAside.length > 0) return "off-axis";
  if (judged.refused?.code === "flat") return "no effect";
  const { fit } = judged;
  if (fit && fit.atInfinity > fit.atZero) return "away from healthy";
  return "effect, EC50 not determined";
}

function groupsTable(
  wells: ProfileTable,
  axis: AxisScores,
  healthy: readonly number[],
  diseased: readonly number[],
  params: Params,
): TaskResult {
  const others = Object.entries(params.alsoScored).map(([name, selector]) => {
    const rows = rowsWhere(wells, selector).filter((row) => Number.isFinite(axis.on[row]));
    return [name, rows] as const;
  });
  const groups = [["healthy controls", healthy], ["diseased controls", diseased], ...others] as const;
  return {
    kind: "table",
    name: "Groups on the axis (0 healthy, 1 diseased)",
    columns: ["group", "wells", "median", "standard deviation"],
    rows: groups.map(([name, rows]) => {
      const on = rows.map((row) => axis.on[row]!);
      return [name, rows.length, rows.length > 0 ? median(on) : null, rows.length > 1 ? standardDeviation(on) : null];
    }),
  };
}

function compoundsTable(compounds: readonly Compound[]): TaskResult {
  return {
    kind: "table",
    name: "Compounds, best rescue first",
    columns: [
      "treatment",
      "wells",
      "EC50 (µM)",
      "95 % from",
      "95 % to",
      "rescue at top dose",
      "largest off-axis z",
      "rescue score",
      "verdict",
    ],
    rows: compounds.map(({ name, nWells, curve, rescueAtTop, largestOffZ, rescueScore, verdict }) => [
      name,
      nWells,
      curve.ec50Um,
      curve.ec50Ci95Um?.[0] ?? null,
      curve.ec50Ci95Um?.[1] ?? null,
      Number.isFinite(rescueAtTop) ? rescueAtTop : null,
      largestOffZ,
      rescueScore,
      verdict,
    ]),
  };
}

function notesOn(axis: AxisScores, nLeftOut: number, compounds: readonly Compound[], params: Params): string[] {
  const notes = [
    "On the axis 0 is the healthy and 1 the diseased mean of the same plate; its scale need not be linear in the severity of infection, so an EC50 is one of the image, not of the virus.",
    "The rescue score is our own (docs/tasks.md), not Recursion's hit score.",
  ];
  if (axis.inverted.length > 0) {
    notes.push(
      `Left out, because their controls lie the wrong way round on the axis of the other plates: ${axis.inverted.join(", ")}.`,
    );
  }
  if (nLeftOut > 0) notes.push(`${nLeftOut} treated wells lie on plates without usable controls and were left out.`);
  const aside = compounds.filter((c) => c.setAside.length > 0);
  if (aside.length > 0) {
    notes.push(
      `Doses whose wells lie more than ${params.offAxisLimit} off-axis z from untreated ones were set aside (toxic, or other biology): ${aside.map((c) => `${c.name} at ${c.setAside.join(", ")} µM`).join("; ")}.`,
    );
  }
  return notes;
}
