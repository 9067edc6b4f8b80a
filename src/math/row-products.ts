// The two products of tall matrices that everything large here waits for: rows by a small matrix, and rows with themselves.
import { addOuterProducts } from "./dense-symmetric.ts";

/**
 * `out[i,k] = Σ_j rows[i,j] · matrix[k,j]`: row-major rows `[n,f]` seen through a row-major matrix `[k,f]`.
 *
 * Four rows by two lines at a time, so that each number loaded is used more than once. No randomness.
 * @param out filled and returned; a new `[n,k]` f32 when left out.
 * @example
 * ```ts
 * import { multiplyRows } from "gan-dl/math";
 * console.assert(multiplyRows(Float32Array.of(1, 2), Float64Array.of(1, 1, 1, -1), 2).join() === "3,-1");
 * ```
 */
export function multiplyRows(
  rows: Float32Array | Float64Array,
  matrix: Float32Array | Float64Array,
  f: number,
  out?: Float32Array | Float64Array,
): Float32Array | Float64Array {
  const n = f === 0 ? 0 : rows.length / f;
  const k = f === 0 ? 0 : matrix.length / f;
  const into = out ?? new Float32Array(n * k);
  let i = 0;
  for (; i + 4 <= n; i += 4) fourRows(rows, matrix, f, k, i, into);
  for (; i < n; i++) {
    for (let c = 0; c < k; c++) {
      let sum = 0;
      for (let j = 0, r = i * f, m = c * f; j < f; j++, r++, m++) sum += rows[r]! * matrix[m]!;
      into[i * k + c] = sum;
    }
  }
  return into;
}

function fourRows(
  rows: Float32Array | Float64Array,
  matrix: Float32Array | Float64Array,
  f: number,
  k: number,
  i: number,
  out: Float32Array | Float64Array,
): void {
  const r0 = i * f;
  const [r1, r2, r3] = [r0 + f, r0 + 2 * f, r0 + 3 * f];
  const o = i * k;
  for (let c = 0; c < k; c += 2) {
    const m0 = c * f;
    const m1 = c + 1 < k ? m0 + f : m0;
    let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let j = 0; j < f; j++) {
      const x0 = rows[r0 + j]!;
      const x1 = rows[r1 + j]!;
      const x2 = rows[r2 + j]!;
      const x3 = rows[r3 + j]!;
      const u = matrix[m0 + j]!;
      const v = matrix[m1 + j]!;
      a0 += x0 * u;
      a1 += x1 * u;
      a2 += x2 * u;
      a3 += x3 * u;
      b0 += x0 * v;
      b1 += x1 * v;
      b2 += x2 * v;
      b3 += x3 * v;
    }
    out[o + c] = a0;
    out[o + k + c] = a1;
    out[o + 2 * k + c] = a2;
    out[o + 3 * k + c] = a3;
    if (m1 === m0) continue;
    out[o + c + 1] = b0;
    out[o + k + c + 1] = b1;
    out[o + 2 * k + c + 1] = b2;
    out[o + 3 * k + c + 1] = b3;
  }
}

/** Mean and scatter of some rows. */
export interface Scatter {
  readonly n: number;
  /** `[f]` */
  readonly mean: Float64Array;
  /** `Σ (x − mean)(x − mean)ᵀ`, `[f,f]`, both triangles. Divide by n − 1 for the covariance. */
  readonly scatter: Float64Array;
}

const CHUNK = 512;

/**
 * Mean and scatter of row-major rows `[n,f]` in one pass over the chosen rows after their mean; memory of one chunk and `[f,f]`.
 * @param rows which rows; all when left out.
 */
export function scatterOf(features: Float32Array | Float64Array, f: number, rows?: ArrayLike<number>): Scatter {
  const n = rows?.length ?? (f === 0 ? 0 : features.length / f);
  const at = (i: number) => (rows ? rows[i]! : i) * f;
  const mean = new Float64Array(f);
  for (let i = 0; i < n; i++) for (let j = 0, from = at(i); j < f; j++) mean[j]! += features[from + j]!;
  for (let j = 0; j < f; j++) mean[j]! /= Math.max(1, n);
  const scatter = new Float64Array(f * f);
  const chunk = new Float64Array(CHUNK * f);
  const ones = new Float64Array(CHUNK).fill(1);
  const order = Int32Array.from({ length: CHUNK }, (_, i) => i);
  for (let start = 0; start < n; start += CHUNK) {
    const size = Math.min(CHUNK, n - start);
    for (let i = 0; i < size; i++) {
      const from = at(start + i);
      for (let j = 0; j < f; j++) chunk[i * f + j] = features[from + j]! - mean[j]!;
    }
    addOuterProducts(scatter, chunk, f, order.subarray(0, size), ones);
  }
  for (let j = 0; j < f; j++) for (let k = j + 1; k < f; k++) scatter[k * f + j] = scatter[j * f + k]!;
  return { n, mean, scatter };
}
