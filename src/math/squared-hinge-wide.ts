// Newton's step of a squared-hinge SVM with many features: from the products of the rows, or by conjugate gradients.
import { cholesky, choleskySolve } from "./dense-symmetric.ts";
import { productsOfRows } from "./squared-hinge-rows.ts";
import type { SvmProblem } from "./svm-problem.ts";

/**
 * Newton's step where rows are fewer than features: `(I + XᵀDX)⁻¹g = g − Xᵀ(D⁻¹ + XXᵀ)⁻¹Xg` over the active rows.
 *
 * The products of the rows with each other are made once, `[n,n]`; a step then costs one factor of the active ones. Asks for a
 * regularised bias. Source: Chapelle, Training a Support Vector Machine in the Primal (Neural Computation 2007), §3.
 */
export class RowSpace {
  readonly exact = true;
  readonly #problem: SvmProblem;
  readonly #products: Float64Array;

  constructor(problem: SvmProblem) {
    this.#problem = problem;
    this.#products = productsOfRows(problem.x, problem.n, problem.p);
  }

  /** New array `[p]`. */
  solve(active: readonly number[], gradient: Float64Array): Float64Array {
    const { x, n, p, cost } = this.#problem;
    const m = active.length;
    const matrix = new Float64Array(m * m);
    const right = new Float64Array(m);
    for (let a = 0; a < m; a++) {
      const line = active[a]! * n;
      for (let b = a; b < m; b++) matrix[a * m + b] = this.#products[line + active[b]!]!;
      matrix[a * m + a]! += 1 / (2 * cost[active[a]!]!);
      const row = active[a]! * p;
      for (let k = 0; k < p; k++) right[a]! += x[row + k]! * gradient[k]!;
    }
    const factor = cholesky(matrix, m);
    if (!factor) throw new Error("internal: products of rows with a ridge are not positive definite");
    const shares = choleskySolve(factor, m, right);
    const step = Float64Array.from(gradient);
    for (let a = 0; a < m; a++) {
      const row = active[a]! * p;
      for (let k = 0; k < p; k++) step[k]! -= shares[a]! * x[row + k]!;
    }
    return step;
  }
}

/** Newton's step by conjugate gradients, as exact as a step from so far off deserves; products only, new array `[p]`. */
export function conjugateGradients(
  problem: SvmProblem,
  active: readonly number[],
  gradient: Float64Array,
): Float64Array {
  const { p, biasRidge } = problem;
  const step = new Float64Array(p);
  const residual = Float64Array.from(gradient);
  const search = Float64Array.from(gradient);
  let norm = dot(residual, residual);
  const enough = norm * 1e-4;
  for (let iteration = 0; iteration < 2 * p && norm > enough; iteration++) {
    const product = curvature(problem, active, search);
    for (let k = 0; k < p; k++) product[k]! += (k === p - 1 ? biasRidge : 1) * search[k]!;
    const length = norm / dot(search, product);
    for (let k = 0; k < p; k++) {
      step[k]! += length * search[k]!;
      residual[k]! -= length * product[k]!;
    }
    const next = dot(residual, residual);
    for (let k = 0; k < p; k++) search[k] = residual[k]! + (next / norm) * search[k]!;
    norm = next;
  }
  return step;
}

/** `Σ_active 2·cost·x(x·v)`; four rows at a time, each read once from memory for both products. */
function curvature({ x, p, cost }: SvmProblem, active: readonly number[], v: Float64Array): Float64Array {
  const out = new Float64Array(p);
  const at = (a: number) => active[Math.min(a, active.length - 1)]!;
  const twice = (a: number) => (a < active.length ? 2 * cost[active[a]!]! : 0);
  for (let a = 0; a < active.length; a += 4) {
    const [r0, r1, r2, r3] = [at(a) * p, at(a + 1) * p, at(a + 2) * p, at(a + 3) * p];
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let k = 0; k < p; k++) {
      const value = v[k]!;
      s0 += x[r0 + k]! * value;
      s1 += x[r1 + k]! * value;
      s2 += x[r2 + k]! * value;
      s3 += x[r3 + k]! * value;
    }
    s0 *= twice(a);
    s1 *= twice(a + 1);
    s2 *= twice(a + 2);
    s3 *= twice(a + 3);
    for (let k = 0; k < p; k++) out[k]! += s0 * x[r0 + k]! + s1 * x[r1 + k]! + s2 * x[r2 + k]! + s3 * x[r3 + k]!;
  }
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}
