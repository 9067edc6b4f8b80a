// Standardising in two steps, fit and apply, so that what was learned from some rows is never learned from the ones it is tested on.
import { noReferenceRows, unfittedGroup } from "./errors.ts";
import { type ProfileTable, textColumn } from "./profile-table.ts";

/** Centre and scale of each feature, for the whole table or for each group (plate). */
export interface Standardisation {
  /** The metadata column of the groups, or null for one standardisation of all. */
  readonly by: string | null;
  readonly groups: ReadonlyMap<string, GroupScale>;
}

/** Mean and standard deviation of each feature over the reference rows of one group, `[f]` each. */
export interface GroupScale {
  readonly mean: Float64Array;
  /** 0 for a feature that does not vary over the reference; it becomes 0 for all rows. */
  readonly sd: Float64Array;
  readonly nReference: number;
}

/**
 * Learns mean and standard deviation (n − 1) of each feature from reference rows.
 *
 * To score held-out plates honestly, either fit on training rows only (`by` left out), or per plate on rows chosen
 * without regard to class, such as all wells of the plate (METHODS.md §7.1).
 * @param options.rows the reference; all rows when left out.
 * @param options.by fit each value of this metadata column by itself, e.g. `plate_id`.
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
  options: { readonly rows?: readonly number[]; readonly by?: string } = {},
): Standardisation {
  const { by = null } = options;
  const rows = options.rows ?? Array.from({ length: table.nRows }, (_, i) => i);
  if (rows.length === 0) throw noReferenceRows(null);
  const names = by === null ? null : textColumn(table, by);
  const members = new Map<string, number[]>(names ? [...new Set(names)].map((name) => [name, []]) : [["", []]]);
  for (const row of rows) members.get(names ? names[row]! : "")!.push(row);
  const groups = new Map<string, GroupScale>();
  for (const [group, own] of members) {
    if (own.length < 2) throw noReferenceRows(by === null ? null : group);
    groups.set(group, scaleOf(table, own));
  }
  return { by, groups };
}

/**
 * `(x − mean) / sd` by each row's group; a new table.
 * @throws GanDlError `unfitted-group`, `unknown-column`.
 */
export function applyStandardise(table: ProfileTable, fitted: Standardisation): ProfileTable {
  const { nRows, nFeatures } = table;
  const names = fitted.by === null ? null : textColumn(table, fitted.by);
  const features = new Float32Array(nRows * nFeatures);
  for (let i = 0; i < nRows; i++) {
    const scale = fitted.groups.get(names ? names[i]! : "");
    if (!scale) throw unfittedGroup(fitted.by ?? "", names?.[i] ?? "");
    for (let j = 0; j < nFeatures; j++) {
      const sd = scale.sd[j]!;
      features[i * nFeatures + j] = sd > 0 ? (table.features[i * nFeatures + j]! - scale.mean[j]!) / sd : 0;
    }
  }
  return { ...table, features };
}

/** A spread below this share of the mean is float32 round-off of a constant feature. */
const CONSTANT = 1e-6;

function scaleOf(table: ProfileTable, rows: readonly number[]): GroupScale {
  const f = table.nFeatures;
  const mean = new Float64Array(f);
  const sd = new Float64Array(f);
  for (const row of rows) for (let j = 0; j < f; j++) mean[j]! += table.features[row * f + j]! / rows.length;
  for (const row of rows) for (let j = 0; j < f; j++) sd[j]! += (table.features[row * f + j]! - mean[j]!) ** 2;
  for (let j = 0; j < f; j++) {
    const spread = Math.sqrt(sd[j]! / (rows.length - 1));
    sd[j] = spread > CONSTANT * Math.abs(mean[j]!) ? spread : 0;
  }
  return { mean, sd, nReference: rows.length };
}
