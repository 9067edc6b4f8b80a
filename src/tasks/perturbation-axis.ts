// The line from healthy to diseased, and how far each well lies along it and off it.

import { multiplyRows } from "../math/row-products.ts";
import { applyWhitening, fitShrunkWhitening } from "../math/shrunk-whitening.ts";
import { mean, median, robustSpread } from "../math/statistics.ts";
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

/** A space and a direction learned from controls that are not used to calibrate it; rows that had a part are not scored by it. */
interface Pass {
  readonly space: WhiteSpace;
  readonly direction: Float64Array;
  readonly calibrate: Controls;
  readonly unfair: ReadonlySet<number>;
}

/** Up to so many plates are held out one by one; more of them in a few groups: the cost then no longer grows with their square. */
const ONE_BY_ONE = 8;
const GROUPS = 4;

const CHUNK = 256;

/**
 * Projects wells onto the axis from healthy to diseased controls.
 *
 * on(x) = ((x − h)·u) / ((d − h)·u), off(x) = the length of x − h without its part along u, after docs/methods.md §6, with two
 * differences. u and the whitening come from the controls of other plates, while h and d, the healthy and diseased means, are
 * the row's own plate's: with a direction drawn from the same few wells, its noise makes an inert compound seem to rescue.
 * And features are whitened by the controls' covariance within plate and class, shrunk, so that what wells share by chance
 * (density, brightness) does not drown the axis. No randomness.
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
  const passesOf = controls.length === 1 ? () => halfPasses(wells, controls[0]!) : otherPlatesPasses(wells, controls);
  const on = new Float64Array(wells.nRows).fill(Number.NaN);
  const off = new Float64Array(wells.nRows).fill(Number.NaN);
  const usable: Controls[] = [];
  for (const own of controls) {
    const rows = plateOf.flatMap((plate, row) => (plate === own.plate ? [row] : []));
    const scored = passesOf(own).map((pass) => ({ pass, ...scorePlate(wells, rows, pass) }));
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

/** Space and direction are learned once for each group of held-out plates. */
function otherPlatesPasses(table: ProfileTable, controls: readonly Controls[]): (own: Controls) => Pass[] {
  const nFolds = controls.length <= ONE_BY_ONE ? controls.length : GROUPS;
  const learned = Array.from({ length: nFolds }, (_, fold) =>
    learn(
      table,
      controls.filter((_, i) => i % nFolds !== fold),
    ),
  );
  return (own) => [{ ...learned[controls.indexOf(own) % nFolds]!, calibrate: own, unfair: new Set() }];
}

/** A single plate: every other control teaches and the rest calibrate; then the other way round. */
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
      ...learn(table, [used]),
      calibrate: half(1 - which),
      unfair: new Set([...used.healthy, ...used.diseased]),
    };
  });
}

