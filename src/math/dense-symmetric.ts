// Small dense algebra on symmetric matrices: only the upper triangle of a row-major `[p,p]` is kept up to date.

/**
 * Adds `Σ scale[i] · x_i x_iᵀ` over the listed rows to the upper triangle of `gram`, in place.
 * @param x row-major `[n,p]` f64.  @param gram `[p,p]` f64.  @param scale one factor per row of `x`.
 */
export function addOuterProducts(
  gram: Float64Array,
  x: Float64Array,
  p: number,
  rows: ArrayLike<number>,
  scale: ArrayLike<number>,
): void {
  const weights = new Float64Array(4);
  for (let start = 0; start < rows.length; start += 4) {
    const offset = (lane: number) => rows[Math.min(start + lane, rows.length - 1)]! * p;
    for (let lane = 0; lane < 4; lane++) weights[lane] = start + lane < rows.length ? scale[rows[start + lane]!]! : 0;
    addFour(gram, x, p, offset(0), offset(1), offset(2), offset(3), weights);
  }
}

/** Four rows of `x` on two lines of the matrix at a time: each load and store then carries four multiply-adds (twice as fast). */
function addFour(
  gram: Float64Array,
  x: Float64Array,
  p: number,
  r0: number,
  r1: number,
  r2: number,
  r3: number,
  weights: Float64Array,
): void {
  const [f0, f1, f2, f3] = [weights[0]!, weights[1]!, weights[2]!, weights[3]!];
  for (let j = 0; j < p; j += 2) {
    const a0 = f0 * x[r0 + j]!;
    const a1 = f1 * x[r1 + j]!;
    const a2 = f2 * x[r2 + j]!;
    const a3 = f3 * x[r3 + j]!;
    const upper = j * p;
    gram[upper + j]! += a0 * x[r0 + j]! + a1 * x[r1 + j]! + a2 * x[r2 + j]! + a3 * x[r3 + j]!;
    if (j + 1 === p) break;
    const b0 = f0 * x[r0 + j + 1]!;
    const b1 = f1 * x[r1 + j + 1]!;
    const b2 = f2 * x[r2 + j + 1]!;
    const b3 = f3 * x[r3 + j + 1]!;
    const lower = upper + p;
    for (let k = j + 1; k < p; k++) {
      const v0 = x[r0 + k]!;
      const v1 = x[r1 + k]!;
      const v2 = x[r2 + k]!;
      const v3 = x[r3 + k]!;
      gram[upper + k]! += a0 * v0 + a1 * v1 + a2 * v2 + a3 * v3;
      gram[lower + k]! += b0 * v0 + b1 * v1 + b2 * v2 + b3 * v3;
    }
  }
}

/**
 * Factors a positive definite matrix as `UᵀU`, four lines at a time: what lies below is then read and written a quarter as often.
 * @param a `[p,p]`, upper triangle read; not changed.
 * @returns new `[p,p]` holding U in its upper triangle, or null when `a` is not positive definite to working precision.
 */
export function cholesky(a: Float64Array, p: number): Float64Array | null {
  const u = Float64Array.from(a);
  for (let i = 0; i < p; i += 4) {
    const end = Math.min(p, i + 4);
    for (let line = i; line < end; line++) {
      const pivot = u[line * p + line]!;
      if (!(pivot > 0)) return null;
      const inverse = 1 / Math.sqrt(pivot);
      for (let k = line; k < p; k++) u[line * p + k]! *= inverse;
      for (let j = line + 1; j < end; j++) {
        const factor = u[line * p + j]!;
        for (let k = j; k < p; k++) u[j * p + k]! -= factor * u[line * p + k]!;
      }
    }
    for (let j = end; j < p; j += 2) takeFour(u, p, i, j); // only ever after four whole lines
  }
  return u;
}

/** Takes the four lines from `i` on off lines `j` and `j + 1`. */
function takeFour(u: Float64Array, p: number, i: number, j: number): void {
  const r0 = i * p;
  const [r1, r2, r3] = [r0 + p, r0 + 2 * p, r0 + 3 * p];
  const [a0, a1, a2, a3] = [u[r0 + j]!, u[r1 + j]!, u[r2 + j]!, u[r3 + j]!];
  const upper = j * p;
  u[upper + j]! -= a0 * a0 + a1 * a1 + a2 * a2 + a3 * a3;
  if (j + 1 === p) return;
  const [b0, b1, b2, b3] = [u[r0 + j + 1]!, u[r1 + j + 1]!, u[r2 + j + 1]!, u[r3 + j + 1]!];
  const lower = upper + p;
  for (let k = j + 1; k < p; k++) {
    const v0 = u[r0 + k]!;
    const v1 = u[r1 + k]!;
    const v2 = u[r2 + k]!;
    const v3 = u[r3 + k]!;
    u[upper + k]! -= a0 * v0 + a1 * v1 + a2 * v2 + a3 * v3;
    u[lower + k]! -= b0 * v0 + b1 * v1 + b2 * v2 + b3 * v3;
  }
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
