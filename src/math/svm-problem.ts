// The linear SVM as an optimisation problem: its data with the bias as a last column, its objective and its duality gap.

/** Penalty of a margin below 1. */
export type SvmLoss = "squared-hinge" | "hinge";

/** Rows to learn from, as every problem over them reads them. */
export interface SvmRows {
  /** Row-major `[n,p]` f64; the last column is 1, so that the last weight is the bias (0 for no bias). */
  readonly x: Float64Array;
  readonly n: number;
  readonly p: number;
  /** `Σ xxᵀ` over all rows, `[p,p]`, upper triangle: made when it is first asked for, kept for the problems that follow. */
  readonly products?: () => Float64Array;
}

/** `½ wᵀRw + Σ cost_i · loss(1 − y_i x_i·w)`, with R the identity, less the bias where it is not regularised. */
export interface SvmProblem extends SvmRows {
  /** +1 or −1, `[n]`. */
  readonly y: Float64Array;
  /** C times the row's class weight, `[n]`. */
  readonly cost: Float64Array;
  readonly loss: SvmLoss;
  /** 1 where the bias is regularised as LIBLINEAR does it, 0 where it is free as in libsvm. */
  readonly biasRidge: 0 | 1;
}

/** `y_i x_i·w` of every row; new array `[n]`. */
export function signedScores(problem: SvmProblem, w: Float64Array): Float64Array {
  const { x, n, p, y } = problem;
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = i * p;
    let sum = 0;
    for (let k = 0; k < p; k++) sum += x[row + k]! * w[k]!;
    out[i] = y[i]! * sum;
  }
  return out;
}

/** `Σ factor_i y_i x_i`, skipping rows with factor 0; new array `[p]`. */
export function combineRows(problem: SvmProblem, factor: ArrayLike<number>): Float64Array {
  const { x, n, p, y } = problem;
  const out = new Float64Array(p);
  for (let i = 0; i < n; i++) {
    const f = factor[i]! * y[i]!;
    if (f === 0) continue;
    const row = i * p;
    for (let k = 0; k < p; k++) out[k]! += f * x[row + k]!;
  }
  return out;
}

/** `wᵀRw`. */
export function regularised(problem: SvmProblem, w: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < problem.p; k++) sum += w[k]! ** 2 * (k === problem.p - 1 ? problem.biasRidge : 1);
  return sum;
}

/** The objective at `w`. */
export function primalObjective(problem: SvmProblem, w: Float64Array, scores = signedScores(problem, w)): number {
  let loss = 0;
  for (let i = 0; i < problem.n; i++) {
    const short = Math.max(0, 1 - scores[i]!);
    loss += problem.cost[i]! * (problem.loss === "hinge" ? short : short * short);
  }
  return 0.5 * regularised(problem, w) + loss;
}

/**
 * A lower bound of the best objective: the dual at `alpha`, made feasible first.
 *
 * A free bias asks for Σ αy = 0; the heavier class is scaled down to meet it, so the bound always holds.
 * Source: Hsieh et al., A Dual Coordinate Descent Method for Large-scale Linear SVM (ICML 2008), eq. 2.
 */
export function dualObjective(problem: SvmProblem, alpha: Float64Array): number {
  const { n, y, cost } = problem;
  const sums = [0, 0];
  for (let i = 0; i < n; i++) sums[y[i]! > 0 ? 1 : 0]! += alpha[i]!;
  const shrink = (label: number) => {
    if (problem.biasRidge === 1) return 1;
    const [own, other] = label > 0 ? [sums[1]!, sums[0]!] : [sums[0]!, sums[1]!];
    return own > other ? other / own : 1;
  };
  const feasible = Float64Array.from(alpha, (a, i) => a * shrink(y[i]!));
  let dual = -0.5 * regularised(problem, combineRows(problem, feasible));
  for (let i = 0; i < n; i++) {
    const a = feasible[i]!;
    dual += problem.loss === "hinge" ? a : a - (a * a) / (4 * cost[i]!);
  }
  return dual;
}

/** What a solver hands back: weights with the bias last, a dual point, and how many steps it took. */
export interface SvmSolution {
  readonly w: Float64Array;
  readonly alpha: Float64Array;
  readonly iterations: number;
}
