// Small dense algebra on symmetric matrices: only the upper triangle of a row-major `[p,p]` is kept up to date.
import { type Lines, panelProducts, type TakeProducts } from "./panel-products.ts";

/**
 * Adds `Σ scale[i] · x_i x_iᵀ` over the listed rows to the upper triangle of `gram`, in place.
 * @param x row-major `[n,p]` f64.  @param gram `[p,p]` f64.  @param scale one factor per row of `x`.
 * @param from columns before it are left alone.
 */
export function addOuterProducts(
  gram: Float64Array,
  x: Float64Array,
  p: number,
  rows: ArrayLike<number>,
  scale: ArrayLike<number>,
  from = 0,
): void {
  if (rows.length < FEWEST_ROWS || p - from < FEWEST_COLUMNS) {
    for (let i = 0; i < rows.length; i++) addOuterProduct(gram, x, p, rows[i]! * p, scale[rows[i]!]!, from);
    return;
  }
  const add: TakeProducts = (fromA, nA, fromB, nB, products, stride) => {
    for (let a = 0; a < nA; a++) {
      const line = (from + fromA + a) * p + from + fromB;
      for (let b = Math.max(0, fromA + a - fromB); b < nB; b++) gram[line + b]! += products[a * stride + b]!;
    }
  };
  const isAbove = (fromA: number, _nA: number, fromB: number, nB: number) => fromB + nB > fromA;
  const columns = columnsOf(x, p, rows, from);
  panelProducts(columnsOf(x, p, rows, from, scale), columns, rows.length, add, isAbove);
}

/** Fewer are added one by one: panels would cost more than they save. */
const FEWEST_ROWS = 6;
const FEWEST_COLUMNS = 24;

/** The columns of the listed rows as lines, each number times its row's factor. */
function columnsOf(
  x: Float64Array,
  p: number,
  rows: ArrayLike<number>,
  firstColumn: number,
  scale?: ArrayLike<number>,
): Lines {
  return {
    n: p - firstColumn,
    pack: (into, from, count, start, width, stride) => {
      const place = (i: number) => rows[start + Math.min(i, width - 1)]! * p + firstColumn + from;
      const factor = (i: number) => (i >= width ? 0 : scale ? scale[rows[start + i]!]! : 1);
      // Four rows at a time, so that what is written lies side by side; a line has room for whole fours.
      for (let i = 0; i < width; i += 4) {
        const [r0, r1, r2, r3] = [place(i), place(i + 1), place(i + 2), place(i + 3)];
        const [f0, f1, f2, f3] = [factor(i), factor(i + 1), factor(i + 2), factor(i + 3)];
        for (let k = 0, to = i; k < count; k++, to += stride) {
          into[to] = f0 * x[r0 + k]!;
          into[to + 1] = f1 * x[r1 + k]!;
          into[to + 2] = f2 * x[r2 + k]!;
          into[to + 3] = f3 * x[r3 + k]!;
        }
      }
    },
  };
}

function addOuterProduct(
  gram: Float64Array,
  x: Float64Array,
  p: number,
  row: number,
  factor: number,
  from: number,
): void {
  for (let j = from; j < p; j++) {
    const value = factor * x[row + j]!;
    for (let k = j, line = j * p; k < p; k++) gram[line + k]! += value * x[row + k]!;
  }
}

/** Lines of a factor that are made before what lies below them is. */
const LINES_AT_ONCE = 32;

/**
 * Factors a positive definite matrix as `UᵀU`, some lines at a time: what lies below is then read and written that much less often.
 * @param a `[p,p]`, upper triangle read; not changed.
 * @returns new `[p,p]` holding U in its upper triangle, or null when `a` is not positive definite to working precision.
 */
export function cholesky(a: Float64Array, p: number): Float64Array | null {
  const u = Float64Array.from(a);
  const taken = new Float64Array(p).fill(-1);
  for (let from = 0; from < p; from += LINES_AT_ONCE) {
    const end = Math.min(p, from + LINES_AT_ONCE);
    if (!factorLines(u, p, from, end)) return null;
    const lines = Int32Array.from({ length: end - from }, (_, i) => from + i);
    addOuterProducts(u, u, p, lines, taken, end);
  }
  return u;
}

/** Lines `from … end` of the factor, from which those before `from` have been taken off. */
function factorLines(u: Float64Array, p: number, from: number, end: number): boolean {
  for (let line = from; line < end; line++) {
    const own = line * p;
    let done = from;
    for (; done + 4 <= line; done += 4) takeFour(u, p, done, line);
    for (; done < line; done++) {
      const factor = u[done * p + line]!;
      for (let k = line, at = done * p; k < p; k++) u[own + k]! -= factor * u[at + k]!;
    }
    const pivot = u[own + line]!;
    if (!(pivot > 0)) return false;
    const inverse = 1 / Math.sqrt(pivot);
    for (let k = line; k < p; k++) u[own + k]! *= inverse;
  }
  return true;
}

/** Takes four lines from `first` on off a later one, which is then read and written once for all four. */
function takeFour(u: Float64Array, p: number, first: number, line: number): void {
  const r0 = first * p;
  const [r1, r2, r3] = [r0 + p, r0 + 2 * p, r0 + 3 * p];
  const [f0, f1, f2, f3] = [u[r0 + line]!, u[r1 + line]!, u[r2 + line]!, u[r3 + line]!];
  const own = line * p;
  for (let k = line; k < p; k++) u[own + k]! -= f0 * u[r0 + k]! + f1 * u[r1 + k]! + f2 * u[r2 + k]! + f3 * u[r3 + k]!;
}

/** Solves `UᵀU z = b` for the factor of {@link cholesky}; new array `[p]`. */
export function choleskySolve(u: Float64Array, p: number, b: ArrayLike<number>): Float64Array {
  const z = Float64Array.from(b);
  for (let i = 0; i < p; i++) {
    z[i]! /= u[i * p + i]!;
    for (let k = i + 1; k < p; k++) z[k]! -= u[i * p + k]! * z[i]!;
  }
  for (let i = p - 1; i >= 0; i--) {
    let sum = z[i]!;
    for (let k = i + 1; k < p; k++) sum -= u[i * p + k]! * z[k]!;
    z[i] = sum / u[i * p + i]!;
  }
  return z;
}

/** Inverse of a positive definite `[p,p]`, or null when it is not; new array, both triangles filled. */
export function invertPositiveDefinite(a: Float64Array, p: number): Float64Array | null {
  const factor = cholesky(a, p);
  if (!factor) return null;
  const inverse = new Float64Array(p * p);
  const unit = new Float64Array(p);
  for (let j = 0; j < p; j++) {
    unit.fill(0);
    unit[j] = 1;
    const column = choleskySolve(factor, p, unit);
    for (let i = 0; i < p; i++) inverse[i * p + j] = column[i]!;
  }
  return inverse;
}
