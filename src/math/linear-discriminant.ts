// Many classes at once: linear discriminants with one shrunk covariance, whose cost does not grow with the number of classes.
import { addOuterProducts, cholesky, choleskySolve } from "./dense-symmetric.ts";
import { oneClassOnly } from "./errors.ts";
import type { LabelledRows } from "./linear-svm.ts";

/** One linear score a class; the highest names it. */
export interface LinearDiscriminant {
  readonly classifiers: readonly { readonly weights: Float64Array; readonly bias: number }[];
  /** Always: the solution is closed. */
  readonly converged: true;
}

const CHUNK = 512;

/**
 * Fisher's linear discriminant with equal priors: `w_k = Σ⁻¹μ_k`, `b_k = −½ μ_kᵀΣ⁻¹μ_k`, Σ pooled within classes and shrunk.
 *
 * Memory of one chunk of rows and `[f,f]`. No randomness. `predictClasses` names rows by it.
 * @param classes class number of each row, 0 … `nClasses − 1`; every class needs a row.
 * @param shrinkage share of Σ replaced by its mean variance · I. Default 0.1.
 * @throws GanDlError `one-class-only`.
 * @example
 * ```ts
 * import { fitLinearDiscriminant, predictClasses } from "gan-dl/math";
 * const features = Float64Array.of(0, 1, 10, 11);
 * const model = fitLinearDiscriminant({ features, nRows: 4, nFeatures: 1 }, [0, 0, 1, 1], 2);
 * console.assert(predictClasses(model, Float64Array.of(2, 9)).join() === "0,1");
 * ```
 */
export function fitLinearDiscriminant(
  rows: Omit<LabelledRows, "positive">,
  classes: ArrayLike<number>,
  nClasses: number,
  shrinkage = 0.1,
): LinearDiscriminant {
  if (nClasses < 2) throw oneClassOnly(["class 0"].slice(0, nClasses));
  const { features: x, nRows: n, nFeatures: f } = rows;
  const means = new Float64Array(nClasses * f);
  const counts = new Float64Array(nClasses);
  for (let i = 0; i < n; i++) {
    const k = classes[i]!;
    counts[k]!++;
    for (let j = 0; j < f; j++) means[k * f + j]! += x[i * f + j]!;
  }
  for (let k = 0; k < nClasses; k++) for (let j = 0; j < f; j++) means[k * f + j]! /= Math.max(1, counts[k]!);
  const covariance = withinClasses(x, n, f, classes, means, Math.max(1, n - nClasses));
  const level = covariance.reduce((sum, v, i) => (i % (f + 1) === 0 ? sum + v : sum), 0) / f || 1;
  for (let i = 0; i < covariance.length; i++) covariance[i]! *= 1 - shrinkage;
  for (let j = 0; j < f; j++) covariance[j * f + j]! += (shrinkage || 1e-9) * level;
  const factor = cholesky(covariance, f);
  if (!factor) throw new Error("internal: a shrunk covariance is not positive definite");
  const classifiers = Array.from({ length: nClasses }, (_, k) => {
    const own = means.subarray(k * f, k * f + f);
    const weights = choleskySolve(factor, f, own);
    return { weights, bias: -0.5 * weights.reduce((sum, w, j) => sum + w * own[j]!, 0) };
  });
  return { classifiers, converged: true };
}

function withinClasses(
  x: Float32Array | Float64Array,
  n: number,
  f: number,
  classes: ArrayLike<number>,
  means: Float64Array,
  df: number,
): Float64Array {
  const out = new Float64Array(f * f);
  const chunk = new Float64Array(CHUNK * f);
  const scale = new Float64Array(CHUNK).fill(1 / df);
  const order = Int32Array.from({ length: CHUNK }, (_, i) => i);
  for (let start = 0; start < n; start += CHUNK) {
    const size = Math.min(CHUNK, n - start);
    for (let i = 0; i < size; i++) {
      const [row, k] = [start + i, classes[start + i]!];
      for (let j = 0; j < f; j++) chunk[i * f + j] = x[row * f + j]! - means[k * f + j]!;
    }
    addOuterProducts(out, chunk, f, order.subarray(0, size), scale);
  }
  return out;
}
