// Several transforms in a row, named by data: what a command line or a task is told, fitted in order on the reference rows.
import { applyAffine } from "./affine.ts";
import { fitCoral, fitTvn } from "./coral.ts";
import { badStep } from "./errors.ts";
import { applyHarmony, fitHarmony } from "./harmony.ts";
import { applyInverseNormal, fitInverseNormal } from "./inverse-normal.ts";
import type { ProfileTable } from "./profile-table.ts";
import { applySelection, fitSelection } from "./select-features.ts";
import { fitSphere } from "./sphere.ts";
import { applyStandardise, fitStandardise } from "./standardise.ts";

/** The transforms there are. */
export const STEP_KINDS = [
  "standardise",
  "robustise",
  "mad",
  "sphere",
  "tvn",
  "coral",
  "inverse-normal",
  "select",
  "harmony",
] as const;

/** One transform and its settings; see the `fit…` function of the same name. */
export interface ProfileStep {
  readonly kind: (typeof STEP_KINDS)[number];
  readonly by?: string;
  readonly method?: "PCA" | "ZCA" | "PCA-cor" | "ZCA-cor";
  readonly epsilon?: number;
  readonly shrinkage?: "none" | "ledoit-wolf" | number;
  readonly ridge?: number;
  readonly recolour?: boolean;
  readonly correlation?: number;
  readonly seed?: number;
}

/** A fitted transform: applies to any table of the same features. */
export type FittedStep = (table: ProfileTable) => ProfileTable;

/**
 * Fits the steps one after the other on the reference rows, each on what the ones before it made.
 * @param rows the reference; all rows when left out.
 * @returns the fitted steps, to be used on tables that were not learned from, and the table they make of the one given.
 * @throws GanDlError as the steps do.
 * @example
 * ```ts
 * import { fitPipeline, fromColumns } from "gan-dl/profiles";
 * const table = fromColumns(new Map([["feature_0", [1, 3, 2]], ["feature_1", [5, 5, 8]]]));
 * const { apply } = fitPipeline(table, [{ kind: "standardise" }], [0, 1]); // row 2 is not learned from
 * console.assert(apply(table).features[4] === 0);
 * ```
 */
export function fitPipeline(
  table: ProfileTable,
  steps: readonly ProfileStep[],
  rows?: readonly number[],
): { readonly apply: FittedStep; readonly table: ProfileTable } {
  let current = table;
  const fitted: FittedStep[] = [];
  for (const step of steps) {
    const apply = fitStep(current, step, rows);
    fitted.push(apply);
    current = apply(current);
  }
  return { apply: (given) => fitted.reduce((made, apply) => apply(made), given), table: current };
}

function fitStep(table: ProfileTable, step: ProfileStep, rows: readonly number[] | undefined): FittedStep {
  const options = { ...(rows ? { rows } : {}), ...(step.by === undefined ? {} : { by: step.by }) };
  switch (step.kind) {
    case "standardise":
    case "robustise":
    case "mad": {
      const method = ({ standardise: "standard", robustise: "robust", mad: "mad" } as const)[step.kind];
      const fitted = fitStandardise(table, { ...options, method });
      return (given) => applyStandardise(given, fitted);
    }
    case "sphere": {
      const fitted = fitSphere(table, { ...step, ...options });
      return (given) => applyAffine(given, fitted);
    }
    case "tvn": {
      const fitted = fitTvn(table, { ...step, ...options });
      return (given) => applyAffine(given, fitted);
    }
    case "coral": {
      const fitted = fitCoral(table, { ...step, ...options, by: byOf(step) });
      return (given) => applyAffine(given, fitted);
    }
    case "inverse-normal": {
      const fitted = fitInverseNormal(table, options);
      return (given) => applyInverseNormal(given, fitted);
    }
    case "select": {
      const fitted = fitSelection(table, { ...step, ...options });
      return (given) => applySelection(given, fitted);
    }
    case "harmony": {
      const fitted = fitHarmony(table, { ...step, ...options, by: byOf(step) });
      return (given) => applyHarmony(given, fitted);
    }
    default:
      return step.kind satisfies never;
  }
}

function byOf(step: ProfileStep): string {
  if (step.by === undefined)
    throw badStep(step.kind, "it aligns groups and needs to know which column names them: add by=plate_id.");
  return step.by;
}

const TEXT_KEYS = ["by", "method"];
const NUMBER_KEYS = ["epsilon", "ridge", "correlation", "seed"];

/**
 * Reads steps as they are written on a command line, e.g. `standardise:by=plate_id` or `sphere:method=ZCA,shrinkage=ledoit-wolf`.
 * @throws GanDlError `bad-step`.
 * @example
 * ```ts
 * import { parseStep } from "gan-dl/profiles";
 * console.assert(parseStep("tvn:by=plate_id,ridge=0.5").ridge === 0.5);
 * ```
 */
export function parseStep(text: string): ProfileStep {
  const [kind = "", settings = ""] = text.split(":");
  if (!(STEP_KINDS as readonly string[]).includes(kind)) throw badStep(text, `the steps are ${STEP_KINDS.join(", ")}.`);
  const step: Record<string, unknown> = { kind };
  for (const pair of settings === "" ? [] : settings.split(",")) {
    const [key = "", value = ""] = pair.split("=");
    const number = value === "" ? Number.NaN : Number(value);
    if (TEXT_KEYS.includes(key) && value !== "") step[key] = value;
    else if (NUMBER_KEYS.includes(key) && Number.isFinite(number)) step[key] = number;
    else if (key === "recolour" && /^(true|false)$/.test(value)) step[key] = value === "true";
    else if (key === "shrinkage" && (/^(none|ledoit-wolf)$/.test(value) || (number >= 0 && number <= 1))) {
      step[key] = Number.isNaN(number) ? value : number;
    } else throw badStep(text, `it cannot make sense of "${pair}".`);
  }
  if (step.method !== undefined && !/^(PCA|ZCA)(-cor)?$/.test(String(step.method))) {
    throw badStep(text, `the methods are PCA, ZCA, PCA-cor and ZCA-cor, not "${String(step.method)}".`);
  }
  return step as unknown as ProfileStep;
}
