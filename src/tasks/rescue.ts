// How much a compound brings back, and how well the controls are told apart: shared by dose-response and hits.
import { mean, median, standardDeviation } from "../math/statistics.ts";
import { type ProfileTable, textColumn } from "../profiles/profile-table.ts";
import type { Score } from "../schema/task-result.ts";
import type { AxisScores } from "./perturbation-axis.ts";

/** The wells of one dose, with their medians on and off the axis. */
export interface DoseSummary {
  readonly dose: number;
  readonly rows: readonly number[];
  readonly on: number;
  readonly offZ: number;
}

/** Doses above 0 in rising order. */
export function summariseDoses(axis: AxisScores, doseOf: readonly number[], rows: readonly number[]): DoseSummary[] {
  const doses = [...new Set(rows.map((row) => doseOf[row]!))].filter((d) => d > 0).sort((a, b) => a - b);
  return doses.map((dose) => {
    const own = rows.filter((row) => doseOf[row] === dose);
    return { dose, rows: own, on: median(own.map((r) => axis.on[r]!)), offZ: median(own.map((r) => axis.offZ[r]!)) };
  });
}

/** docs/methods.md §6: the best dose's 1 − on, less what it does off the axis; our own formula, not Recursion's hit score. */
export function rescueScore(byDose: readonly Pick<DoseSummary, "on" | "offZ">[]): number {
  const best = Math.max(...byDose.map(({ on, offZ }) => (1 - on) * Math.exp(-Math.max(0, offZ - 2) / 2)));
  return Math.min(1, Math.max(-1, best));
}

/**
 * Z′ of the controls along the axis, over all plates and for each. Source: Zhang, Chung & Oldenburg (J. Biomol. Screen. 1999); the
 * spread by {@link calibratedSpread}.
 */
export function zPrime(
  wells: ProfileTable,
  axis: AxisScores,
  healthy: readonly number[],
  diseased: readonly number[],
): Score[] {
  const plateOf = textColumn(wells, "plate_id");
  const of = (plate: string | null): Score => {
    const own = (rows: readonly number[]) => rows.filter((row) => plate === null || plateOf[row] === plate);
    const spread = (rows: readonly number[]) =>
      standardDeviation(rows.map((row) => axis.on[row]!)) * calibratedSpread(axis, plateOf, rows);
    const centre = (rows: readonly number[]) => mean(rows.map((row) => axis.on[row]!));
    const [h, d] = [own(healthy), own(diseased)];
    const value = 1 - (3 * (spread(h) + spread(d))) / Math.abs(centre(d) - centre(h));
    const nUnits = h.length + d.length;
    return { kind: "score", metric: "Z′ (wells)", value, ci95: null, chance: null, part: plate, nUnits };
  };
  return [of(null), ...axis.plates.map(of)];
}

/**
 * What the standard deviation of controls on the axis is multiplied with, because their mean on each plate (on a single plate, of
 * each half) was set to 0 or 1 by themselves: √((n − 1) / (n − number of means)). Without it, two wells a plate seem to spread
 * 1.4 times too little.
 */
export function calibratedSpread(axis: AxisScores, plateOf: readonly string[], rows: readonly number[]): number {
  const means = new Set(rows.map((row) => plateOf[row])).size * (axis.directionFrom === "other plates" ? 1 : 2);
  return Math.sqrt((rows.length - 1) / Math.max(1, rows.length - means));
}
