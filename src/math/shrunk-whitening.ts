// Whitening with few rows and many features: the covariance is shrunk towards a multiple of the identity first.
import { fitPca, type Pca } from "./pca.ts";

/** A symmetric linear map that gives residuals like the fitted ones unit variance in every direction. */
export interface ShrunkWhitening {
  /** How far the covariance was drawn to a multiple of the identity, 0 not at all … 1 wholly. */
  readonly shrinkage: number;
  /** Factor on what lies outside the components. */
  readonly outside: number;
  /** Orthonormal rows `[k,f]` of the residuals' own directions. */
  readonly components: Float64Array;
  /** Factor along each component, `[k]`. */
  readonly factors: Float64Array;
}

/**
 * Learns Σ^(−½) of Σ = (1 − λ)S + λ·mean variance·I from residuals.
 *
 * Source: Ledoit & Wolf, A Well-Conditioned Estimator for Large-Dimensional Covariance Matrices (J. Multivar. Anal. 2004), whose
 * λ is used. No randomness.
 * @param residuals row-major `[n,f]`, already centred (on their own class, plate, …).
 * @param degreesOfFreedom n less the number of means subtracted.
 * @throws GanDlError `not-finite`; `too-many-dimensions` when both n and f exceed 2048.
 * @example
 * ```ts
 * import { applyWhitening, fitShrunkWhitening } from "gan-dl/math";
 * const residuals = Float64Array.of(3, 1, -3, 1, 3, -1, -3, -1); // four rows, sd 3 and 1
 * const [x, y] = applyWhitening(fitShrunkWhitening(residuals, 4, 2, 3), Float64Array.of(3, 1));
 * console.assert(x! / y! < 3); // the wide direction counts for less than before
 * ```
 */
export function fitShrunkWhitening(
  residuals: Float64Array,
  nRows: number,
  nFeatures: number,
  degreesOfFreedom: number,
): ShrunkWhitening {
  const scale = nRows / degreesOfFreedom; // S with n in the denominator, as Ledoit & Wolf, made unbiased at the end
  const pca = principalAxes(residuals, nRows, nFeatures);
  const variances = pca.variances.map((v) => (v * (nRows - 1)) / nRows);
  const shrinkage = ledoitWolf(residuals, nRows, nFeatures, variances);
  const level = variances.reduce((sum, v) => sum + v, 0) / nFeatures;
  const whiten = (variance: number) => {
    const shrunk = scale * ((1 - shrinkage) * variance + shrinkage * level);
    return shrunk > 0 ? 1 / Math.sqrt(shrunk) : 0;
  };
  return { shrinkage, outside: whiten(0), components: pca.components, factors: variances.map(whiten) };
}

/** Whitened row-major rows `[n,f]`; new array. */
export function applyWhitening(whitening: ShrunkWhitening, rows: Float32Array | Float64Array): Float64Array {
  const { components, factors, outside } = whitening;
  const k = factors.length;
  const f = k === 0 ? rows.length : components.length / k;
  const out = Float64Array.from(rows, (v) => v * outside);
  for (let i = 0; i < rows.length; i += f) {
    for (let c = 0; c < k; c++) {
      let along = 0;
      for (let j = 0; j < f; j++) along += rows[i + j]! * components[c * f + j]!;
      const change = along * (factors[c]! - outside);
      for (let j = 0; j < f; j++) out[i + j]! += change * components[c * f + j]!;
    }
  }
  return out;
}

/** Components of variance above round-off; residuals have mean 0 already, to rounding. */
function principalAxes(residuals: Float64Array, n: number, f: number): Pick<Pca, "components" | "variances"> {
  const pca = fitPca(residuals, n, f, Math.min(n, f));
  const floor = 1e-10 * (pca.variances[0] ?? 0);
  const k = pca.variances.filter((v) => v > floor).length;
  return { components: pca.components.slice(0, k * f), variances: pca.variances.slice(0, k) };
}

/** The shrinkage that is expected to bring Σ nearest to the true covariance. */
function ledoitWolf(residuals: Float64Array, n: number, f: number, variances: Float64Array): number {
  const level = variances.reduce((sum, v) => sum + v, 0) / f;
  const square = variances.reduce((sum, v) => sum + v * v, 0); // ‖S‖²
  const apart = square - f * level * level; // ‖S − level·I‖²
  let fourth = 0; // Σ ‖x‖⁴
  for (let i = 0; i < n; i++) {
    let norm = 0;
    for (let j = 0; j < f; j++) norm += residuals[i * f + j]! ** 2;
    fourth += norm * norm;
  }
  const noise = (fourth / n - square) / n;
  return apart > 0 ? Math.min(1, Math.max(0, noise / apart)) : 1;
}
