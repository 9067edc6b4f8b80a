// From many rows of one thing (sites of a well) to one.
import { median, rankCorrelation, ranks } from "../math/statistics.ts";
import type { MetadataValue } from "./lineage.ts";
import { mergedLineage } from "./lineage.ts";
import { column, expectWellsOfOnePlate, type ProfileTable } from "./profile-table.ts";

/** How rows become one. */
export interface AggregateOptions {
  /** The column whose equal values become one row. @default "well_id" */
  readonly by?: string;
  /** `modz`: replicates weighted by their mean rank correlation with the others. @default "mean" */
  readonly method?: "mean" | "median" | "modz";
}

/**
 * One row for each value of `by`, in order of first appearance.
 *
 * Keeps the metadata columns that are constant within every group and adds `n_aggregated`, the number of rows behind each.
 * @throws GanDlError `unknown-column`; `well-on-two-plates` where wells of several plates have one name.
 * @example
 * ```ts
 * import { aggregate, fromColumns } from "gan-dl/profiles";
 * const sites = fromColumns(new Map([["well_id", ["A", "A", "B"]], ["site", [1, 2, 1]], ["feature_0", [1, 3, 5]]]));
 * const wells = aggregate(sites);
 * console.assert(wells.features.join() === "2,5" && !wells.metadata.has("site"));
 * ```
 */
export function aggregate(table: ProfileTable, options: AggregateOptions = {}): ProfileTable {
  const { by = "well_id", method = "mean" } = options;
  if (by === "well_id") expectWellsOfOnePlate(table);
  const groups = rowsByValue(column(table, by));
  const features = new Float32Array(groups.length * table.nFeatures);
  groups.forEach((rows, g) => {
    const weights = method === "modz" ? modzWeights(table, rows) : rows.map(() => 1 / rows.length);
    for (let j = 0; j < table.nFeatures; j++) {
      const at = (row: number) => table.features[row * table.nFeatures + j]!;
      const value =
        method === "median" ? median(rows.map(at)) : rows.reduce((sum, row, i) => sum + weights[i]! * at(row), 0);
      features[g * table.nFeatures + j] = value;
    }
  });
  const metadata = new Map<string, readonly MetadataValue[]>();
  for (const [name, values] of table.metadata) {
    const constant = groups.every((rows) => rows.every((row) => values[row] === values[rows[0]!]));
    if (constant)
      metadata.set(
        name,
        groups.map((rows) => values[rows[0]!] ?? null),
      );
  }
  metadata.set(
    "n_aggregated",
    groups.map((rows) => rows.length),
  );
  const { origin: _origin, fits: _fits, ...rest } = table;
  return { ...rest, nRows: groups.length, features, metadata, ...mergedLineage(table, groups, metadata) };
}

/** Smallest weight of a replicate, so that one that agrees with no other still counts a little. */
const LEAST_WEIGHT = 0.01;

/** MODZ weights (Subramanian et al., Cell 2017): mean Spearman correlation (below 0 as 0) with the other replicates, at least 0.01, normalised. */
function modzWeights(table: ProfileTable, rows: readonly number[]): number[] {
  if (rows.length < 3) return rows.map(() => 1 / rows.length); // two replicates always agree equally
  const f = table.nFeatures;
  const ofRow = rows.map((row) => ranks(table.features.subarray(row * f, row * f + f)));
  const raw = ofRow.map((own, i) => {
    const others = ofRow.filter((_, k) => k !== i);
    return Math.max(
      LEAST_WEIGHT,
      others.reduce((sum, other) => sum + Math.max(0, rankCorrelation(own, other) || 0), 0) / others.length,
    );
  });
  const total = raw.reduce((sum, w) => sum + w, 0);
  return raw.map((w) => w / total);
}

/** Row numbers of each distinct value, in order of first appearance. */
export function rowsByValue(values: readonly MetadataValue[]): number[][] {
  const groups = new Map<MetadataValue, number[]>();
  values.forEach((value, row) => {
    const rows = groups.get(value);
    if (rows) rows.push(row);
    else groups.set(value, [row]);
  });
  return [...groups.values()];
}
