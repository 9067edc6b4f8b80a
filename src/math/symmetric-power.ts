// Powers of covariance matrices: what whitening and re-colouring multiply by.
import { symmetricEigen } from "./symmetric-eigen.ts";

/**
 * `V · diag(power(λ)) · Vᵀ` of a symmetric matrix.
 * @param a row-major `[p,p]`, upper triangle read.  @param power of an eigenvalue, e.g. `(v) => 1 / Math.sqrt(v)`.
 * @returns new `[p,p]`, symmetric.
 * @example
 * ```ts
 * import { symmetricPower } from "gan-dl/math";
 * console.assert(Math.abs(symmetricPower(Float64Array.of(4, 0, 0, 9), 2, Math.sqrt)[3]! - 3) < 1e-12);
 * ```
 */
export function symmetricPower(a: Float64Array, p: number, power: (eigenvalue: number) => number): Float64Array {
  const { values, vectors } = symmetricEigen(a, p);
  const out = new Float64Array(p * p);
  for (let c = 0; c < p; c++) {
    const factor = power(values[c]!);
    const line = vectors.subarray(c * p, c * p + p);
    for (let i = 0; i < p; i++) {
      const weighted = factor * line[i]!;
      if (weighted === 0) continue;
      for (let k = i; k < p; k++) out[i * p + k]! += weighted * line[k]!;
    }
  }
  for (let i = 0; i < p; i++) for (let k = i + 1; k < p; k++) out[k * p + i] = out[i * p + k]!;
  return out;
}
