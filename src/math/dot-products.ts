// Dot products between many rows at once: what covariances, polynomial kernels and distances are made of.
import { featureWidthsDiffer, notFinite } from "./errors.ts";

/** Row-major `[n,d]` features, one row an image. */
export interface FeatureRows {
  readonly data: Float32Array | Float64Array;
  readonly n: number;
  readonly d: number;
}

/**
 * All dot products of `a` `[nA,d]` with `b` `[nB,d]`: new row-major `[nA,nB]`. The metrics spend nearly all their time in this
 * one function, so a caller who has a faster one (a BLAS, a GPU) passes it in.
 */
export type DotProducts = (a: Float64Array, nA: number, b: Float64Array, nB: number, d: number) => Float64Array;

/** Rows of one block; blocks are what a {@link DotProducts} is given at most. */
export const BLOCK_ROWS = 512;

/** Rows of `b` that stay in the processor's cache while all of `a` passes by. */
const CACHED_ROWS = 48;

/** {@link DotProducts} in plain JavaScript, float64 throughout. */
export function dotProducts(a: Float64Array, nA: number, b: Float64Array, nB: number, d: number): Float64Array {
  const out = new Float64Array(nA * nB);
  for (let from = 0; from < nB; from += CACHED_ROWS) {
    const to = Math.min(nB, from + CACHED_ROWS);
    for (let i = 0; i < nA; i += 3) for (let j = from; j < to; j += 3) threeByThree(out, a, nA, b, nB, d, i, j);
  }
  return out;
}

/** Nine products at a time: each number loaded is then used three times. Past the last row the last row is done again. */
function threeByThree(
  out: Float64Array,
  a: Float64Array,
  nA: number,
  b: Float64Array,
  nB: number,
  d: number,
  i: number,
  j: number,
): void {
  const i1 = Math.min(i + 1, nA - 1);
  const i2 = Math.min(i + 2, nA - 1);
  const j1 = Math.min(j + 1, nB - 1);
  const j2 = Math.min(j + 2, nB - 1);
  const p0 = i * d;
  const p1 = i1 * d;
  const p2 = i2 * d;
  const q0 = j * d;
  const q1 = j1 * d;
  const q2 = j2 * d;
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  for (let c = 0; c < d; c++) {
    const x0 = a[p0 + c]!;
    const x1 = a[p1 + c]!;
    const x2 = a[p2 + c]!;
    const y0 = b[q0 + c]!;
    const y1 = b[q1 + c]!;
    const y2 = b[q2 + c]!;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
  }
  out[i * nB + j] = s00;
  out[i * nB + j1] = s01;
  out[i * nB + j2] = s02;
  out[i1 * nB + j] = s10;
  out[i1 * nB + j1] = s11;
  out[i1 * nB + j2] = s12;
  out[i2 * nB + j] = s20;
  out[i2 * nB + j1] = s21;
  out[i2 * nB + j2] = s22;
}

/** Calls `work` for each run of at most {@link BLOCK_ROWS} of `n` rows, from `from` on. */
export function forEachBlock(n: number, work: (start: number, rows: number) => void, from = 0): void {
  for (let start = from; start < n; start += BLOCK_ROWS) work(start, Math.min(BLOCK_ROWS, n - start));
}

/** Rows `start … start + rows` as float64, less `origin` where there is one; new array. */
export function blockOf({ data, d }: FeatureRows, start: number, rows: number, origin?: Float64Array): Float64Array {
  const block = Float64Array.from(data.subarray(start * d, (start + rows) * d));
  if (origin) for (let i = 0; i < block.length; i += d) for (let j = 0; j < d; j++) block[i + j]! -= origin[j]!;
  return block;
}

/** @throws GanDlError `not-finite` for the first value that is not. */
export function expectFiniteRows({ data, n, d }: FeatureRows, what: string): void {
  for (let i = 0; i < n * d; i++) if (!Number.isFinite(data[i])) throw notFinite(what, Math.floor(i / d), i % d);
}

/** @throws GanDlError `feature-widths-differ`. */
export function expectSameWidth(a: { readonly d: number }, b: { readonly d: number }): void {
  if (a.d !== b.d) throw featureWidthsDiffer(a.d, b.d);
}
