// Batches aligned by their reference wells' covariance: CORAL, and the typical variation normalisation that ends in its first half.
import { type Scatter, scatterOf } from "../math/row-products.ts";
import { symmetricEigen } from "../math/symmetric-eigen.ts";
import { symmetricPower } from "../math/symmetric-power.ts";
import { type Affine, type FittedAffine, matrixProduct, numberedFeatures } from "./affine.ts";
import { noReferenceRows } from "./errors.ts";
import { fitRecord } from "./lineage.ts";
import type { ProfileTable } from "./profile-table.ts";
import { type FitOptions, referenceGroups } from "./standardise.ts";

/** How much of the identity is added to covariances, for batches with fewer wells than features. */
const RIDGE = 0.5;

/**
 * Learns, for each group (plate), the map that turns its reference wells' mean and covariance into those of all groups together:
 * `x ↦ C^½ · C_g^(−½) · (x − m_g) + m`, with `ridge·I` added to both covariances.
 *
 * Source: Sun, Feng & Saenko, Return of Frustratingly Easy Domain Adaptation (AAAI 2016). C is pooled within groups. Apply with
 * `applyAffine`. Standardise first: the ridge is in the features' own units.
 * @param options.by the column of the groups.  @param options.ridge default 0.5.
 * @throws GanDlError `no-reference-rows`, `unknown-column`.
 * @example
 * ```ts
 * import { applyAffine, fitCoral, fromColumns } from "gan-dl/profiles";
 * const table = fromColumns(new Map<string, (string | number)[]>([["plate_id", ["p", "p", "q", "q"]], ["feature_0", [0, 2, 10, 14]]]));
 * const aligned = applyAffine(table, fitCoral(table, { by: "plate_id", ridge: 0 }));
 * console.assert(Math.abs(aligned.features[0]! - aligned.features[2]!) < 1e-5);
 * ```
 */
export function fitCoral(
  table: ProfileTable,
  options: FitOptions & { readonly by: string; readonly ridge?: number },
): FittedAffine {
  const f = table.nFeatures;
  const { ridge = RIDGE } = options;
  const moments = momentsByGroup(table, options);
  const centre = new Float64Array(f);
  const pooled = new Float64Array(f * f);
  const df = [...moments.values()].reduce((sum, m) => sum + m.n - 1, 0);
  for (const { mean, scatter } of moments.values()) {
    for (let j = 0; j < f; j++) centre[j]! += mean[j]! / moments.size;
    for (let i = 0; i < pooled.length; i++) pooled[i]! += scatter[i]! / df;
  }
  const colour = symmetricPower(withRidge(pooled, f, ridge), f, (v) => Math.sqrt(Math.max(0, v)));
  const groups = new Map<string, Affine>();
  for (const [group, m] of moments) {
    const matrix = matrixProduct(colour, whitening(m, f, ridge), f);
    groups.set(group, { centre: m.mean, matrix, offset: centre });
  }
  // Mean and covariance of the others are where every group is brought: as a whole this is no fit group by group.
  const fit = fitRecord("coral", null, table, options.rows ?? null);
  return { by: options.by, groups, featureNames: table.featureNames, fit };
}

/** What typical variation normalisation does. */
export interface TvnOptions {
  /** Row numbers of the controls; all rows when left out. */
  readonly rows?: readonly number[];
  /** The column of the batches; without it the last, per-batch step is left out. */
  readonly by?: string;
  /** Added to the batches' covariances. @default 0.5 */
  readonly ridge?: number;
  /** Also multiply by the pooled `(C + ridge·I)^½`, which EFAAR leaves out. @default false */
  readonly recolour?: boolean;
}