/** The white space of some plates' controls, and the unit vector in it along the mean of diseased minus healthy. */
function learn(table: ProfileTable, controls: readonly Controls[]): Pick<Pass, "space" | "direction"> {
  const space = whiteSpace(table, controls);
  const sum = new Float64Array(table.nFeatures);
  for (const { healthy, diseased } of controls) {
    const h = meanOf(table, healthy);
    const d = meanOf(table, diseased);
    for (let j = 0; j < sum.length; j++) sum[j]! += d[j]! - h[j]!;
  }
  const white = space.map(sum);
  const length = Math.sqrt(white.reduce((total, v) => total + v * v, 0)) || 1;
  return { space, direction: white.map((v) => v / length) };
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

/** A symmetric linear map of features, and lengths after it. */
interface WhiteSpace {
  /** Maps one row `[f]`; new array. */
  map(row: Float64Array): Float64Array;
  /** Squared lengths of mapped rows `[n,f]`, without mapping them one by one; `[n]`. */
  squaredLengths(rows: Float64Array): Float64Array;
  /** The vector whose product with a row is that of `direction` with the mapped row. */
  pullBack(direction: Float64Array): Float64Array;
}

/** Features in units of their standard deviation within plate and class, then whitened; constant ones become 0. */
function whiteSpace(table: ProfileTable, controls: readonly Controls[]): WhiteSpace {
  const f = table.nFeatures;
  const groups = controls.flatMap((c) => [c.healthy, c.diseased]);
  const n = groups.reduce((sum, rows) => sum + rows.length, 0);
  const residuals = new Float64Array(n * f);
  const square = new Float64Array(f);
  let at = 0;
  for (const rows of groups) {
    const centre = meanOf(table, rows);
    for (const row of rows) {
      for (let j = 0; j < f; j++, at++) {
        residuals[at] = table.features[row * f + j]! - centre[j]!;
        square[j]! += residuals[at]! ** 2;
      }
    }
  }
  const df = n - groups.length;
  const scale = square.map((s) => (s > 0 ? Math.sqrt(df / s) : 0));
  const scaled = (rows: Float64Array) => rows.map((v, i) => v * scale[i % f]!);
  const whitening = fitShrunkWhitening(scaled(residuals), n, f, df);
  const { components, factors, outside } = whitening;
  const k = factors.length;
  return {
    map: (row) => applyWhitening(whitening, scaled(row)),
    pullBack: (direction) => scaled(applyWhitening(whitening, direction)),
    squaredLengths(rows) {
      const given = scaled(rows);
      const along = multiplyRows(given, components, f, new Float64Array((rows.length / f) * k));
      return Float64Array.from({ length: rows.length / f }, (_, i) => {
        let sum = 0;
        for (let j = i * f; j < (i + 1) * f; j++) sum += (outside * given[j]!) ** 2;
        for (let c = 0; c < k; c++) sum += (factors[c]! ** 2 - outside ** 2) * along[i * k + c]! ** 2;
        return Math.max(0, sum);
      });
    },
  };
}

function meanOf(table: ProfileTable, rows: readonly number[]): Float64Array {
  const f = table.nFeatures;
  const out = new Float64Array(f);
  for (const row of rows) for (let j = 0; j < f; j++) out[j]! += table.features[row * f + j]! / rows.length;
  return out;
}

function scorePlate(
  table: ProfileTable,
  rows: readonly number[],
  { space, direction: u, calibrate }: Pass,
): { on: Float64Array; off: Float64Array; full: number } {
  const f = table.nFeatures;
  const h = meanOf(table, calibrate.healthy);
  const onto = space.pullBack(u);
  const along = (row: number): number => {
    let sum = 0;
    for (let j = 0; j < f; j++) sum += (table.features[row * f + j]! - h[j]!) * onto[j]!;
    return sum;
  };
  const full = mean(calibrate.diseased.map(along));
  const on = Float64Array.from(rows, along);
  const off = new Float64Array(rows.length);
  const chunk = new Float64Array(CHUNK * f);
  for (let start = 0; start < rows.length; start += CHUNK) {
    const size = Math.min(CHUNK, rows.length - start);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < f; j++) chunk[i * f + j] = table.features[rows[start + i]! * f + j]! - h[j]!;
    }
    space.squaredLengths(chunk.subarray(0, size * f)).forEach((square, i) => {
      off[start + i] = Math.sqrt(Math.max(0, square - on[start + i]! ** 2)); // Pythagoras: u has length 1
    });
  }
  return { on: on.map((v) => v / full), off, full };
}

/** Off-axis distances against the diseased wells of the same plate; their spread is pooled over plates. */
function offAxisZ(off: Float64Array, plateOf: readonly string[], controls: readonly Controls[]): Float64Array {
  const centres = new Map(controls.map((c) => [c.plate, median(c.diseased.map((row) => off[row]!))]));
  const spread = robustSpread(controls.flatMap((c) => c.diseased.map((row) => off[row]! - centres.get(c.plate)!)));
  return off.map((v, row) => (v - (centres.get(plateOf[row]!) ?? Number.NaN)) / (spread > 0 ? spread : 1));
}
