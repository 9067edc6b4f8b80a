// Dot products between many rows at once: what covariances, polynomial kernels and distances are made of.
import { featureWidthsDiffer, notFinite } from "./errors.ts";
import { addInto, panelProducts, rowLines } from "./panel-products.ts";

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

/** {@link DotProducts} by panels, float64 throughout. */
export function dotProducts(a: Float64Array, nA: number, b: Float64Array, nB: number, d: number): Float64Array {
  const out = new Float64Array(nA * nB);
  panelProducts(rowLines(a, nA, d), rowLines(b, nB, d), d, addInto(out, nB));
  return out;
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
