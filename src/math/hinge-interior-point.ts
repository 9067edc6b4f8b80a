// Hinge: a quadratic programme, solved by a primal–dual interior-point method. Each of its two dozen steps costs n·p².
import { addOuterProducts, cholesky, choleskySolve } from "./dense-symmetric.ts";
import { combineRows, type SvmProblem, type SvmSolution, signedScores } from "./svm-problem.ts";

const MAX_ITERATIONS = 100;
/** Mean complementarity, relative to the cost, at which double precision has nothing left to give. */
const TINY = 1e-13;

/** Row-wise variables: dual `alpha` with slack `s`, and its distance `beta = cost − alpha` with hinge loss `xi`. */
interface Point {
  readonly w: Float64Array;
  readonly alpha: Float64Array;
  readonly s: Float64Array;
  readonly xi: Float64Array;
}

/**
 * Minimises a hinge SVM, bias regularised or free, to about 1e-10 whatever C is.
 *
 * Conditions: Rw = Σ αyx, s = yx·w − 1 + ξ, αs = 0, (cost − α)ξ = 0. Rows are eliminated, so each step solves one `[p,p]` system.
 * Source: Mehrotra, On the Implementation of a Primal-Dual Interior Point Method (SIAM J. Optim. 1992); for SVMs, Ferris &
 * Munson, Interior-Point Methods for Massive Support Vector Machines (SIAM J. Optim. 2002).
 */
export function minimiseHinge(problem: SvmProblem): SvmSolution {
  const { n, p, cost } = problem;
  let at: Point = {
    w: new Float64Array(p),
    alpha: cost.map((c) => c / 2),
    s: new Float64Array(n).fill(1),
    xi: new Float64Array(n).fill(2),
  };
  const scale = cost.reduce((a, b) => a + b, 0) / n;
  let iterations = 0;
  for (; iterations < MAX_ITERATIONS; iterations++) {
    const before = complementarity(problem, at);
    const residual = residuals(problem, at);
    if (before <= TINY * scale && residual.size <= 1e-9) break;
    const system = factorRows(problem, at);
    if (!system) break; // conditioning is exhausted; the duality gap tells whether the point is good enough
    const guess = newtonStep(problem, at, system, residual, 0, null);
    const afterGuess = complementarity(problem, moved(at, guess, stepLength(problem, at, guess)));
    const centring = (afterGuess / before) ** 3 * before;
    const step = newtonStep(problem, at, system, residual, centring, guess);
    const length = Math.min(1, 0.995 * stepLength(problem, at, step));
    const next = moved(at, step, length);
    if (!(complementarity(problem, next) < 10 * before)) break; // also stops on NaN
    at = next;
    if (length < 1e-10) break;
  }
  return { w: at.w, alpha: at.alpha.map((a, i) => Math.min(cost[i]!, Math.max(0, a))), iterations };
}

/** Mean over the 2n pairs that the optimum makes zero. */
function complementarity({ n, cost }: SvmProblem, { alpha, s, xi }: Point): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += alpha[i]! * s[i]! + (cost[i]! - alpha[i]!) * xi[i]!;
  return sum / (2 * n);
}

interface Residuals {
  /** `Σ αyx − Rw`, `[p]`. */
  readonly dual: Float64Array;
  /** `yx·w − 1 + ξ − s`, `[n]`. */
  readonly primal: Float64Array;
  readonly size: number;
}

function residuals(problem: SvmProblem, { w, alpha, s, xi }: Point): Residuals {
  const dual = combineRows(problem, alpha).map((v, k) => v - (k === problem.p - 1 ? problem.biasRidge : 1) * w[k]!);
  const primal = signedScores(problem, w).map((v, i) => v - 1 + xi[i]! - s[i]!);
  const largest = (x: Float64Array) => x.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  return { dual, primal, size: Math.max(largest(dual) / (1 + largest(w)), largest(primal)) };
}

interface RowSystem {
  readonly factor: Float64Array;
  /** `1 / (s/α + ξ/β)`, `[n]`. */
  readonly delta: Float64Array;
}

/** The factored `R + Σ δ xxᵀ`, or null when it is not positive definite to working precision. */
function factorRows({ x, n, p, cost, biasRidge }: SvmProblem, { alpha, s, xi }: Point): RowSystem | null {
  const delta = alpha.map((a, i) => 1 / (s[i]! / a + xi[i]! / (cost[i]! - a)));
  const matrix = new Float64Array(p * p);
  for (let k = 0; k < p; k++) matrix[k * p + k] = k === p - 1 ? biasRidge : 1;
  addOuterProducts(
    matrix,
    x,
    p,
    Array.from({ length: n }, (_, i) => i),
    delta,
  );
  const factor = cholesky(matrix, p);
  return factor && { factor, delta };
}

/** Newton's step towards αs = βξ = `target`; `guess` adds Mehrotra's second-order terms. */
function newtonStep(
  problem: SvmProblem,
  at: Point,
  { factor, delta }: RowSystem,
  { dual, primal }: Residuals,
  target: number,
  guess: Point | null,
): Point {
  const { n, p, cost } = problem;
  const { alpha, s, xi } = at;
  const wantS = new Float64Array(n);
  const wantXi = new Float64Array(n);
  const h = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const beta = cost[i]! - alpha[i]!;
    wantS[i] = target - alpha[i]! * s[i]! - (guess ? guess.alpha[i]! * guess.s[i]! : 0);
    wantXi[i] = target - beta * xi[i]! + (guess ? guess.alpha[i]! * guess.xi[i]! : 0); // Δβ = −Δα
    h[i] = wantS[i]! / alpha[i]! - primal[i]! - wantXi[i]! / beta;
  }
  const right = combineRows(
    problem,
    h.map((v, i) => v * delta[i]!),
  ).map((v, k) => v + dual[k]!);
  const dw = choleskySolve(factor, p, right);
  const along = signedScores(problem, dw);
  const dAlpha = h.map((v, i) => (v - along[i]!) * delta[i]!);
  const dXi = dAlpha.map((d, i) => (wantXi[i]! + xi[i]! * d) / (cost[i]! - alpha[i]!));
  const dS = along.map((v, i) => v + dXi[i]! + primal[i]!);
  return { w: dw, alpha: dAlpha, s: dS, xi: dXi };
}

/** The longest step ≤ 1 that keeps α, β, s and ξ non-negative. */
function stepLength({ n, cost }: SvmProblem, at: Point, step: Point): number {
  let length = 1;
  const limit = (value: number, change: number) => {
    if (change < 0) length = Math.min(length, -value / change);
  };
  for (let i = 0; i < n; i++) {
    limit(at.alpha[i]!, step.alpha[i]!);
    limit(cost[i]! - at.alpha[i]!, -step.alpha[i]!);
    limit(at.s[i]!, step.s[i]!);
    limit(at.xi[i]!, step.xi[i]!);
  }
  return length;
}

function moved(at: Point, step: Point, length: number): Point {
  const go = (a: Float64Array, d: Float64Array) => a.map((v, i) => v + length * d[i]!);
  return { w: go(at.w, step.w), alpha: go(at.alpha, step.alpha), s: go(at.s, step.s), xi: go(at.xi, step.xi) };
}
