// Profiles: one row an image or well, its features as one matrix beside its metadata.
import { featureNotFinite, raggedTable, unknownMetadata, wellOnTwoPlates } from "./errors.ts";
import { fitsFromColumn, type MetadataValue, originOfRows, type Traced } from "./lineage.ts";

/** Metadata and features of the same rows. Treat it as frozen: the verbs return new tables. */
export interface ProfileTable extends Traced {
  readonly nFeatures: number;
  /** Row-major `[n,f]` f32, finite. */
  readonly features: Float32Array;
  readonly featureNames: readonly string[];
}

/** Which rows: for each column named, the values allowed; null stands for "empty". All columns must match. */
export type Selector = Readonly<Record<string, readonly MetadataValue[]>>;

/**
 * Checks that features and metadata belong together.
 * @param input its arrays are kept, not copied.
 * @throws GanDlError `ragged-table`, `not-finite`.
 * @example
 * ```ts
 * import { column, profileTable } from "gan-dl/profiles";
 * const table = profileTable({
 *   features: Float32Array.of(1, 2, 3, 4),
 *   featureNames: ["feature_0", "feature_1"],
 *   metadata: new Map([["well_id", ["A01", "A02"]]]),
 * });
 * console.assert(table.nRows === 2 && column(table, "well_id")[1] === "A02");
 * ```
 */
export function profileTable(
  input: Pick<ProfileTable, "features" | "featureNames" | "metadata"> & { readonly nRows?: number },
): ProfileTable {
  const { features, featureNames, metadata } = input;
  const nFeatures = featureNames.length;
  const firstColumn = metadata.values().next().value;
  const nRows = input.nRows ?? (nFeatures > 0 ? Math.floor(features.length / nFeatures) : (firstColumn?.length ?? 0));
  if (features.length !== nRows * nFeatures)
    throw raggedTable("the feature matrix", features.length, nRows * nFeatures);
  for (const [name, values] of metadata) {
    if (values.length !== nRows) throw raggedTable(`metadata column "${name}"`, values.length, nRows);
  }
  checkFinite(features, featureNames);
  return { nRows, nFeatures, features, featureNames, metadata, ...fitsFromColumn(metadata) };
}

/** The values of a metadata column, `[rows]`. @throws GanDlError `unknown-column`. */
export function column(table: ProfileTable, name: string): readonly MetadataValue[] {
  const values = table.metadata.get(name);
  if (!values) throw unknownMetadata(name, [...table.metadata.keys()]);
  return values;
}

/** A column as text, empty values as "". @throws GanDlError `unknown-column`. */
export function textColumn(table: ProfileTable, name: string): string[] {
  return column(table, name).map((value) => (value === null ? "" : String(value)));
}

/** A new table of the given rows, in the given order; rows may repeat. */
export function selectRows(table: ProfileTable, rows: ArrayLike<number>): ProfileTable {
  const { nFeatures } = table;
  const features = new Float32Array(rows.length * nFeatures);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * nFeatures;
    features.set(table.features.subarray(from, from + nFeatures), i * nFeatures);
  }
  const metadata = new Map(
    [...table.metadata].map(([name, values]) => [name, Array.from(rows, (row) => values[row] ?? null)]),
  );
  return { ...table, nRows: rows.length, features, metadata, origin: originOfRows(table, rows) };
}

/**
 * Numbers of the rows that a selector allows, in order. Numbers and their text match each other, as CSV holds text.
 * @throws GanDlError `unknown-column`.
 */
export function rowsWhere(table: ProfileTable, selector: Selector): number[] {
  const tests = Object.entries(selector).map(([name, allowed]) => {
    const values = column(table, name);
    const wanted = new Set(allowed.map(comparable));
    return (row: number) => wanted.has(comparable(values[row] ?? null));
  });
  return Array.from({ length: table.nRows }, (_, row) => row).filter((row) => tests.every((test) => test(row)));
}

/**
 * Checks that each `well_id` lies on one `plate_id`; a table without one of the two passes.
 * @throws GanDlError `well-on-two-plates`.
 */
export function expectWellsOfOnePlate(table: Pick<ProfileTable, "metadata">): void {
  const [plates, wells] = [table.metadata.get("plate_id"), table.metadata.get("well_id")];
  if (!plates || !wells) return;
  const plateOf = new Map<MetadataValue, MetadataValue>();
  const torn = new Map<string, [string, string]>();
  wells.forEach((well, row) => {
    const plate = plates[row] ?? null;
    const first = plateOf.get(well);
    if (first === undefined) plateOf.set(well, plate);
    else if (first !== plate && !torn.has(String(well))) torn.set(String(well), [String(first), String(plate)]);
  });
  const [first] = torn;
  if (first) throw wellOnTwoPlates(...first, torn.size);
}

/** Empty text counts as null: CSV cannot tell them apart. */
function comparable(value: MetadataValue): string | null {
  return value === null || value === "" ? null : String(value);
}

function checkFinite(features: Float32Array, names: readonly string[]): void {
  let first = -1;
  let nBad = 0;
  for (let i = 0; i < features.length; i++) {
    if (Number.isFinite(features[i])) continue;
    if (first < 0) first = i;
    nBad++;
  }
  if (nBad > 0) throw featureNotFinite(names[first % names.length]!, Math.floor(first / names.length), nBad);
}
