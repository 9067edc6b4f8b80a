// Each feature replaced by the normal quantile of its rank among reference rows: no outliers left, order kept.
import { normalQuantile } from "../math/distributions.ts";
import { wrongFeatures } from "./errors.ts";
import { type FitRecord, fitRecord, withFit } from "./lineage.ts";
import type { ProfileTable } from "./profile-table.ts";
import { type FitOptions, groupsOfRows, referenceGroups } from "./standardise.ts";

/** The reference's values, sorted, feature by feature. */
export interface InverseNormal {
  readonly by: string | null;
  /** `[f]` sorted arrays `[references]` each. */
  readonly groups: ReadonlyMap<string, readonly Float32Array[]>;
  readonly fit: FitRecord;
}

/**
 * Learns the order of each feature over the reference rows.
 *
 * Source: Blom's rank-based inverse normal transform, `Φ⁻¹((rank − 3/8) / (n + 1/4))`, ties sharing their mean rank.
 * @throws GanDlError `no-reference-rows`, `unknown-column`.
 * @example
 * ```ts
 * import { applyInverseNormal, fitInverseNormal, fromColumns } from "gan-dl/profiles";
 * const table = fromColumns(new Map([["feature_0", [5, 1000, 7]]]));
 * const normal = applyInverseNormal(table, fitInverseNormal(table));
 * console.assert(Math.abs(normal.features[2]!) < 1e-6 && normal.features[1]! < 1);
 * ```
 */
export function fitInverseNormal(table: ProfileTable, options: FitOptions = {}): InverseNormal {
  const f = table.nFeatures;
  const groups = new Map<string, Float32Array[]>();
  for (const [group, rows] of referenceGroups(table, options)) {
    groups.set(
      group,
      Array.from({ length: f }, (_, j) => Float32Array.from(rows, (row) => table.features[row * f + j]!).sort()),
    );
  }
  const by = options.by ?? null;
  return { by, groups, fit: fitRecord("inverse-normal", by, table, options.rows ?? null) };
}

/** The normal quantile of each value's rank among the reference; a value between two of them lies between their ranks. */
export function applyInverseNormal(table: ProfileTable, fitted: InverseNormal): ProfileTable {
  const { nFeatures: f } = table;
  const features = new Float32Array(table.features.length);
  const quantiles = new Map<number, Float64Array>();
  groupsOfRows(table, fitted.by, fitted.groups).forEach((sorted, i) => {
    if (sorted.length !== f) throw wrongFeatures(f, sorted.length);
    const n = sorted[0]?.length ?? 0;
    let ofRank = quantiles.get(n);
    if (!ofRank) {
      // Entry 2r holds rank r; half ranks are those of ties and of values between two references.
      ofRank = Float64Array.from({ length: 2 * n + 2 }, (_, twice) => normalQuantile((twice / 2 - 0.375) / (n + 0.25)));
      quantiles.set(n, ofRank);
    }
    for (let j = 0; j < f; j++) {
      const value = table.features[i * f + j]!;
      const below = countBelow(sorted[j]!, value, false);
      const upTo = countBelow(sorted[j]!, value, true);
      features[i * f + j] = ofRank[below + upTo + 1]!;
    }
  });
  return withFit(table, { features }, fitted.fit);
}

/** How many sorted values lie below `value`, or up to it. */
function countBelow(sorted: Float32Array, value: number, orEqual: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value || (orEqual && sorted[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
