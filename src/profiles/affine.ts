// Linear transforms of profiles, one for all rows or one a group: what whitening, TVN and CORAL come down to.
import { multiplyRows } from "../math/row-products.ts";
import { wrongFeatures } from "./errors.ts";
import { type FitRecord, withFit } from "./lineage.ts";
import type { ProfileTable } from "./profile-table.ts";
import { groupsOfRows } from "./standardise.ts";

/** `matrix · (x − centre) + offset`. */
export interface Affine {
  /** `[f]` */
  readonly centre: Float64Array;
  /** Row-major `[k,f]`. */
  readonly matrix: Float64Array;
  /** `[k]` */
  readonly offset: Float64Array;
}

/** A fitted linear transform. */
export interface FittedAffine {
  readonly by: string | null;
  readonly groups: ReadonlyMap<string, Affine>;
  /** Names of what comes out, `[k]`. */
  readonly featureNames: readonly string[];
  readonly fit: FitRecord;
}

const CHUNK = 256;

/**
 * Applies a fitted linear transform (whitening, TVN, CORAL); a new table that remembers the fit.
 * @throws GanDlError `unfitted-group`, `unknown-column`, `wrong-features`.
 */
export function applyAffine(table: ProfileTable, fitted: FittedAffine): ProfileTable {
  const { nRows, nFeatures: f } = table;
  const k = fitted.featureNames.length;
  const features = new Float32Array(nRows * k);
  const ofRow = groupsOfRows(table, fitted.by, fitted.groups);
  for (const affine of new Set(ofRow)) {
    if (affine.centre.length !== f) throw wrongFeatures(f, affine.centre.length);
    const rows = ofRow.flatMap((own, row) => (own === affine ? [row] : []));
    const chunk = new Float64Array(CHUNK * f);
    const product = new Float64Array(CHUNK * k);
    for (let start = 0; start < rows.length; start += CHUNK) {
      const size = Math.min(CHUNK, rows.length - start);
      for (let i = 0; i < size; i++) {
        const from = rows[start + i]! * f;
        for (let j = 0; j < f; j++) chunk[i * f + j] = table.features[from + j]! - affine.centre[j]!;
      }
      multiplyRows(chunk.subarray(0, size * f), affine.matrix, f, product);
      for (let i = 0; i < size; i++) {
        const to = rows[start + i]! * k;
        for (let c = 0; c < k; c++) features[to + c] = product[i * k + c]! + affine.offset[c]!;
      }
    }
  }
  return withFit(table, { features, nFeatures: k, featureNames: fitted.featureNames }, fitted.fit);
}

/** `a · b` of row-major `[n,m]` and `[m,p]`; new array. */
export function matrixProduct(a: Float64Array, b: Float64Array, m: number): Float64Array {
  const n = a.length / m;
  const p = b.length / m;
  const out = new Float64Array(n * p);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      const factor = a[i * m + j]!;
      if (factor === 0) continue;
      for (let c = 0; c < p; c++) out[i * p + c]! += factor * b[j * p + c]!;
    }
  }
  return out;
}

/** feature_0, feature_1, … */
export const numberedFeatures = (k: number): string[] => Array.from({ length: k }, (_, i) => `feature_${i}`);
