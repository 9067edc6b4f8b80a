// Squared hinge: a piecewise quadratic, so Newton's method with an exact line search ends after finitely many steps.
import { addOuterProducts, cholesky, choleskySolve } from "./dense-symmetric.ts";
import { minimiseInRowSpace, productsOfRows } from "./squared-hinge-rows.ts";
import { exactStep } from "./squared-hinge-step.ts";
import { conjugateGradients, RowSpace } from "./squared-hinge-wide.ts";
import {
  combineRows,
  dualObjective,
  primalObjective,
  type SvmProblem,
  type SvmSolution,
  signedScores,
} from "./svm-problem.ts";

/** Up to this width the Hessian is kept and factored. */
const DIRECT_MAX_WIDTH = 1200;
/** Up to so many rows, fewer than features, their products with each other are kept; else conjugate gradients with products only. */
const ROW_SPACE_MAX = 2000;
/** So many problems on the same rows, and no more rows than these, make the rows' products worth their cost and memory. */
const SHARED_BY = 3;
const SHARED_ROWS_MAX = 6000;
const MAX_ITERATIONS = 200;
/** Relative duality gap at which it stops; by factors it usually ends exactly, by conjugate gradients each digit costs. */
const GAP_ENOUGH = 1e-12;
const GAP_ENOUGH_BY_PRODUCTS = 1e-9;

/**
 * Minimises a squared-hinge SVM.
 * Source: Keerthi & DeCoste, A Modified Finite Newton Method for Fast Solution of Large Scale Linear SVMs (JMLR 2005).
 * The Hessian is updated by the rows that enter or leave the active set, instead of being built anew.
 */
export function minimiseSquaredHinge(problem: SvmProblem): SvmSolution {
  const { n, p, cost } = problem;
  let w: Float64Array = new Float64Array(p);
  let scores: Float64Array = new Float64Array(n);
  const solver = solverFor(problem);
  const gapEnough = solver.exact ? GAP_ENOUGH : GAP_ENOUGH_BY_PRODUCTS;
  let iterations = 0;
  while (iterations < MAX_ITERATIONS) {
    const alpha = dualPoint(problem, scores);
    const primal = primalObjective(problem, w, scores);
    if (primal - dualObjective(problem, alpha) <= gapEnough * primal) break;
    iterations++;
    const gradient = combineRows(problem, alpha).map((v, k) => ridge(problem, k) * w[k]! - v);
    const active = Array.from(scores.keys()).filter((i) => scores[i]! < 1);
    const step = solver.solve(active, gradient);
    const direction = step.map((v) => -v);
    const slopes = signedScores(problem, direction);
    const length = exactStep(cost, ridgeAlong(problem, w, direction), scores, slopes);
    const next = w.map((v, k) => v + length * direction[k]!);
    const nextScores = scores.map((v, i) => v + length * slopes[i]!);
    // A whole step that leaves the active set as it was has landed on the minimum of the one quadratic that holds there.
    const landed =
      solver instanceof ActiveHessian &&
      Math.abs(length - 1) < 1e-9 &&
      nextScores.every((v, i) => v < 1 === scores[i]! < 1);
    w = next;
    scores = signedScores(problem, w);
    if (landed || primalObjective(problem, w, scores) >= primal) break; // the second: round-off is all that is left
  }
  return { w, alpha: dualPoint({ ...problem, cost }, scores), iterations };
}

/**
 * Minimises several problems that differ in their cost alone.
 *
 * Of a table wider than long the products of the rows are made once for all of them, where they are many enough for that to pay.
 */
export function minimiseSquaredHinges(problems: readonly SvmProblem[]): SvmSolution[] {
  const first = problems[0];
  if (!first || !sharesRows(first, problems.length)) return problems.map(minimiseSquaredHinge);
  const products = productsOfRows(first.x, first.n, first.p);
  let start: Float64Array | undefined;
  return problems.map((problem) => {
    const { mix, iterations } = minimiseInRowSpace(problem, products, start);
    start = mix;
    const w = combineRows(
      problem,
      mix.map((v, i) => v * problem.y[i]!),
    );
    return { w, alpha: dualPoint(problem, signedScores(problem, w)), iterations };
  });
}

