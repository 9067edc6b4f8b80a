// L2-regularised logistic regression, by Newton's method, with a certificate like the support vector machine's.
import { addOuterProducts, cholesky, choleskySolve } from "./dense-symmetric.ts";
import { notFinite, oneClassOnly } from "./errors.ts";
import type { LabelledRows, LinearSvm } from "./linear-svm.ts";

/** What is minimised. */
export interface LogisticOptions {
  /** Cost of errors: large fits the training rows, small keeps weights small. @default 0.01 */
  readonly c?: number;
  /** `balanced` multiplies C by n / (2·n_class). @default "none" */
  readonly classWeights?: "none" | "balanced";
}

const CONVERGED_GAP = 1e-6;

/**
 * Minimises `½‖w‖² + ½b² + Σ C_i·ln(1 + exp(−y_i(w·x_i + b)))`; scores are log odds. No randomness.
 *
 * The gap is that between the objective and its Fenchel dual at the optimality conditions' dual point (LIBLINEAR's, eq. 3 of Yu,
 * Huang & Lin, Machine Learning 2011). The cost of a step grows with rows × features².
 * @throws GanDlError `one-class-only`, `not-finite`.
 * @example
 * ```ts
 * import { decisionValues, fitLogistic } from "gan-dl/math";
 * const features = Float64Array.of(-2, -1, 1, 2);
 * const model = fitLogistic({ features, nRows: 4, nFeatures: 1, positive: [false, false, true, true] }, { c: 1 });
 * console.assert(model.converged && decisionValues(model, features)[3]! > 0);
 * ```
 */
export function fitLogistic(rows: LabelledRows, options: LogisticOptions = {}): LinearSvm {
  const { nRows: n, nFeatures: f } = rows;
  const { c = 0.01, classWeights = "none" } = options;
  const p = f + 1;
  const x = new Float64Array(n * p);
  let nPositive = 0;
  for (let i = 0; i < n; i++) {
    nPositive += Number(Boolean(rows.positive[i]));
    for (let k = 0; k < f; k++) {
      const value = rows.features[i * f + k]!;
      if (!Number.isFinite(value)) throw notFinite("a row to train on", i, k);
      x[i * p + k] = value;
    }
    x[i * p + f] = 1;
  }
  if (nPositive === 0 || nPositive === n)
    throw oneClassOnly(n === 0 ? [] : [nPositive === 0 ? "negatives" : "positives"]);
  const weightOf = (positive: boolean) =>
    classWeights === "balanced" ? n / (2 * (positive ? nPositive : n - nPositive)) : 1;
  const y = Float64Array.from({ length: n }, (_, i) => (rows.positive[i] ? 1 : -1));
  const cost = y.map((label) => c * weightOf(label > 0));
  return minimise({ x, y, cost, n, p });
}

interface Problem {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly cost: Float64Array;
  readonly n: number;
  readonly p: number;
}

function minimise(problem: Problem): LinearSvm {
  const { x, y, cost, n, p } = problem;
  const all = Int32Array.from({ length: n }, (_, i) => i);
  let w: Float64Array = new Float64Array(p);
  let margins: Float64Array = new Float64Array(n);
  let objective = objectiveAt(problem, w, margins);
  let relativeGap = Number.POSITIVE_INFINITY;
  let iterations = 0;
  for (; iterations < 100; iterations++) {
    // alpha_i = C_i·σ(−m_i): the dual point, and minus the slope of the loss.
    const alpha = margins.map((m, i) => cost[i]! / (1 + Math.exp(m)));
    const combined = new Float64Array(p);
    for (let i = 0; i < n; i++) for (let k = 0, a = alpha[i]! * y[i]!; k < p; k++) combined[k]! += a * x[i * p + k]!;
    relativeGap = Math.max(0, objective - dualAt(cost, alpha, combined)) / objective;
    if (relativeGap <= 1e-13) break;
    const hessian = new Float64Array(p * p);
    for (let k = 0; k < p; k++) hessian[k * p + k] = 1;
    addOuterProducts(
      hessian,
      x,
      p,
      all,
      alpha.map((a, i) => a * (1 - a / cost[i]!)),
    );
    const factor = cholesky(hessian, p);
    if (!factor)
      throw new Error("internal: the Hessian of a ridge-regularised logistic regression is not positive definite");
    const step = choleskySolve(
      factor,
      p,
      w.map((v, k) => combined[k]! - v),
    );
    const moved = lineSearch(problem, w, step, objective);
    if (!moved) break; // round-off is all that is left
    ({ w, margins, objective } = moved);
  }
  return {
    weights: w.slice(0, p - 1),
    bias: w[p - 1]!,
    objective,
    relativeGap,
    converged: relativeGap <= CONVERGED_GAP,
    iterations,
  };
}

function lineSearch(problem: Problem, w: Float64Array, step: Float64Array, objective: number) {
  for (let length = 1; length > 1e-8; length /= 2) {
    const next = w.map((v, k) => v + length * step[k]!);
    const margins = marginsOf(problem, next);
    const value = objectiveAt(problem, next, margins);
    if (value < objective) return { w: next, margins, objective: value };
  }
  return null;
}

function marginsOf({ x, y, n, p }: Problem, w: Float64Array): Float64Array {
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let k = 0; k < p; k++) sum += x[i * p + k]! * w[k]!;
    out[i] = y[i]! * sum;
  }
  return out;
}

function objectiveAt({ cost }: Problem, w: Float64Array, margins: Float64Array): number {
  let sum = 0.5 * w.reduce((total, v) => total + v * v, 0);
  for (let i = 0; i < margins.length; i++) {
    const m = margins[i]!;
    sum += cost[i]! * (m > 0 ? Math.log1p(Math.exp(-m)) : Math.log1p(Math.exp(m)) - m);
  }
  return sum;
}

/** `−½‖Σ α_i y_i x_i‖² − Σ [α ln α + (C − α) ln(C − α) − C ln C]`. */
function dualAt(cost: Float64Array, alpha: Float64Array, combined: Float64Array): number {
  const part = (v: number) => (v > 0 ? v * Math.log(v) : 0);
  let sum = -0.5 * combined.reduce((total, v) => total + v * v, 0);
  for (let i = 0; i < alpha.length; i++) sum -= part(alpha[i]!) + part(cost[i]! - alpha[i]!) - part(cost[i]!);
  return sum;
}
