// Eigenvalues and eigenvectors of a symmetric matrix: Householder tridiagonalisation, then implicit QL.

/** Eigenpairs, largest eigenvalue first. */
export interface SymmetricEigen {
  /** `[p]`, falling. */
  readonly values: Float64Array;
  /** Row-major `[p,p]`: row i is the unit eigenvector of value i. */
  readonly vectors: Float64Array;
}

const MAX_SWEEPS = 60;

/**
 * All eigenpairs of a symmetric matrix.
 *
 * Source: Golub & Van Loan, Matrix Computations (4th ed.), algorithms 8.3.1 and 8.3.3. Deterministic; the sign of each
 * vector is chosen so that its entry of largest size is positive.
 * @param a row-major `[p,p]`, upper triangle read; not changed.
 * @example
 * ```ts
 * import { symmetricEigen } from "gan-dl/math";
 * const { values } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
 * console.assert(Math.abs(values[0]! - 3) < 1e-12 && Math.abs(values[1]! - 1) < 1e-12);
 * ```
 */
export function symmetricEigen(a: Float64Array, p: number): SymmetricEigen {
  const { diagonal, beside, reflectors } = tridiagonalise(a, p);
  const basis = basisOf(reflectors, p);
  diagonalise(diagonal, beside, basis, p);
  const order = Int32Array.from({ length: p }, (_, i) => i).sort((i, j) => diagonal[j]! - diagonal[i]!);
  const vectors = new Float64Array(p * p);
  order.forEach((from, to) => {
    const row = basis.subarray(from * p, from * p + p);
    let largest = 0;
    for (const v of row) if (Math.abs(v) > Math.abs(largest)) largest = v;
    const sign = largest < 0 ? -1 : 1;
    for (let k = 0; k < p; k++) vectors[to * p + k] = sign * row[k]!;
  });
  return { values: Float64Array.from(order, (i) => diagonal[i]!), vectors };
}

/** The eigenvalues alone, falling; a fraction of the work of {@link symmetricEigen}, and the same arguments. */
export function symmetricEigenvalues(a: Float64Array, p: number): Float64Array {
  const { diagonal, beside } = tridiagonalise(a, p);
  diagonalise(diagonal, beside, null, p);
  return diagonal.sort().reverse();
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** `beside[i]` couples i and i+1; the last is 0. */
  readonly beside: Float64Array;
  /** One a column, from the first. */
  readonly reflectors: readonly Float64Array[];
}

/** Reflects column after column onto the diagonal's neighbour. */
function tridiagonalise(a: Float64Array, p: number): Tridiagonal {
  const m = new Float64Array(p * p);
  for (let i = 0; i < p; i++) for (let k = i; k < p; k++) m[i * p + k] = m[k * p + i] = a[i * p + k]!;
  const beside = new Float64Array(p);
  const reflectors: Float64Array[] = [];
  for (let i = 0; i + 2 < p; i++) {
    const v = reflector(m, p, i);
    reflectors.push(v);
    beside[i] = reflectBothSides(m, p, i, v);
  }
  if (p > 1) beside[p - 2] = m[(p - 1) * p + p - 2]!;
  return { diagonal: Float64Array.from({ length: p }, (_, i) => m[i * p + i]!), beside, reflectors };
}

/** Rows are the basis in which the matrix is tridiagonal. */
function basisOf(reflectors: readonly Float64Array[], p: number): Float64Array {
  const basis = new Float64Array(p * p);
  for (let i = 0; i < p; i++) basis[i * p + i] = 1;
  // Last reflector first: each then touches only the block that is not yet the identity.
  for (let i = reflectors.length - 1; i >= 0; i--) reflectRows(basis, p, i + 1, reflectors[i]!);
  const transposed = new Float64Array(p * p); // the eigenvectors are wanted as rows
  for (let i = 0; i < p; i++) for (let k = 0; k < p; k++) transposed[k * p + i] = basis[i * p + k]!;
  return transposed;
}

/** The unit vector over rows i+1 … p−1 whose reflection zeroes column i below its first entry (all zero: nothing to do). */
function reflector(m: Float64Array, p: number, i: number): Float64Array {
  const v = new Float64Array(p - i - 1);
  let norm = 0;
  for (let k = 0; k < v.length; k++) {
    v[k] = m[(i + 1 + k) * p + i]!;
    norm += v[k]! ** 2;
  }
  norm = Math.sqrt(norm);
  v[0]! += v[0]! < 0 ? -norm : norm;
  const length = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
  if (length > 0) for (let k = 0; k < v.length; k++) v[k]! /= length;
  return v;
}

