// Principal components, exact: the covariance's eigenvectors, or the Gram matrix's where there are fewer rows than features.
import { addOuterProducts } from "./dense-symmetric.ts";
import { notFinite, tooManyDimensions } from "./errors.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

/** A fitted rotation onto the directions of largest variance. */
export interface Pca {
  /** `[f]`, what is subtracted first. */
  readonly mean: Float64Array;
  /** Row-major `[k,f]`, orthonormal rows; the entry of largest size in each is positive. */
  readonly components: Float64Array;
  /** Variance (n − 1) along each component, `[k]`, falling. */
  readonly variances: Float64Array;
  /** Share of the total variance along each component, `[k]`. */
  readonly explained: Float64Array;
}

/** Above this the cubic cost of the exact eigenproblem passes a minute. */
const MAX_SIDE = 2048;

/**
 * Finds the principal components of row-major `[n,f]` features; deterministic, sign included.
 * @param nComponents at most min(n − 1, f) are returned.
 * @throws GanDlError `not-finite`; `too-many-dimensions` when both n and f exceed 2048.
 * @example
 * ```ts
 * import { fitPca, projectPca } from "gan-dl/math";
 * const x = Float32Array.of(1, 1, 2, 2, 3, 3); // three points on a diagonal
 * const pca = fitPca(x, 3, 2, 1);
 * console.assert(Math.abs(pca.explained[0]! - 1) < 1e-9 && Math.abs(projectPca(pca, x)[1]!) < 1e-9);
 * ```
 */
export function fitPca(
  features: Float32Array | Float64Array,
  nRows: number,
  nFeatures: number,
  nComponents: number,
): Pca {
  if (Math.min(nRows, nFeatures) > MAX_SIDE) throw tooManyDimensions(Math.min(nRows, nFeatures), MAX_SIDE);
  const { centred, mean } = centre(features, nRows, nFeatures);
  const k = Math.max(0, Math.min(nComponents, nFeatures, nRows - 1));
  const total = centred.reduce((sum, v) => sum + v * v, 0) / Math.max(1, nRows - 1);
  const { components, variances } =
    nFeatures <= nRows ? byCovariance(centred, nRows, nFeatures, k) : byGram(centred, nRows, nFeatures, k);
  return { mean, components, variances, explained: variances.map((v) => (total > 0 ? v / total : 0)) };
}

/** Coordinates of row-major rows `[n,f]` on the components; new row-major `[n,k]`. */
export function projectPca(pca: Pca, features: Float32Array | Float64Array): Float64Array {
  const f = pca.mean.length;
  const k = pca.variances.length;
  const n = features.length / f;
  const out = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < k; c++) {
      let sum = 0;
      for (let j = 0; j < f; j++) sum += (features[i * f + j]! - pca.mean[j]!) * pca.components[c * f + j]!;
      out[i * k + c] = sum;
    }
  }
  return out;
}

/** The rows `[n,f]` that have these coordinates `[n,k]`; new array. */
export function reconstructPca(pca: Pca, coordinates: Float64Array): Float64Array {
  const f = pca.mean.length;
  const k = pca.variances.length;
  const n = k === 0 ? 0 : coordinates.length / k;
  const out = new Float64Array(n * f);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < f; j++) {
      let sum = pca.mean[j]!;
      for (let c = 0; c < k; c++) sum += coordinates[i * k + c]! * pca.components[c * f + j]!;
      out[i * f + j] = sum;
    }
  }
  return out;
}

function centre(features: Float32Array | Float64Array, n: number, f: number) {
  const mean = new Float64Array(f);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < f; j++) {
      const value = features[i * f + j]!;
      if (!Number.isFinite(value)) throw notFinite("a row for principal components", i, j);
      mean[j]! += value / n;
    }
  }
  const centred = new Float64Array(n * f);
  for (let i = 0, at = 0; i < n; i++) for (let j = 0; j < f; j++, at++) centred[at] = features[at]! - mean[j]!;
  return { mean, centred };
}

function byCovariance(x: Float64Array, n: number, f: number, k: number) {
  const covariance = new Float64Array(f * f);
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  addOuterProducts(covariance, x, f, rows, new Float64Array(n).fill(1 / (n - 1)));
  const { values, vectors } = symmetricEigen(covariance, f);
  return { components: vectors.slice(0, k * f), variances: values.slice(0, k).map((v) => Math.max(0, v)) };
}

/** For eigenpairs (λ, u) of XXᵀ/(n−1), Xᵀu is the component. */
function byGram(x: Float64Array, n: number, f: number, k: number) {
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      let sum = 0;
      for (let c = 0; c < f; c++) sum += x[i * f + c]! * x[j * f + c]!;
      gram[i * n + j] = sum / (n - 1);
    }
  }
  const { values, vectors } = symmetricEigen(gram, n);
  const components = new Float64Array(k * f);
  for (let c = 0; c < k; c++) {
    const row = components.subarray(c * f, c * f + f);
    for (let i = 0; i < n; i++) for (let j = 0; j < f; j++) row[j]! += vectors[c * n + i]! * x[i * f + j]!;
    const norm = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0));
    const largest = row.reduce((a, v) => (Math.abs(v) > Math.abs(a) ? v : a), 0);
    if (norm > 0) for (let j = 0; j < f; j++) row[j]! *= (largest < 0 ? -1 : 1) / norm;
  }
  return { components, variances: values.slice(0, k).map((v) => Math.max(0, v)) };
}