/**
 * Learns typical variation normalisation: centre and scale on the controls, rotate to their principal components, centre and
 * scale again, and, per batch, multiply by `(C_batch + ridge·I)^(−½)` of the batch's controls.
 *
 * Source: Ando, McLean & Berndl (bioRxiv 2017) as in EFAAR_benchmarking; variances are taken with n − 1. Apply with `applyAffine`.
 * @throws GanDlError `no-reference-rows`, `unknown-column`.
 * @example
 * ```ts
 * import { applyAffine, fitTvn, fromColumns } from "gan-dl/profiles";
 * const table = fromColumns(new Map([["feature_0", [1, 2, 3, 4]], ["feature_1", [2, 4, 6, 9]]]));
 * console.assert(applyAffine(table, fitTvn(table)).nFeatures === 2);
 * ```
 */
export function fitTvn(table: ProfileTable, options: TvnOptions = {}): FittedAffine {
  const { by, ridge = RIDGE, recolour = false } = options;
  const f = table.nFeatures;
  const all = scatterOf(table.features, f, options.rows);
  if (all.n < 2) throw noReferenceRows(null);
  const rotate = scaledComponents(all, f);
  const k = rotate.length / f;
  const base: Affine = { centre: all.mean, matrix: rotate, offset: new Float64Array(k) };
  const fit = fitRecord("tvn", by ?? null, table, options.rows ?? null);
  const featureNames = numberedFeatures(k);
  if (by === undefined) return { by: null, groups: new Map([["", base]]), featureNames, fit: { ...fit, by: null } };
  // After the two scalings the controls' pooled covariance is the identity.
  const colour = recolour ? Math.sqrt(1 + ridge) : 1;
  const groups = new Map<string, Affine>();
  for (const [group, m] of momentsByGroup(table, { ...options, by })) {
    const inside = { ...m, scatter: matrixProduct(matrixProduct(rotate, m.scatter, f), transposed(rotate, f), f) };
    const matrix = matrixProduct(whitening(inside, k, ridge), rotate, k).map((v) => v * colour);
    groups.set(group, { ...base, matrix });
  }
  // Rotation and scaling are learned from all batches together, so as a whole this is no fit batch by batch.
  return { by, groups, featureNames, fit: { ...fit, by: null, step: "tvn" } };
}

/** Rows `[k,f]`: standardise, rotate to principal components, and scale those to variance 1. */
function scaledComponents({ n, scatter }: Scatter, f: number): Float64Array {
  const inverseSd = Float64Array.from({ length: f }, (_, j) => {
    const variance = scatter[j * f + j]! / (n - 1);
    return variance > 0 ? 1 / Math.sqrt(variance) : 0;
  });
  const correlation = scatter.map((v, at) => {
    const j = at % f;
    return (v / (n - 1)) * inverseSd[(at - j) / f]! * inverseSd[j]!;
  });
  const { values, vectors } = symmetricEigen(correlation, f);
  const k = values.filter((v) => v > 1e-10 * values[0]!).length;
  return Float64Array.from({ length: k * f }, (_, at) => {
    const j = at % f;
    return (vectors[at]! * inverseSd[j]!) / Math.sqrt(values[(at - j) / f]!);
  });
}

function momentsByGroup(table: ProfileTable, options: FitOptions): Map<string, Scatter> {
  const groups = referenceGroups(table, options);
  return new Map([...groups].map(([group, rows]) => [group, scatterOf(table.features, table.nFeatures, rows)]));
}

function whitening({ n, scatter }: Pick<Scatter, "n" | "scatter">, f: number, ridge: number): Float64Array {
  const covariance = scatter.map((v) => v / (n - 1));
  return symmetricPower(withRidge(covariance, f, ridge), f, (v) => (v > 1e-12 ? 1 / Math.sqrt(v) : 0));
}

function withRidge(matrix: Float64Array, f: number, ridge: number): Float64Array {
  const out = Float64Array.from(matrix);
  for (let j = 0; j < f; j++) out[j * f + j]! += ridge;
  return out;
}

function transposed(matrix: Float64Array, f: number): Float64Array {
  const k = matrix.length / f;
  const out = new Float64Array(matrix.length);
  for (let i = 0; i < k; i++) for (let j = 0; j < f; j++) out[j * k + i] = matrix[i * f + j]!;
  return out;
}