/** Replaces the trailing block B by HBH, H = I − 2vvᵀ; returns what became of the entry beside the diagonal. */
function reflectBothSides(m: Float64Array, p: number, i: number, v: Float64Array): number {
  const from = i + 1;
  const q = v.length;
  let along = 0; // column i meets the reflection too
  for (let k = 0; k < q; k++) along += v[k]! * m[(from + k) * p + i]!;
  const beside = m[from * p + i]! - 2 * along * v[0]!;
  const bv = new Float64Array(q);
  for (let j = 0; j < q; j++) {
    const line = (from + j) * p + from;
    let sum = 0;
    for (let k = 0; k < q; k++) sum += m[line + k]! * v[k]!;
    bv[j] = sum;
  }
  const vbv = bv.reduce((sum, x, k) => sum + x * v[k]!, 0);
  const u = bv.map((x, k) => 2 * (x - vbv * v[k]!));
  for (let j = 0; j < q; j++) {
    const line = (from + j) * p + from;
    for (let k = 0; k < q; k++) m[line + k]! -= v[j]! * u[k]! + u[j]! * v[k]!;
  }
  return beside;
}

/** Applies I − 2vvᵀ to the trailing rows and columns of `basis`. */
function reflectRows(basis: Float64Array, p: number, from: number, v: Float64Array): void {
  const product = new Float64Array(p - from);
  for (let k = 0; k < v.length; k++) {
    const line = (from + k) * p + from;
    for (let c = 0; c < product.length; c++) product[c]! += v[k]! * basis[line + c]!;
  }
  for (let k = 0; k < v.length; k++) {
    const line = (from + k) * p + from;
    const factor = 2 * v[k]!;
    for (let c = 0; c < product.length; c++) basis[line + c]! -= factor * product[c]!;
  }
}

/** Implicit QL with Wilkinson's shift; turns `diagonal` into the eigenvalues and the rows of `basis`, if any, into the vectors. */
function diagonalise(diagonal: Float64Array, beside: Float64Array, basis: Float64Array | null, p: number): void {
  // What is beside the diagonal counts as zero against the whole matrix, not against its neighbours: in a singular matrix those
  // are round-off themselves, and would never settle.
  const negligible =
    Number.EPSILON * diagonal.reduce((most, v, i) => Math.max(most, Math.abs(v) + Math.abs(beside[i]!)), 0);
  for (let low = 0; low < p; low++) {
    for (let sweep = 0; ; sweep++) {
      let end = low;
      while (end < p - 1 && Math.abs(beside[end]!) > negligible) end++;
      if (end === low) break;
      if (sweep === MAX_SWEEPS) throw new Error("internal: the QL iteration of an eigenproblem did not converge");
      sweepUp(diagonal, beside, basis, p, low, end);
    }
  }
}

/** One QL sweep over the unreduced block low … end. */
function sweepUp(
  d: Float64Array,
  e: Float64Array,
  basis: Float64Array | null,
  p: number,
  low: number,
  end: number,
): void {
  const half = (d[low + 1]! - d[low]!) / (2 * e[low]!);
  let g = d[end]! - d[low]! + e[low]! / (half + Math.sign(half || 1) * Math.hypot(half, 1));
  let s = 1;
  let c = 1;
  let shift = 0;
  for (let i = end - 1; i >= low; i--) {
    const f = s * e[i]!;
    const b = c * e[i]!;
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1]! -= shift; // the block has split by itself
      e[end] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    const left = d[i + 1]! - shift;
    const turn = (d[i]! - left) * s + 2 * c * b;
    shift = s * turn;
    d[i + 1] = left + shift;
    g = c * turn - b;
    if (basis) rotate(basis, p, i, s, c);
  }
  d[low]! -= shift;
  e[low] = g;
  e[end] = 0;
}

function rotate(basis: Float64Array, p: number, i: number, s: number, c: number): void {
  const upper = i * p;
  const lower = upper + p;
  for (let k = 0; k < p; k++) {
    const below = basis[lower + k]!;
    const above = basis[upper + k]!;
    basis[lower + k] = s * above + c * below;
    basis[upper + k] = c * above - s * below;
  }
}
