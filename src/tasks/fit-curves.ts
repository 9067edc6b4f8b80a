// Dose–response curves of a plain table of doses and responses, with nothing else asked of it.
import { doseResponseCurve } from "../math/dose-response-curve.ts";
import { rowsByValue } from "../profiles/aggregate.ts";
import { badPlainTable } from "./errors.ts";

/** One curve of a table. */
export interface FittedCurve {
  /** The value of the curve column; null for a table of one curve. */
  readonly curve: string | null;
  /** Rows it was fitted to. */
  readonly n: number;
  /** Steepness, > 0 whichever way the curve goes; null, like the rest, where no EC50 is given. */
  readonly hill: number | null;
  /** The lower level of the two. */
  readonly bottom: number | null;
  /** The higher one. */
  readonly top: number | null;
  /** In the doses' unit. */
  readonly ec50: number | null;
  /** From the observed Hessian, as R's drc prints them. */
  readonly standardErrors: {
    readonly hill: number;
    readonly bottom: number;
    readonly top: number;
    readonly ec50: number;
  } | null;
  readonly ec50Ci95: readonly [number, number] | null;
  /** Whether the response falls or rises with the dose. */
  readonly direction: "falls" | "rises" | null;
  /** Why no EC50 is given, as a sentence, or null. */
  readonly refused: string | null;
}

/** Steepness of plain tables is not held near that of cells; R's drc does not bound it at all. */
const HILL_RANGE: readonly [number, number] = [0.01, 100];

/**
 * Fits `bottom + (top − bottom) / (1 + (dose/ec50)^±hill)` to each curve of a table; doses of 0 are controls at one plateau.
 *
 * Rows without dose or response are left out. Refusals as {@link doseResponseCurve}.
 * @param columns one value a row; `curve` names the curve of each row.
 * @throws GanDlError `bad-dose-table` for a value that is no number, a dose below 0, or no rows.
 * @example
 * ```ts
 * import { fitCurves } from "gan-dl/tasks";
 * const dose = [0, 0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
 * const response = dose.map((d, i) => 1 / (1 + (d / 0.2) ** 1.5) + 0.01 * Math.sin(7 * i));
 * const [fit] = fitCurves({ dose, response });
 * console.assert(fit!.refused === null && Math.abs(fit!.ec50! / 0.2 - 1) < 0.1);
 * ```
 */
export function fitCurves(
  columns: {
    readonly dose: readonly (string | number | null)[];
    readonly response: readonly (string | number | null)[];
    readonly curve?: readonly (string | number | null)[];
  },
  options: { readonly fixed?: { readonly bottom?: number; readonly top?: number } } = {},
): FittedCurve[] {
  const { dose, response } = columns;
  const complete = [...dose.keys()].filter((i) => !isMissing(dose[i]) && !isMissing(response[i]));
  if (complete.length === 0)
    throw badPlainTable("the table has no row with a dose and a response.", "there is nothing to fit.");
  const doseOf = (i: number) => numberIn(dose[i]!, "dose", i);
  for (const i of complete) {
    if (doseOf(i) < 0)
      throw badPlainTable(
        `the dose of row ${i + 1} is ${dose[i]}.`,
        "a dose cannot be negative; logarithms of doses must be undone first.",
      );
    numberIn(response[i]!, "response", i);
  }
  const groups = columns.curve
    ? rowsByValue(complete.map((i) => columns.curve![i] ?? null))
    : [complete.map((_, k) => k)];
  return groups.map((group) => {
    const rows = group.map((k) => complete[k]!);
    const name = columns.curve ? String(columns.curve[rows[0]!] ?? "") : null;
    return fitOne(
      name,
      rows.map(doseOf),
      rows.map((i) => numberIn(response[i]!, "response", i)),
      options.fixed ?? {},
    );
  });
}

const isMissing = (value: string | number | null | undefined) =>
  value === null ||
  value === undefined ||
  (typeof value === "string" && /^\s*(NA|NaN|nan)?\s*$/.test(value)) ||
  Number.isNaN(value);

function numberIn(value: string | number, what: string, row: number): number {
  const number = typeof value === "string" ? Number(value) : value;
  if (!Number.isFinite(number))
    throw badPlainTable(`the ${what} of row ${row + 1} is "${value}".`, "it is not a number.");
  return number;
}

function fitOne(
  curve: string | null,
  dose: readonly number[],
  response: readonly number[],
  fixed: { readonly bottom?: number; readonly top?: number },
): FittedCurve {
  const judged = judge(dose, response, fixed);
  const { fit, ec50, ec50Ci95, refused } = judged;
  if (!fit || refused) {
    const nothing = {
      hill: null,
      bottom: null,
      top: null,
      ec50: null,
      standardErrors: null,
      ec50Ci95: null,
      direction: null,
    };
    return { curve, n: dose.length, ...nothing, refused: refused?.reason ?? "no curve could be fitted" };
  }
  const falls = fit.atInfinity < fit.atZero;
  const errors = fit.standardErrors;
  return {
    curve,
    n: dose.length,
    hill: fit.hill,
    bottom: Math.min(fit.atZero, fit.atInfinity),
    top: Math.max(fit.atZero, fit.atInfinity),
    ec50,
    standardErrors: errors && {
      hill: errors.hill,
      bottom: falls ? errors.atInfinity : errors.atZero,
      top: falls ? errors.atZero : errors.atInfinity,
      ec50: errors.ec50,
    },
    ec50Ci95,
    direction: falls ? "falls" : "rises",
    refused: null,
  };
}

/** A level held fixed lies at zero dose or at infinity, according to which way the curve goes: the better fit decides. */
function judge(
  dose: readonly number[],
  response: readonly number[],
  { bottom, top }: { readonly bottom?: number; readonly top?: number },
) {
  const options = { hillRange: HILL_RANGE };
  if (bottom === undefined && top === undefined) return doseResponseCurve(dose, response, options);
  const level = (value: number | undefined, key: "atZero" | "atInfinity") =>
    value === undefined ? {} : { [key]: value };
  const ways = [
    { ...level(top, "atZero"), ...level(bottom, "atInfinity") },
    { ...level(bottom, "atZero"), ...level(top, "atInfinity") },
  ].map((fixed) => doseResponseCurve(dose, response, { ...options, fixed }));
  return ways.reduce((a, b) =>
    (b.fit?.rss ?? Number.POSITIVE_INFINITY) < (a.fit?.rss ?? Number.POSITIVE_INFINITY) ? b : a,
  );
}
