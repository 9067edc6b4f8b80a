// Whether a dose–response has an EC50 that may be told, and what it is.
import { fTail, tTwoSided } from "./distributions.ts";
import { fitLogLogistic, type LogLogisticFit, type LogLogisticOptions } from "./log-logistic.ts";

/** Why no EC50 is given. */
export type RefusalCode = "too-few-doses" | "flat" | "ill-posed" | "outside-range" | "uncertain";

/** A judged curve. */
export interface DoseResponseCurve {
  /** The fit, also where its EC50 is refused; null where no curve could be fitted at all. */
  readonly fit: LogLogisticFit | null;
  /** In the doses' unit; null where refused. */
  readonly ec50: number | null;
  /** 95 % interval by the t distribution on ln EC50; null where refused. */
  readonly ec50Ci95: readonly [low: number, high: number] | null;
  /** Probability of a curve this much better than a flat line, if the response were flat (F-test). */
  readonly flatP: number | null;
  /** AIC of a flat line minus AIC of the curve; positive speaks for the curve. */
  readonly aicGain: number | null;
  readonly refused: { readonly code: RefusalCode; readonly reason: string } | null;
}

/** How much is asked of a curve. */
export interface DoseResponseOptions extends LogLogisticOptions {
  /** Largest F-test probability at which a curve is believed. @default 0.01 */
  readonly flatAlpha?: number;
  /** Fewest distinct doses above 0. @default 4 */
  readonly minDoses?: number;
}

/**
 * Fits a log-logistic curve and gives its EC50 only where the data determine one.
 *
 * Refused, with a reason to print: too few doses; a flat line is as good (F-test and AIC); no unique optimum; an EC50 outside the
 * tested doses; an interval wider than the tested range.
 * @param dose ≥ 0, one a well; 0 is the untreated control.  @param response one a well.
 * @example
 * ```ts
 * import { doseResponseCurve } from "gan-dl/math";
 * const dose = [0, 0.01, 0.03, 0.1, 0.3, 1, 3];
 * console.assert(doseResponseCurve(dose, [1, 1.1, 0.9, 1.05, 0.95, 1, 1.02]).refused?.code === "flat");
 * ```
 */
export function doseResponseCurve(
  dose: ArrayLike<number>,
  response: ArrayLike<number>,
  options: DoseResponseOptions = {},
): DoseResponseCurve {
  const { flatAlpha = 0.01, minDoses = 4 } = options;
  const tested = [...new Set(Array.from(dose).filter((d) => d > 0))].sort((a, b) => a - b);
  const refuse = (code: RefusalCode, reason: string, rest: Partial<DoseResponseCurve> = {}): DoseResponseCurve => ({
    fit: null,
    ec50: null,
    ec50Ci95: null,
    flatP: null,
    aicGain: null,
    ...rest,
    refused: { code, reason },
  });
  if (tested.length < minDoses || response.length < 6) {
    return refuse(
      "too-few-doses",
      `${tested.length} doses in ${response.length} wells; a curve needs ${minDoses} doses and 6 wells`,
    );
  }
  const fit = fitLogLogistic(dose, response, options);
  if (!fit) return refuse("flat", "the response does not vary at all");
  const against = compareWithFlat(fit, response);
  const judged = { fit, ...against };
  if (against.flatP > flatAlpha || against.aicGain <= 0) {
    return refuse("flat", `a flat line explains the wells as well (F-test p = ${shortNumber(against.flatP)})`, judged);
  }
  const [lowest, highest] = [tested[0]!, tested.at(-1)!];
  if (fit.ec50 < lowest || fit.ec50 > highest) {
    const where =
      fit.ec50 < lowest
        ? `below the lowest dose, ${shortNumber(lowest)}`
        : `above the highest dose, ${shortNumber(highest)}`;
    return refuse("outside-range", `the response changes, but half of the change lies ${where}`, judged);
  }
  if (!fit.converged || fit.logEc50Error === null) {
    return refuse("ill-posed", "several curves fit equally well, so the midpoint is not determined", judged);
  }
  const half = tTwoSided(0.95, fit.nPoints - fit.nFree) * fit.logEc50Error;
  const ec50Ci95 = [fit.ec50 * Math.exp(-half), fit.ec50 * Math.exp(half)] as const;
  if (2 * half > Math.log(highest / lowest)) {
    return refuse(
      "uncertain",
      `the 95 % interval of the EC50 (${ec50Ci95.map(shortNumber).join(" to ")}) is wider than the tested doses`,
      judged,
    );
  }
  return { ...judged, ec50: fit.ec50, ec50Ci95, refused: null };
}

function compareWithFlat(fit: LogLogisticFit, response: ArrayLike<number>): { flatP: number; aicGain: number } {
  const y = Array.from(response);
  const centre = y.reduce((a, b) => a + b, 0) / y.length;
  const flatRss = y.reduce((sum, v) => sum + (v - centre) ** 2, 0);
  const rss = Math.max(fit.rss, 1e-24 * flatRss); // a perfect fit would divide by zero
  const df = fit.nPoints - fit.nFree;
  const extra = Math.max(1, fit.nFree - 1);
  const f = (flatRss - rss) / extra / (rss / df);
  return { flatP: df > 0 ? fTail(f, extra, df) : 1, aicGain: y.length * Math.log(flatRss / rss) - 2 * extra };
}

/** Three digits, plain for everyday sizes. */
function shortNumber(v: number): string {
  return v !== 0 && (Math.abs(v) < 1e-3 || Math.abs(v) >= 1e5) ? v.toExponential(1) : String(Number(v.toPrecision(3)));
}
