// The four-parameter log-logistic curve: its values, derivatives and least-squares fit.
import { levenbergMarquardt } from "ml-levenberg-marquardt";
import { extent } from "../core/extent.ts";
import { cholesky, choleskySolve, invertPositiveDefinite } from "./dense-symmetric.ts";

/** `response = atZero + (atInfinity − atZero) / (1 + (ec50/dose)^hill)`, hill > 0; the curve falls where atInfinity < atZero. */
export interface LogLogistic {
  /** Response without compound, in the response's unit. */
  readonly atZero: number;
  /** Response that the curve tends to at high dose. */
  readonly atInfinity: number;
  /** Dose halfway between the two, in the doses' unit. */
  readonly ec50: number;
  /** Steepness, > 0. */
  readonly hill: number;
}

/** Limits of the search. */
export interface LogLogisticOptions {
  /** Smallest and largest steepness allowed. @default [0.3, 5] */
  readonly hillRange?: readonly [number, number];
  /** Parameters held at a known value. */
  readonly fixed?: { readonly atZero?: number; readonly atInfinity?: number };
}

/** A least-squares fit with its uncertainty. */
export interface LogLogisticFit extends LogLogistic {
  /** Residual sum of squares. */
  readonly rss: number;
  readonly nPoints: number;
  /** Parameters estimated; steepness does not count where it stopped at its limit. */
  readonly nFree: number;
  readonly hillAtLimit: boolean;
  /** Standard errors from the observed Hessian, as R's drc gives them; null when it is not positive definite. */
  readonly standardErrors: { readonly [K in keyof LogLogistic]: number } | null;
  /** Standard error of ln(ec50). */
  readonly logEc50Error: number | null;
  readonly converged: boolean;
}

/** Order: atZero, atInfinity, ln ec50, hill. */
type Parameters = readonly [number, number, number, number];
const SEARCH_BEYOND_DOSES = Math.log(10); // docs/methods.md §6: within tenfold of the tested range
const N_STARTS_REFINED = 3;

/** The curve's response at `dose` ≥ 0. */
export function logLogistic(curve: LogLogistic, dose: number): number {
  return value([curve.atZero, curve.atInfinity, Math.log(curve.ec50), curve.hill], dose);
}

/**
 * Fits the curve by least squares from many starts; deterministic.
 *
 * Levenberg–Marquardt, then Newton steps to the exact optimum. Model: Ritz et al., Dose-Response Analysis Using R
 * (PLoS ONE 2015), LL.4 with b = ±hill.
 * @param dose ≥ 0, `[points]`, at least one above 0; zero is the untreated control.
 * @param response one value a point; points are taken as independent, so give wells, not images.
 * @returns null where there are fewer points than parameters, fewer than two doses above 0, or responses that do not vary.
 * @example
 * ```ts
 * import { fitLogLogistic } from "gan-dl/math";
 * const dose = [0, 0.01, 0.03, 0.1, 0.3, 1, 3];
 * const fit = fitLogLogistic(dose, dose.map((d) => 1 / (1 + d / 0.2)));
 * console.assert(Math.abs(fit!.ec50 - 0.2) < 1e-6);
 * ```
 */
export function fitLogLogistic(
  dose: ArrayLike<number>,
  response: ArrayLike<number>,
  options: LogLogisticOptions = {},
): LogLogisticFit | null {
  const data = scaledData(dose, response);
  const { hillRange = [0.3, 5], fixed = {} } = options;
  const scaledFixed = [fixed.atZero, fixed.atInfinity].map((v) => (v === undefined ? undefined : data.toScale(v)));
  const nParameters = 4 - scaledFixed.filter((v) => v !== undefined).length;
  const tested = [...new Set(data.dose.filter((d) => d > 0))].sort((a, b) => a - b);
  if (tested.length < 2 || data.dose.length < nParameters || data.spread === 0) return null;
  const free = [scaledFixed[0] === undefined, scaledFixed[1] === undefined, true, true];
  const logRange: [number, number] = [
    Math.log(tested[0]!) - SEARCH_BEYOND_DOSES,
    Math.log(tested.at(-1)!) + SEARCH_BEYOND_DOSES,
  ];
  const box: Box = { free, logRange, hillRange };
  const best = startingPoints(data, box, scaledFixed)
    .map((start) => polish(data, refine(data, box, start), box))
    .reduce((a, b) => (b.rss < a.rss ? b : a));
  return describe(data, best, box);
}

interface Data {
  readonly dose: number[];
  /** Scaled to mean 0 and range 1, so that damping and steps suit any unit. */
  readonly y: number[];
  readonly spread: number;
  readonly toScale: (v: number) => number;
  readonly fromScale: (v: number) => number;
}
interface Box {
  readonly free: readonly boolean[];
  readonly logRange: readonly [number, number];
  readonly hillRange: readonly [number, number];
}

