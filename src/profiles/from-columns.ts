// From a plain table of columns to profiles.
import { noFeatureColumns } from "./errors.ts";
import type { MetadataValue } from "./lineage.ts";
import { type ProfileTable, profileTable } from "./profile-table.ts";

/**
 * Splits columns into features and metadata.
 * @param columns name → values, `[rows]` each; text that reads as a number counts as one in feature columns.
 * @param options.isFeature chooses features by name; `feature_0`, `feature_1`, … when left out.
 * @returns new matrix; metadata columns are kept, not copied.
 * @throws GanDlError `no-features`, `ragged-table`, `not-finite` (also for empty cells).
 * @example
 * ```ts
 * import { fromColumns } from "gan-dl/profiles";
 * const table = fromColumns(new Map([["site_id", ["a", "b"]], ["feature_0", [0.5, "1.5"]]]));
 * console.assert(table.features[1] === 1.5 && table.metadata.has("site_id"));
 * ```
 */
export function fromColumns(
  columns: ReadonlyMap<string, readonly MetadataValue[]>,
  options: { readonly isFeature?: (name: string) => boolean } = {},
): ProfileTable {
  const isFeature = options.isFeature ?? ((name: string) => /^feature_\d+$/.test(name));
  const featureNames = [...columns.keys()].filter(isFeature);
  if (featureNames.length === 0) throw noFeatureColumns([...columns.keys()]);
  const nRows = columns.get(featureNames[0]!)!.length;
  const features = new Float32Array(nRows * featureNames.length);
  featureNames.forEach((name, j) => {
    const values = columns.get(name)!;
    for (let i = 0; i < nRows; i++) features[i * featureNames.length + j] = asNumber(values[i] ?? null);
  });
  const metadata = new Map([...columns].filter(([name]) => !isFeature(name)));
  return profileTable({ nRows, features, featureNames, metadata });
}

function asNumber(value: MetadataValue): number {
  return value === null || value === "" ? Number.NaN : Number(value);
}
