// Squared-hinge SVMs of a table wider than long, solved from the products of its rows alone: no step then touches a feature.
import { addInto, panelProducts, rowLines } from "./panel-products.ts";
import { exactStep } from "./squared-hinge-step.ts";
import type { SvmProblem } from "./svm-problem.ts";

const MAX_STEPS = 200;
const GAP_ENOUGH = 1e-10;

/** All products of row-major rows `[n,p]` with each other: new `[n,n]` f64, both triangles. */
export function productsOfRows(x: Float64Array, n: number, p: number): Float64Array {
  const all = new Float64Array(n * n);
  const rows = rowLines(x, n, p);
  panelProducts(rows, rows, p, addInto(all, n), (fromA, nA, fromB) => fromB < fromA + nA);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) all[j * n + i] = all[i * n + j]!;
  return all;
}

/** Weights as sums of rows: `w = Σ mix_i x_i`. */
export interface RowMix {
  readonly mix: Float64Array;
  readonly iterations: number;
}

/**
 * Minimises a squared-hinge SVM whose bias is regularised, in terms of `mix`, to a relative duality gap of 1e-10.
 *
 * Newton's method; each step solves `(K_aa + D⁻¹) mix_a = y_a` over the active rows by conjugate gradients from where it stands.
 * Source: Chapelle, Training a Support Vector Machine in the Primal (Neural Computation 2007), §3.
 * @param start the mix of a problem on the same rows, such as a smaller C.
 */
export function minimiseInRowSpace(
  { n, y, cost }: Pick<SvmProblem, "n" | "y" | "cost">,
  products: Float64Array,
  start: Float64Array = new Float64Array(n),
): RowMix {
  let mix = start;
  let seen = timesProducts(products, n, mix); // x_i·w
  let accuracy = 0.03;
  let iterations = 0;
  while (iterations < MAX_STEPS && accuracy > 1e-12) {
    const scores = seen.map((v, i) => y[i]! * v);
    const { primal, gap } = objectives(products, y, cost, mix, scores);
    if (gap <= GAP_ENOUGH * primal) break;
    iterations++;
    const target = reducedNewton(products, y, cost, scores, mix, accuracy);
    const direction = target.map((v, i) => v - mix[i]!);
    const along = timesProducts(products, n, direction);
    const slopes = along.map((v, i) => y[i]! * v);
    const length = exactStep(cost, [dot(mix, along), dot(direction, along)], scores, slopes);
    const next = mix.map((v, i) => v + length * direction[i]!);
    const nextSeen = timesProducts(products, n, next);
    const lower =
      primalOf(
        cost,
        dot(next, nextSeen),
        nextSeen.map((v, i) => y[i]! * v),
      ) < primal;
    if (!lower)
      accuracy *= 1e-3; // the step was not solved well enough to gain by
    else [mix, seen] = [next, nextSeen];
  }
  return { mix, iterations };
}

function primalOf(cost: Float64Array, ridge: number, scores: Float64Array): number {
  let loss = 0;
  for (let i = 0; i < cost.length; i++) loss += cost[i]! * Math.max(0, 1 - scores[i]!) ** 2;
  return 0.5 * ridge + loss;
}

/** The objective and its distance from the dual at the point that the optimality conditions pair with the scores. */
function objectives(
  products: Float64Array,
  y: Float64Array,
  cost: Float64Array,
  mix: Float64Array,
  scores: Float64Array,
): { primal: number; gap: number } {
  const n = cost.length;
  const ridge = mix.reduce((sum, v, i) => sum + v * y[i]! * scores[i]!, 0);
  const primal = primalOf(cost, ridge, scores);
  const signed = scores.map((s, i) => 2 * cost[i]! * Math.max(0, 1 - s) * y[i]!);
  let dual = -0.5 * dot(signed, timesProducts(products, n, signed));
  for (let i = 0; i < n; i++) dual += Math.abs(signed[i]!) - signed[i]! ** 2 / (4 * cost[i]!);
  return { primal, gap: primal - dual };
}

/** Conjugate gradients on the active rows until the residual is `accuracy` of what it was; rows not active get 0. */
function reducedNewton(
  products: Float64Array,
  y: Float64Array,
  cost: Float64Array,
  scores: Float64Array,
  mix: Float64Array,
  accuracy: number,
): Float64Array {
  const n = cost.length;
  const isActive = scores.map((s) => Number(s < 1));
  const system = (v: Float64Array) =>
    timesProducts(products, n, v).map((sum, i) => isActive[i]! * (sum + v[i]! / (2 * cost[i]!)));
  const at = mix.map((v, i) => v * isActive[i]!);
  const residual = system(at).map((v, i) => isActive[i]! * y[i]! - v);
  const search = Float64Array.from(residual);
  let norm = dot(residual, residual);
  const enough = norm * accuracy ** 2;
  for (let round = 0; round < n && norm > enough; round++) {
    const product = system(search);
    const length = norm / dot(search, product);
    for (let i = 0; i < n; i++) {
      at[i]! += length * search[i]!;
      residual[i]! -= length * product[i]!;
    }
    const next = dot(residual, residual);
    for (let i = 0; i < n; i++) search[i] = residual[i]! + (next / norm) * search[i]!;
    norm = next;
  }
  return at;
}

/** `products · v`; four lines at a time, skipping what `v` leaves out. New array `[n]`. */
function timesProducts(products: Float64Array, n: number, v: Float64Array): Float64Array {
  const out = new Float64Array(n);
  const used = Array.from(v.keys()).filter((i) => v[i] !== 0);
  for (let a = 0; a < used.length; a += 4) {
    const at = (lane: number) => used[Math.min(a + lane, used.length - 1)]!;
    const factor = (lane: number) => (a + lane < used.length ? v[used[a + lane]!]! : 0);
    const [r0, r1, r2, r3] = [at(0) * n, at(1) * n, at(2) * n, at(3) * n];
    const [f0, f1, f2, f3] = [factor(0), factor(1), factor(2), factor(3)];
    for (let j = 0; j < n; j++) {
      out[j]! += f0 * products[r0 + j]! + f1 * products[r1 + j]! + f2 * products[r2 + j]! + f3 * products[r3 + j]!;
    }
  }
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}