function scaledData(dose: ArrayLike<number>, response: ArrayLike<number>): Data {
  const raw = Array.from(response);
  const centre = raw.reduce((a, b) => a + b, 0) / raw.length;
  const [low, high] = extent(raw);
  const spread = raw.length === 0 ? 0 : high - low;
  const toScale = (v: number) => (v - centre) / (spread || 1);
  return { dose: Array.from(dose), y: raw.map(toScale), spread, toScale, fromScale: (v) => v * (spread || 1) + centre };
}

/** How far along its rise the curve is at a dose, 0 … 1. */
function rise(logEc50: number, hill: number, dose: number): number {
  return dose <= 0 ? 0 : 1 / (1 + Math.exp(hill * (logEc50 - Math.log(dose))));
}
function value([a, b, l, h]: Parameters, dose: number): number {
  return a + (b - a) * rise(l, h, dose);
}
/** Derivatives by the four parameters. */
function jacobian([a, b, l, h]: Parameters, dose: number): number[] {
  const s = rise(l, h, dose);
  const q = s * (1 - s);
  return [1 - s, s, -(b - a) * q * h, dose <= 0 ? 0 : (b - a) * q * (Math.log(dose) - l)];
}
/** Second derivatives, `[4][4]`. */
function secondDerivatives([a, b, l, h]: Parameters, dose: number): number[][] {
  const s = rise(l, h, dose);
  const q = s * (1 - s);
  const g = dose <= 0 ? 0 : Math.log(dose) - l;
  const bend = (b - a) * q * (1 - 2 * s);
  const lh = -bend * h * g - (b - a) * q;
  return [
    [0, 0, q * h, -q * g],
    [0, 0, -q * h, q * g],
    [q * h, -q * h, bend * h * h, lh],
    [-q * g, q * g, lh, bend * g * g],
  ];
}
function sumOfSquares({ dose, y }: Data, parameters: Parameters): number {
  return dose.reduce((sum, d, i) => sum + (y[i]! - value(parameters, d)) ** 2, 0);
}

/** Steepnesses of the grid over the usual range, a factor of 16.7; a wider one has as many for each such factor. */
const GRID_STEEPNESSES = 4;
const USUAL_FACTOR = 5 / 0.3;

/**
 * The best of a grid of ec50 and steepness; the two levels are linear, so each grid point gets its best ones. Over a wide range of
 * steepness also the best of each: steps between two doses would otherwise take all places from a gentler curve that ends lower.
 */
function startingPoints(data: Data, { logRange, hillRange }: Box, fixed: (number | undefined)[]): Parameters[] {
  const factor = hillRange[1] / hillRange[0];
  const nHills = Math.max(GRID_STEEPNESSES, Math.round((GRID_STEEPNESSES * Math.log(factor)) / Math.log(USUAL_FACTOR)));
  const points: { parameters: Parameters; rss: number }[] = [];
  const bestOfHill: Parameters[] = [];
  for (let step = 0; step < nHills; step++) {
    const h = hillRange[0] * factor ** (0.1 + (0.9 * step) / (nHills - 1));
    const own = Array.from({ length: 25 }, (_, i) => {
      const l = logRange[0] + ((logRange[1] - logRange[0]) * i) / 24;
      const parameters: Parameters = [...bestLevels(data, l, h, fixed), l, h];
      return { parameters, rss: sumOfSquares(data, parameters) };
    });
    points.push(...own);
    bestOfHill.push(own.reduce((a, b) => (b.rss < a.rss ? b : a)).parameters);
  }
  points.sort((a, b) => a.rss - b.rss);
  const best = points.slice(0, N_STARTS_REFINED).map((p) => p.parameters);
  return nHills === GRID_STEEPNESSES ? best : [...new Set([...best, ...bestOfHill])];
}

function bestLevels({ dose, y }: Data, l: number, h: number, fixed: (number | undefined)[]): [number, number] {
  let [aa, ab, bb, ay, by] = [0, 0, 0, 0, 0];
  dose.forEach((d, i) => {
    const s = rise(l, h, d);
    aa += (1 - s) ** 2;
    ab += s * (1 - s);
    bb += s * s;
    ay += (1 - s) * y[i]!;
    by += s * y[i]!;
  });
  const [a, b] = fixed;
  if (a !== undefined) return [a, b ?? (bb > 0 ? (by - a * ab) / bb : 0)];
  if (b !== undefined) return [aa > 0 ? (ay - b * ab) / aa : 0, b];
  const determinant = aa * bb - ab * ab;
  if (determinant <= 1e-12 * aa * bb) return [0, 0]; // one level cannot be told from the other: start flat
  return [(ay * bb - by * ab) / determinant, (by * aa - ay * ab) / determinant];
}

