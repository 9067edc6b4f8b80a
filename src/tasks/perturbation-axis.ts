// The line from healthy to diseased, and how far each well lies along it and off it.
import { median, robustSpread } from "../math/statistics.ts";
import { type ProfileTable, textColumn } from "../profiles/profile-table.ts";
import { noAxis, tooFewControls } from "./errors.ts";

/** Where each row (well) lies; NaN on plates that could not be scored. */
export interface AxisScores {
  /** 0 at the healthy mean of the row's plate, 1 at its diseased mean; `[rows]`. */
  readonly on: Float64Array;
  /** Distance from the axis, in robust standard deviations around the plate's diseased wells; `[rows]`. */
  readonly offZ: Float64Array;
  /** Plates scored. */
  readonly plates: readonly string[];
  /** Plates with controls whose diseased wells lie on the healthy side of the axis of the others: nothing to read there. */
  readonly inverted: readonly string[];
  /** Whether directions came from other plates or, with a single plate, from the other half of its controls. */
  readonly directionFrom: "other plates" | "other half of the controls";
}

interface Controls {
  readonly plate: string;
  readonly healthy: readonly number[];
  readonly diseased: readonly number[];
}

/** A direction with controls that had no part in it; rows that had are not scored by it. */
interface Pass {
  readonly direction: Float64Array;
  readonly calibrate: Controls;
  readonly unfair: ReadonlySet<number>;
}

/**
 * Projects wells onto the axis from healthy to diseased controls.
 *
 * on(x) = ((x − h)·u) / ((d − h)·u), off(x) = the length of x − h without its part along u, after METHODS.md §6, with one
 * difference: u comes from the controls of the other plates, while h and d, the healthy and diseased means, are the row's
 * own plate's. With a direction drawn from the same few wells, its noise makes an inert compound seem to rescue.
 * Features are scaled by their standard deviation within plate and class. No randomness.
 * @param wells one row a well, with `plate_id`.  @param healthy row numbers.  @param diseased row numbers.
 * @throws GanDlError `too-few-controls`, `no-axis`.
 */
export function perturbationAxis(
  wells: ProfileTable,
  healthy: readonly number[],
  diseased: readonly number[],
): AxisScores {
  const plateOf = textColumn(wells, "plate_id");
  const controls = controlsByPlate(plateOf, healthy, diseased);
  if (controls.length === 0) throw tooFewControls("healthy and diseased wells");
  const scaled = scaleWithinClasses(wells, controls);
  const on = new Float64Array(wells.nRows).fill(Number.NaN);
  const off = new Float64Array(wells.nRows).fill(Number.NaN);
  const usable: Controls[] = [];
  for (const own of controls) {
    const rows = plateOf.flatMap((plate, row) => (plate === own.plate ? [row] : []));
    const passes = controls.length === 1 ? halfPasses(scaled, own) : [otherPlatesPass(scaled, controls, own)];
    const scored = passes.map((pass) => ({ pass, ...scorePlate(scaled, rows, pass) }));
    if (scored.some((s) => !(s.full > 0))) continue;
    usable.push(own);
    rows.forEach((row, i) => {
      const fair = scored.filter(({ pass }) => !pass.unfair.has(row));
      on[row] = fair.reduce((sum, s) => sum + s.on[i]!, 0) / fair.length;
      off[row] = fair.reduce((sum, s) => sum + s.off[i]!, 0) / fair.length;
    });
  }
  if (usable.length === 0) throw noAxis(controls.map((c) => c.plate));
  return {
    on,
    offZ: offAxisZ(off, plateOf, usable),
    plates: usable.map((c) => c.plate),
    inverted: controls.filter((c) => !usable.includes(c)).map((c) => c.plate),
    directionFrom: controls.length === 1 ? "other half of the controls" : "other plates",
  };
}

function otherPlatesPass(table: ProfileTable, controls: readonly Controls[], own: Controls): Pass {
  const others = controls.filter((other) => other !== own);
  return { direction: meanDirection(table, others), calibrate: own, unfair: new Set() };
}

