// From many rows of one thing (sites of a well) to one.
import { median } from "../math/statistics.ts";
import { column, type MetadataValue, type ProfileTable } from "./profile-table.ts";

/** How rows become one. */
export interface AggregateOptions {
  /** The column whose equal values become one row. @default "well_id" */
  readonly by?: string;
  /** @default "mean" */
  readonly method?: "mean" | "median";
}

/**
 * One row for each value of `by`, in order of first appearance.
 *
 * Keeps the metadata columns that are constant within every group and adds `n_aggregated`, the number of rows behind each.
 * @throws GanDlError `unknown-column`.
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
  const groups = rowsByValue(column(table, by));
  const features = new Float32Array(groups.length * table.nFeatures);
  groups.forEach((rows, g) => {
    for (let j = 0; j < table.nFeatures; j++) {
      const at = (row: number) => table.features[row * table.nFeatures + j]!;
      const value =
        method === "median" ? median(rows.map(at)) : rows.reduce((sum, row) => sum + at(row), 0) / rows.length;
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
  return { ...table, nRows: groups.length, features, metadata };
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