const sharesRows = ({ n, p, biasRidge }: SvmProblem, nProblems: number): boolean =>
  nProblems >= SHARED_BY && n < p && p > DIRECT_MAX_WIDTH && n <= SHARED_ROWS_MAX && biasRidge === 1;

/** Newton's step for the rows that now have a loss; new array `[p]`. */
interface StepSolver {
  /** Whether by a factor, not by products. */
  readonly exact: boolean;
  solve(active: readonly number[], gradient: Float64Array): Float64Array;
}

/** What costs least: an `[p,p]` Hessian, an `[n,n]` one of the rows, or none. */
function solverFor(problem: SvmProblem): StepSolver {
  const { n, p, biasRidge } = problem;
  if (n < p && n <= ROW_SPACE_MAX && biasRidge === 1) return new RowSpace(problem);
  if (p <= DIRECT_MAX_WIDTH) return new ActiveHessian(problem);
  return { exact: false, solve: (active, gradient) => conjugateGradients(problem, active, gradient) };
}

const ridge = (problem: SvmProblem, k: number) => (k === problem.p - 1 ? problem.biasRidge : 1);

/** `wᵀRd` and `dᵀRd`. */
function ridgeAlong(problem: SvmProblem, w: Float64Array, direction: Float64Array): [number, number] {
  let linear = 0;
  let quadratic = 0;
  for (let k = 0; k < problem.p; k++) {
    linear += ridge(problem, k) * w[k]! * direction[k]!;
    quadratic += ridge(problem, k) * direction[k]! ** 2;
  }
  return [linear, quadratic];
}

/** The dual point that the optimality conditions pair with these scores. */
function dualPoint(problem: SvmProblem, scores: Float64Array): Float64Array {
  return scores.map((s, i) => 2 * problem.cost[i]! * Math.max(0, 1 - s));
}

/** `R + Σ_active 2·cost·xxᵀ`, kept from step to step. */
class ActiveHessian {
  readonly exact = true;
  readonly #problem: SvmProblem;
  readonly #matrix: Float64Array;
  readonly #isIn: Uint8Array;
  readonly #scale: Float64Array;

  constructor(problem: SvmProblem) {
    this.#problem = problem;
    this.#matrix = new Float64Array(problem.p * problem.p);
    this.#isIn = new Uint8Array(problem.n);
    this.#scale = new Float64Array(problem.n);
    if (problem.products) this.#startFrom(problem.products());
    for (let k = 0; k < problem.p; k++) this.#matrix[k * problem.p + k]! += ridge(problem, k);
  }

  /** All rows are active at the start: the products of all at the commoner cost, mended by the rows of the other class. */
  #startFrom(products: Float64Array): void {
    const { x, n, p, y, cost } = this.#problem;
    const nPositive = y.reduce((count, label) => count + Number(label > 0), 0);
    const commoner = 2 * nPositive > n ? 1 : -1;
    const rare = Array.from(y.keys()).filter((i) => y[i] !== commoner);
    const common = 2 * cost[y.indexOf(commoner)]!;
    for (const [at, value] of products.entries()) this.#matrix[at] = common * value;
    for (const i of rare) this.#scale[i] = 2 * cost[i]! - common;
    addOuterProducts(this.#matrix, x, p, rare, this.#scale);
    this.#isIn.fill(1);
  }

  /** Newton's step for the active rows; new array. */
  solve(active: readonly number[], gradient: Float64Array): Float64Array {
    const { x, n, p, cost } = this.#problem;
    const wanted = new Uint8Array(n);
    for (const i of active) wanted[i] = 1;
    const changed: number[] = [];
    for (let i = 0; i < n; i++) {
      if (wanted[i] === this.#isIn[i]) continue;
      this.#scale[i] = (wanted[i] === 1 ? 2 : -2) * cost[i]!;
      changed.push(i);
    }
    addOuterProducts(this.#matrix, x, p, changed, this.#scale);
    this.#isIn.set(wanted);
    // A free bias with no active row leaves a zero pivot; a hair of ridge makes that step harmless.
    const guarded = Float64Array.from(this.#matrix);
    if (this.#problem.biasRidge === 0) guarded[p * p - 1]! += 1e-12 * (1 + guarded[p * p - 1]!);
    const factor = cholesky(guarded, p);
    if (!factor) throw new Error("internal: the Hessian of a ridge-regularised SVM is not positive definite");
    return choleskySolve(factor, p, gradient);
  }
}