/** A single plate: every other control gives the direction and the rest calibrate; then the other way round. */
function halfPasses(table: ProfileTable, own: Controls): Pass[] {
  if (Math.min(own.healthy.length, own.diseased.length) < 4) {
    throw tooFewControls("healthy and diseased wells (a single plate needs four of each)");
  }
  const half = (which: number): Controls => ({
    plate: own.plate,
    healthy: own.healthy.filter((_, i) => i % 2 === which),
    diseased: own.diseased.filter((_, i) => i % 2 === which),
  });
  return [0, 1].map((which) => {
    const used = half(which);
    return {
      direction: meanDirection(table, [used]),
      calibrate: half(1 - which),
      unfair: new Set([...used.healthy, ...used.diseased]),
    };
  });
}

function controlsByPlate(
  plateOf: readonly string[],
  healthy: readonly number[],
  diseased: readonly number[],
): Controls[] {
  const on = (plate: string, rows: readonly number[]) => rows.filter((row) => plateOf[row] === plate);
  return [...new Set(plateOf)]
    .map((plate) => ({ plate, healthy: on(plate, healthy), diseased: on(plate, diseased) }))
    .filter((c) => c.healthy.length >= 2 && c.diseased.length >= 2);
}

/** Features in units of their pooled standard deviation within plate and class; constant ones become 0. */
function scaleWithinClasses(wells: ProfileTable, controls: readonly Controls[]): ProfileTable {
  const f = wells.nFeatures;
  const square = new Float64Array(f);
  let df = 0;
  for (const rows of controls.flatMap((c) => [c.healthy, c.diseased])) {
    const centre = meanOf(wells, rows);
    for (const row of rows) for (let j = 0; j < f; j++) square[j]! += (wells.features[row * f + j]! - centre[j]!) ** 2;
    df += rows.length - 1;
  }
  const sd = square.map((s) => Math.sqrt(s / df));
  const features = wells.features.map((v, i) => (sd[i % f]! > 0 ? v / sd[i % f]! : 0));
  return { ...wells, features };
}

function meanOf(table: ProfileTable, rows: readonly number[]): Float64Array {
  const f = table.nFeatures;
  const out = new Float64Array(f);
  for (const row of rows) for (let j = 0; j < f; j++) out[j]! += table.features[row * f + j]! / rows.length;
  return out;
}

/** Unit vector along the mean over plates of diseased minus healthy. */
function meanDirection(table: ProfileTable, controls: readonly Controls[]): Float64Array {
  const sum = new Float64Array(table.nFeatures);
  for (const { healthy, diseased } of controls) {
    const h = meanOf(table, healthy);
    const d = meanOf(table, diseased);
    for (let j = 0; j < sum.length; j++) sum[j]! += d[j]! - h[j]!;
  }
  const length = Math.sqrt(sum.reduce((total, v) => total + v * v, 0)) || 1;
  return sum.map((v) => v / length);
}

function scorePlate(
  table: ProfileTable,
  rows: readonly number[],
  { direction: u, calibrate }: Pass,
): { on: Float64Array; off: Float64Array; full: number } {
  const f = table.nFeatures;
  const h = meanOf(table, calibrate.healthy);
  const along = (row: number) => {
    let sum = 0;
    for (let j = 0; j < f; j++) sum += (table.features[row * f + j]! - h[j]!) * u[j]!;
    return sum;
  };
  const full = calibrate.diseased.reduce((sum, row) => sum + along(row), 0) / calibrate.diseased.length;
  const on = new Float64Array(rows.length);
  const off = new Float64Array(rows.length);
  rows.forEach((row, i) => {
    const distance = along(row);
    on[i] = distance / full;
    let square = 0;
    for (let j = 0; j < f; j++) square += (table.features[row * f + j]! - h[j]! - distance * u[j]!) ** 2;
    off[i] = Math.sqrt(square);
  });
  return { on, off, full };
}

/** Off-axis distances against the diseased wells of the same plate; their spread is pooled over plates. */
function offAxisZ(off: Float64Array, plateOf: readonly string[], controls: readonly Controls[]): Float64Array {
  const centres = new Map(controls.map((c) => [c.plate, median(c.diseased.map((row) => off[row]!))]));
  const spread = robustSpread(controls.flatMap((c) => c.diseased.map((row) => off[row]! - centres.get(c.plate)!)));
  return off.map((v, row) => (v - (centres.get(plateOf[row]!) ?? Number.NaN)) / (spread > 0 ? spread : 1));
}
