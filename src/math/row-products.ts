// The two products of tall matrices that everything large here waits for: rows by a small matrix, and rows with themselves.
import { addOuterProducts } from "./dense-symmetric.ts";
import { addInto, PANEL_DEPTH, panelProducts, rowLines } from "./panel-products.ts";

/**
 * `out[i,k] = Σ_j rows[i,j] · matrix[k,j]`: row-major rows `[n,f]` seen through a row-major matrix `[k,f]`.
 *
 * Sums are kept at double precision whatever goes in and comes out. No randomness.
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
  if (k >= PANEL_LINES) byPanels(rows, matrix, f, into);
  else byRows(rows, matrix, f, into);
  return into;
}

/** From so many lines of the matrix on, each row is used often enough to be copied into a panel. */
const PANEL_LINES = 8;
/** Rows and lines whose sums are kept at double precision until they are whole. */
const ROWS_AT_ONCE = 192;
const LINES_AT_ONCE = 1024;

function byPanels(
  rows: Float32Array | Float64Array,
  matrix: Float32Array | Float64Array,
  f: number,
  out: Float32Array | Float64Array,
): void {
  const [n, k] = [rows.length / f, matrix.length / f];
  for (let line = 0; line < k; line += LINES_AT_ONCE) {
    const nLines = Math.min(LINES_AT_ONCE, k - line);
    const some = rowLines(matrix.subarray(line * f, (line + nLines) * f), nLines, f);
    for (let row = 0; row < n; row += ROWS_AT_ONCE) {
      const nRows = Math.min(ROWS_AT_ONCE, n - row);
      const sums = new Float64Array(nRows * nLines);
      const own = rowLines(rows.subarray(row * f, (row + nRows) * f), nRows, f);
      panelProducts(own, some, f, addInto(sums, nLines));
      for (let i = 0; i < nRows; i++) out.set(sums.subarray(i * nLines, (i + 1) * nLines), (row + i) * k + line);
    }
  }
}

/** Few lines: every row is read once, where it lies. The sums are those of the panels, bit for bit, so that equal rows stay equal. */
function byRows(
  rows: Float32Array | Float64Array,
  matrix: Float32Array | Float64Array,
  f: number,
  out: Float32Array | Float64Array,
): void {
  const k = f === 0 ? 0 : matrix.length / f;
  for (let at = 0; at < (f === 0 ? 0 : (rows.length / f) * k); at++)
    out[at] = product(rows, Math.floor(at / k) * f, matrix, (at % k) * f, f);
}

function product(
  a: Float32Array | Float64Array,
  fromA: number,
  b: Float32Array | Float64Array,
  fromB: number,
  f: number,
): number {
  let sum = 0;
  for (let start = 0; start < f; start += PANEL_DEPTH) {
    const end = Math.min(f, start + PANEL_DEPTH);
    let [even, odd] = [0, 0];
    let j = start;
    for (; j + 2 <= end; j += 2) {
      even += a[fromA + j]! * b[fromB + j]!;
      odd += a[fromA + j + 1]! * b[fromB + j + 1]!;
    }
    if (j < end) even += a[fromA + j]! * b[fromB + j]!;
    sum += even + odd;
  }
  return sum;
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
