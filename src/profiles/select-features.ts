// Features that say something, and say it only once.
import { scatterOf } from "../math/row-products.ts";
import { nothingSelected, wrongFeatures } from "./errors.ts";
import type { MetadataValue } from "./lineage.ts";
import { type FitRecord, fitRecord, withFit } from "./lineage.ts";
import { type ProfileTable, profileTable } from "./profile-table.ts";

/** What is asked of a feature. */
export interface SelectionOptions {
  /** Row numbers to judge by; all rows when left out. */
  readonly rows?: readonly number[];
  /** Dropped where the second most frequent value is rarer than this share of the most frequent. @default 0.05 */
  readonly frequencyCut?: number;
  /** Dropped where there are fewer distinct values than this share of the rows. @default 0.01 */
  readonly uniqueCut?: number;
  /** Of two features correlated more than this (|r|), the one more correlated with all others goes; 1 keeps all. @default 0.9 */
  readonly correlation?: number;
}

/** Which features stay. */
export interface FeatureSelection {
  readonly kept: readonly string[];
  /** Why each other one was dropped. */
  readonly dropped: ReadonlyMap<string, "hardly varies" | "repeats another feature">;
  readonly fit: FitRecord;
}

/**
 * Learns which features to keep, by variance and by correlation, as pycytominer's `feature_select` defines them.
 * @throws GanDlError `nothing-selected`.
 * @example
 * ```ts
 * import { applySelection, fitSelection, fromColumns } from "gan-dl/profiles";
 * const table = fromColumns(new Map([["feature_0", [1, 2, 3]], ["feature_1", [2, 4, 6]], ["feature_2", [5, 5, 5]], ["feature_3", [1, -2, 1]]]));
 * console.assert(applySelection(table, fitSelection(table)).featureNames.length === 2);
 * ```
 */
export function fitSelection(table: ProfileTable, options: SelectionOptions = {}): FeatureSelection {
  const { frequencyCut = 0.05, uniqueCut = 0.01, correlation = 0.9 } = options;
  const dropped = new Map<string, "hardly varies" | "repeats another feature">();
  const rows = options.rows ?? Array.from({ length: table.nRows }, (_, i) => i);
  const varying = table.featureNames.flatMap((name, j) => {
    if (varies(table, rows, j, frequencyCut, uniqueCut)) return [j];
    dropped.set(name, "hardly varies");
    return [];
  });
  if (correlation < 1) {
    for (const j of repeating(table, rows, varying, correlation)) {
      dropped.set(table.featureNames[j]!, "repeats another feature");
    }
  }
  const kept = table.featureNames.filter((name) => !dropped.has(name));
  if (kept.length === 0) throw nothingSelected(table.nFeatures);
  return { kept, dropped, fit: fitRecord("select", null, table, options.rows ?? null) };
}

/** The chosen features only; a new table. @throws GanDlError `wrong-features`. */
export function applySelection(table: ProfileTable, selection: Pick<FeatureSelection, "kept" | "fit">): ProfileTable {
  const at = selection.kept.map((name) => table.featureNames.indexOf(name));
  if (at.includes(-1)) throw wrongFeatures(table.nFeatures, selection.kept.length);
  const features = new Float32Array(table.nRows * at.length);
  for (let i = 0; i < table.nRows; i++) {
    for (let c = 0; c < at.length; c++) features[i * at.length + c] = table.features[i * table.nFeatures + at[c]!]!;
  }
  return withFit(table, { features, nFeatures: at.length, featureNames: selection.kept }, selection.fit);
}

function varies(table: ProfileTable, rows: readonly number[], j: number, frequencyCut: number, uniqueCut: number) {
  const counts = new Map<number, number>();
  for (const row of rows) {
    const value = table.features[row * table.nFeatures + j]!;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  let [most, second] = [0, 0];
  for (const count of counts.values()) {
    if (count > most) [most, second] = [count, most];
    else if (count > second) second = count;
  }
  return counts.size > 1 && second / most >= frequencyCut && counts.size / rows.length >= uniqueCut;
}

/** Of each pair above the threshold, the feature with the larger sum of |r|. */
function repeating(table: ProfileTable, rows: readonly number[], among: readonly number[], threshold: number) {
  const f = table.nFeatures;
  const { scatter } = scatterOf(table.features, f, rows);
  const r = (a: number, b: number) =>
    Math.abs(scatter[a * f + b]!) / Math.sqrt(scatter[a * f + a]! * scatter[b * f + b]!);
  const sums = new Map(among.map((a) => [a, among.reduce((sum, b) => sum + r(a, b), 0)]));
  const out = new Set<number>();
  among.forEach((a, i) => {
    for (const b of among.slice(i + 1)) {
      if (r(a, b) > threshold) out.add(sums.get(a)! > sums.get(b)! ? a : b);
    }
  });
  return out;
}

/** What was left out of a table with missing values. */
export interface Completed {
  readonly table: ProfileTable;
  readonly droppedFeatures: readonly string[];
  readonly nDroppedRows: number;
}

/**
 * Drops features that are missing (NaN or infinite) in more than a share of the rows, then the rows that still miss any.
 * @param maxMissing default 0.05, as pycytominer's `drop_na_columns`.
 * @throws GanDlError `ragged-table`, `nothing-selected`.
 * @example
 * ```ts
 * import { dropMissing } from "gan-dl/profiles";
 * const { table } = dropMissing({ features: Float32Array.of(1, NaN, 2, 5), featureNames: ["a", "b"], metadata: new Map() });
 * console.assert(table.nRows === 2 && table.featureNames.join() === "a");
 * ```
 */
export function dropMissing(
  input: {
    readonly features: Float32Array;
    readonly featureNames: readonly string[];
    readonly metadata: ReadonlyMap<string, readonly MetadataValue[]>;
  },
  maxMissing = 0.05,
): Completed {
  const f = input.featureNames.length;
  const n = f === 0 ? 0 : input.features.length / f;
  const missing = new Int32Array(f);
  for (let at = 0; at < input.features.length; at++) if (!Number.isFinite(input.features[at])) missing[at % f]!++;
  if (missing.every((count) => count === 0))
    return { table: profileTable(input), droppedFeatures: [], nDroppedRows: 0 };
  const kept = [...missing.keys()].filter((j) => missing[j]! <= maxMissing * n);
  if (kept.length === 0) throw nothingSelected(f);
  const rows = Array.from({ length: n }, (_, i) => i).filter((i) =>
    kept.every((j) => Number.isFinite(input.features[i * f + j])),
  );
  const features = new Float32Array(rows.length * kept.length);
  rows.forEach((row, i) => {
    kept.forEach((j, c) => {
      features[i * kept.length + c] = input.features[row * f + j]!;
    });
  });
  const table = profileTable({
    nRows: rows.length,
    features,
    featureNames: kept.map((j) => input.featureNames[j]!),
    metadata: new Map([...input.metadata].map(([name, values]) => [name, rows.map((row) => values[row] ?? null)])),
  });
  const droppedFeatures = input.featureNames.filter((_, j) => missing[j]! > maxMissing * n);
  return { table, droppedFeatures, nDroppedRows: n - rows.length };
}
