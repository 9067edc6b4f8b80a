// Standardising in two steps, fit and apply, so that what was learned from some rows is never learned from the ones it is tested on.
import { median, robustSpread, sortedQuantile } from "../math/statistics.ts";
import { noReferenceRows, unfittedGroup, wrongFeatures } from "./errors.ts";
import { type FitRecord, fitRecord, withFit } from "./lineage.ts";
import { type ProfileTable, textColumn } from "./profile-table.ts";

/** How the centre and the spread of a feature are measured. */
export type ScaleMethod = "standard" | "robust" | "mad";

/** Centre and scale of each feature, for the whole table or for each group (plate). */
export interface Standardisation {
  /** The metadata column of the groups, or null for one standardisation of all. */
  readonly by: string | null;
  readonly groups: ReadonlyMap<string, GroupScale>;
  readonly fit: FitRecord;
}

/** Centre and spread of each feature over the reference rows of one group, `[f]` each. */
export interface GroupScale {
  /** The mean, or the median for `robust` and `mad`. */
  readonly mean: Float64Array;
  /** 0 for a feature that does not vary over the reference; it becomes 0 for all rows. */
  readonly sd: Float64Array;
  readonly nReference: number;
}

/** Which rows a transform learns from. */
export interface FitOptions {
  /** Row numbers of the reference; all rows when left out. */
  readonly rows?: readonly number[];
  /** Fit each value of this metadata column by itself, e.g. `plate_id`. */
  readonly by?: string;
}

/**
 * Learns centre and spread of each feature from reference rows.
 *
 * To score held-out plates honestly, either fit on training rows only (`by` left out), or per plate on rows chosen
 * without regard to class, such as all wells of the plate (docs/methods.md §7.1); tasks refuse tables made otherwise.
 * @param options.method `standard`: mean and standard deviation (n − 1); `robust`: median and interquartile range; `mad`: median
 *   and 1.4826 times the median absolute deviation. Default `standard`.
 * @throws GanDlError `no-reference-rows` when a group has fewer than two, `unknown-column`.
 * @example
 * ```ts
 * import { applyStandardise, fitStandardise, fromColumns } from "gan-dl/profiles";
 * const table = fromColumns(new Map([["plate_id", ["p", "p", "q", "q"]], ["feature_0", [1, 3, 11, 13]]]));
 * const fair = applyStandardise(table, fitStandardise(table, { by: "plate_id" }));
 * console.assert(Math.abs(fair.features[0]! - fair.features[2]!) < 1e-6); // the plate effect is gone
 * ```
 */
export function fitStandardise(
  table: ProfileTable,
  options: FitOptions & { readonly method?: ScaleMethod } = {},
): Standardisation {
  const { by = null, method = "standard" } = options;
  const groups = new Map<string, GroupScale>();
  for (const [group, own] of referenceGroups(table, options)) {
    groups.set(group, method === "standard" ? momentsScale(table, own) : orderScale(table, own, method));
  }
  const step = method === "standard" ? "standardise" : method === "mad" ? "mad" : "robustise";
  return { by, groups, fit: fitRecord(step, by, table, options.rows ?? null) };
}

/** The reference rows of each group; the only group is "" without `by`. @throws GanDlError `no-reference-rows`, `unknown-column`. */
export function referenceGroups(table: ProfileTable, options: FitOptions): Map<string, number[]> {
  const { by = null } = options;
  const rows = options.rows ?? Array.from({ length: table.nRows }, (_, i) => i);
  if (rows.length === 0) throw noReferenceRows(null);
  const names = by === null ? null : textColumn(table, by);
  const members = new Map<string, number[]>(names ? [...new Set(names)].map((name) => [name, []]) : [["", []]]);
  for (const row of rows) members.get(names ? names[row]! : "")!.push(row);
  for (const [group, own] of members) if (own.length < 2) throw noReferenceRows(by === null ? null : group);
  return members;
}

/** The group of each row as {@link referenceGroups} names them. @throws GanDlError `unfitted-group`, `unknown-column`. */
export function groupsOfRows<T>(table: ProfileTable, by: string | null, fitted: ReadonlyMap<string, T>): T[] {
  const names = by === null ? null : textColumn(table, by);
  return Array.from({ length: table.nRows }, (_, i) => {
    const own = fitted.get(names ? names[i]! : "");
    if (own === undefined) throw unfittedGroup(by ?? "", names?.[i] ?? "");
    return own;
  });
}

/**
 * `(x − centre) / spread` by each row's group; a new table that remembers the fit.
 * @throws GanDlError `unfitted-group`, `unknown-column`, `wrong-features`.
 */
export function applyStandardise(table: ProfileTable, fitted: Standardisation): ProfileTable {
  const { nRows, nFeatures: f } = table;
  const features = new Float32Array(nRows * f);
  groupsOfRows(table, fitted.by, fitted.groups).forEach((scale, i) => {
    if (scale.mean.length !== f) throw wrongFeatures(f, scale.mean.length);
    for (let j = 0, at = i * f; j < f; j++, at++) {
      const sd = scale.sd[j]!;
      features[at] = sd > 0 ? (table.features[at]! - scale.mean[j]!) / sd : 0;
    }
  });
  return withFit(table, { features }, fitted.fit);
}

/** A spread below this share of the centre is float32 round-off of a constant feature. */
const CONSTANT = 1e-6;

function momentsScale(table: ProfileTable, rows: readonly number[]): GroupScale {
  const f = table.nFeatures;
  const mean = new Float64Array(f);
  const sd = new Float64Array(f);
  for (const row of rows) for (let j = 0; j < f; j++) mean[j]! += table.features[row * f + j]!;
  for (let j = 0; j < f; j++) mean[j]! /= rows.length;
  for (const row of rows) for (let j = 0; j < f; j++) sd[j]! += (table.features[row * f + j]! - mean[j]!) ** 2;
  for (let j = 0; j < f; j++) sd[j] = orZero(Math.sqrt(sd[j]! / (rows.length - 1)), mean[j]!);
  return { mean, sd, nReference: rows.length };
}

function orderScale(table: ProfileTable, rows: readonly number[], method: "robust" | "mad"): GroupScale {
  const f = table.nFeatures;
  const mean = new Float64Array(f);
  const sd = new Float64Array(f);
  const values = new Float64Array(rows.length);
  for (let j = 0; j < f; j++) {
    rows.forEach((row, i) => {
      values[i] = table.features[row * f + j]!;
    });
    values.sort();
    mean[j] = median(values);
    const spread =
      method === "mad" ? robustSpread(values) : sortedQuantile(values, 0.75) - sortedQuantile(values, 0.25);
    sd[j] = orZero(spread, mean[j]!);
  }
  return { mean, sd, nReference: rows.length };
}

const orZero = (spread: number, centre: number) => (spread > CONSTANT * Math.abs(centre) ? spread : 0);
