// Whitening (sphering) fitted on reference wells: afterwards they vary alike in every direction.
import { scatterOf } from "../math/row-products.ts";
import { symmetricEigen } from "../math/symmetric-eigen.ts";
import { type FittedAffine, numberedFeatures } from "./affine.ts";
import { noReferenceRows, rankDeficient } from "./errors.ts";
import { fitRecord } from "./lineage.ts";
import type { ProfileTable } from "./profile-table.ts";

/** How whitening is done. */
export interface SphereOptions {
  /** Row numbers of the reference, e.g. control wells; all rows when left out. */
  readonly rows?: readonly number[];
  /** ZCA turns back to the features' own axes, PCA does not; `-cor` whitens correlations instead of covariances. @default "ZCA-cor" */
  readonly method?: "PCA" | "ZCA" | "PCA-cor" | "ZCA-cor";
  /** Added to the singular values. @default 1e-6 */
  readonly epsilon?: number;
  /** Share of the covariance replaced by mean variance · I; `ledoit-wolf` chooses it. @default "none" */
  readonly shrinkage?: "none" | "ledoit-wolf" | number;
}

/**
 * Learns `W = √(n−1)·(S + ε)⁻¹·Vᵀ` (ZCA: `V·W`) from the centred reference, which then has the identity as covariance.
 *
 * Source: Kessy, Lewin & Strimmer, Optimal Whitening and Decorrelation (Am. Stat. 2018); as pycytominer's `sphere`, but with the
 * centring and scaling before the decomposition that its description asks for. Apply with `applyAffine`.
 * @throws GanDlError `no-reference-rows`; `rank-deficient` where the reference has too few rows and nothing is shrunk.
 * @example
 * ```ts
 * import { applyAffine, fitSphere, fromColumns } from "gan-dl/profiles";
 * const table = fromColumns(new Map([["feature_0", [3, -3, 3, -3]], ["feature_1", [1, 1, -1, -1]]]));
 * const white = applyAffine(table, fitSphere(table, { method: "ZCA" }));
 * console.assert(Math.abs(white.features[0]! - white.features[1]!) < 1e-5); // both now vary alike
 * ```
 */
export function fitSphere(table: ProfileTable, options: SphereOptions = {}): FittedAffine {
  const { method = "ZCA-cor", epsilon = 1e-6, shrinkage = "none" } = options;
  const f = table.nFeatures;
  const { n, mean, scatter } = scatterOf(table.features, f, options.rows);
  if (n < 2) throw noReferenceRows(null);
  const covariance = scatter.map((v) => v / (n - 1));
  const scale = Float64Array.from({ length: f }, (_, j) => {
    const sd = Math.sqrt(covariance[j * f + j]!);
    if (!(sd > 1e-6 * Math.abs(mean[j]!))) return 0; // a constant feature becomes 0
    return method.endsWith("-cor") ? 1 / sd : 1;
  });
  for (let i = 0; i < f; i++) for (let j = 0; j < f; j++) covariance[i * f + j]! *= scale[i]! * scale[j]!;
  const lambda =
    shrinkage === "none"
      ? 0
      : shrinkage === "ledoit-wolf"
        ? ledoitWolf(table, options.rows, mean, scale, covariance, n)
        : shrinkage;
  const nVarying = scale.filter((s) => s > 0).length;
  const level = covariance.reduce((sum, v, i) => (i % (f + 1) === 0 ? sum + v : sum), 0) / Math.max(1, nVarying);
  for (let i = 0; i < f; i++) {
    for (let j = 0; j < f; j++) covariance[i * f + j]! *= 1 - lambda;
    if (scale[i]! > 0) covariance[i * f + i]! += lambda * level;
  }
  const { values, vectors } = symmetricEigen(covariance, f);
  if (nVarying === 0 || !(values[nVarying - 1]! > 1e-10 * values[0]!)) throw rankDeficient(n, nVarying);
  const factors = values.map((v, i) => (i < nVarying ? Math.sqrt(n - 1) / (Math.sqrt((n - 1) * v) + epsilon) : 0));
  const matrix = method.startsWith("PCA")
    ? pcaMatrix(vectors, factors, scale, f, nVarying)
    : zcaMatrix(vectors, factors, scale, f);
  const k = matrix.length / f;
  return {
    by: null,
    groups: new Map([["", { centre: mean, matrix, offset: new Float64Array(k) }]]),
    featureNames: method.startsWith("PCA") ? numberedFeatures(k) : table.featureNames,
    fit: fitRecord("sphere", null, table, options.rows ?? null),
  };
}

function pcaMatrix(vectors: Float64Array, factors: Float64Array, scale: Float64Array, f: number, k: number) {
  return Float64Array.from({ length: k * f }, (_, at) => {
    const j = at % f;
    return factors[(at - j) / f]! * vectors[at]! * scale[j]!;
  });
}

function zcaMatrix(vectors: Float64Array, factors: Float64Array, scale: Float64Array, f: number): Float64Array {
  const out = new Float64Array(f * f);
  for (let c = 0; c < f; c++) {
    const line = vectors.subarray(c * f, c * f + f);
    for (let i = 0; i < f; i++) {
      const weighted = factors[c]! * line[i]!;
      if (weighted === 0) continue;
      for (let j = 0; j < f; j++) out[i * f + j]! += weighted * line[j]! * scale[j]!;
    }
  }
  return out;
}

/** The shrinkage of Ledoit & Wolf (J. Multivar. Anal. 2004) towards a multiple of the identity. */
function ledoitWolf(
  table: ProfileTable,
  rows: readonly number[] | undefined,
  mean: Float64Array,
  scale: Float64Array,
  covariance: Float64Array,
  n: number,
): number {
  const f = table.nFeatures;
  let fourth = 0;
  for (let i = 0; i < n; i++) {
    const from = (rows ? rows[i]! : i) * f;
    let norm = 0;
    for (let j = 0; j < f; j++) norm += ((table.features[from + j]! - mean[j]!) * scale[j]!) ** 2;
    fourth += norm * norm;
  }
  const biased = (n - 1) / n;
  let square = 0;
  let trace = 0;
  covariance.forEach((v, i) => {
    square += (biased * v) ** 2;
    if (i % (f + 1) === 0) trace += biased * v;
  });
  const apart = square - (trace * trace) / f;
  return apart > 0 ? Math.min(1, Math.max(0, (fourth / n - square) / n / apart)) : 1;
}