function refine(data: Data, { free, logRange, hillRange }: Box, start: Parameters): Parameters {
  const index = [0, 1, 2, 3].filter((k) => free[k]);
  const whole = (some: number[]): Parameters => {
    const all = [...start];
    index.forEach((k, i) => {
      all[k] = some[i]!;
    });
    return all as unknown as Parameters;
  };
  const low = [-10, -10, logRange[0], hillRange[0]];
  const high = [10, 10, logRange[1], hillRange[1]];
  const fit = levenbergMarquardt(
    { x: data.dose, y: data.y },
    (some: number[]) => (d: number) => value(whole(some), d),
    {
      initialValues: index.map((k) => Math.min(high[k]!, Math.max(low[k]!, start[k]!))),
      minValues: index.map((k) => low[k]!),
      maxValues: index.map((k) => high[k]!),
      jacobianFunction: (some: number[]) => (d: number) => {
        const all = jacobian(whole(some), d);
        return index.map((k) => all[k]!);
      },
      damping: 1e-2,
      maxIterations: 30, // Newton ends the descent
      errorTolerance: 0, // it never stops early for being good enough; these fits are small
    },
  );
  const refined = whole(fit.parameterValues);
  return sumOfSquares(data, refined) <= sumOfSquares(data, start) ? refined : start;
}

interface Polished {
  readonly parameters: Parameters;
  readonly rss: number;
  readonly index: readonly number[];
  readonly hillAtLimit: boolean;
  readonly converged: boolean;
  /** Observed Hessian of half the rss over `index`, row-major. */
  readonly hessian: Float64Array;
}

/** Newton's steps, halved until they help; steepness is held where it lies at a limit. */
function polish(data: Data, start: Parameters, { free, hillRange }: Box): Polished {
  const near = (limit: number) => Math.abs(start[3] - limit) < 1e-6 * limit;
  const hillAtLimit = free[3] === true && (near(hillRange[0]) || near(hillRange[1]));
  const index = [0, 1, 2, 3].filter((k) => free[k] && !(k === 3 && hillAtLimit));
  let parameters = start;
  let rss = sumOfSquares(data, parameters);
  let { gradient, hessian } = derivatives(data, parameters, index);
  for (let iteration = 0; iteration < 50; iteration++) {
    const factor = cholesky(hessian, index.length);
    if (!factor) break;
    const step = choleskySolve(factor, index.length, gradient);
    const moved = halvedStep(data, parameters, rss, step, index);
    if (!moved || !(moved.parameters[3] >= hillRange[0] && moved.parameters[3] <= hillRange[1])) break;
    ({ parameters, rss } = moved);
    ({ gradient, hessian } = derivatives(data, parameters, index));
  }
  const converged = gradient.every((g) => Math.abs(g) < 1e-6);
  return { parameters, rss, index, hillAtLimit, converged, hessian };
}

function halvedStep(data: Data, from: Parameters, rss: number, step: Float64Array, index: readonly number[]) {
  for (let length = 1; length > 1e-4; length /= 2) {
    const all = [...from];
    index.forEach((k, i) => {
      all[k]! += length * step[i]!;
    });
    const parameters = all as unknown as Parameters;
    const next = all[3]! > 0 ? sumOfSquares(data, parameters) : Number.POSITIVE_INFINITY;
    if (next < rss) return { parameters, rss: next };
  }
  return null;
}

/** Downhill gradient and observed Hessian of half the rss, over the parameters in `index`. */
function derivatives({ dose, y }: Data, parameters: Parameters, index: readonly number[]) {
  const k = index.length;
  const gradient = new Float64Array(k);
  const hessian = new Float64Array(k * k);
  dose.forEach((d, i) => {
    const residual = y[i]! - value(parameters, d);
    const first = jacobian(parameters, d);
    const second = secondDerivatives(parameters, d);
    index.forEach((p, row) => {
      gradient[row]! += residual * first[p]!;
      index.forEach((q, column) => {
        hessian[row * k + column]! += first[p]! * first[q]! - residual * second[p]![q]!;
      });
    });
  });
  return { gradient, hessian };
}

function describe(data: Data, { parameters, rss, index, hillAtLimit, converged, hessian }: Polished, box: Box) {
  const nPoints = data.dose.length;
  const inverse = nPoints > index.length ? invertPositiveDefinite(hessian, index.length) : null;
  const variance = rss / (nPoints - index.length);
  const error = (parameter: number) => {
    const at = index.indexOf(parameter);
    return at < 0 || !inverse ? 0 : Math.sqrt(variance * inverse[at * index.length + at]!);
  };
  const ec50 = Math.exp(parameters[2]);
  const inside = parameters[2] > box.logRange[0] && parameters[2] < box.logRange[1];
  return {
    atZero: data.fromScale(parameters[0]),
    atInfinity: data.fromScale(parameters[1]),
    ec50,
    hill: parameters[3],
    rss: rss * data.spread ** 2,
    nPoints,
    nFree: index.length,
    hillAtLimit,
    standardErrors: inverse && {
      atZero: error(0) * data.spread,
      atInfinity: error(1) * data.spread,
      ec50: error(2) * ec50,
      hill: error(3),
    },
    logEc50Error: inverse && error(2),
    converged: converged && inside,
  } satisfies LogLogisticFit;
}
