// Where the truth was planted (a synthetic screen), how near the answers came to it.
import type { TaskRun, TruthCheck } from "../schema/index.ts";

/** A planted compound; the compounds of a synthetic screen's `truth.json` have this form. */
export type PlantedCompound =
  | { readonly name: string; readonly effect: "rescue"; readonly ec50Um: number; readonly dosesUm: readonly number[] }
  | { readonly name: string; readonly effect: "inert" }
  | { readonly name: string; readonly effect: "toxic" };

/** Runs to be checked; each that is left out is not checked. */
export interface TruthRuns {
  /** `condition` on classes that were planted different, e.g. mock against active. */
  readonly separable?: TaskRun;
  /** `condition` on classes that were planted alike, e.g. mock against UV-inactivated. */
  readonly inseparable?: TaskRun;
  readonly doseResponse?: TaskRun;
  /** `plate-identity` on profiles as they are, with a plate effect planted. */
  readonly plateBefore?: TaskRun;
  /** `plate-identity` after the plates were normalised. */
  readonly plateAfter?: TaskRun;
}

/** An AUC below this is not called a separation, whatever its interval. */
const SEPARATES = 0.75;
/** Without an interval, this near to chance counts as chance. */
const NEAR_CHANCE = 0.1;

/**
 * One check a planted truth, each with a verdict and the rule that gave it.
 * @example
 * ```ts
 * import { compareToTruth } from "gan-dl/tasks";
 * console.assert(compareToTruth({}, []).length === 0);
 * ```
 */
export function compareToTruth(runs: TruthRuns, compounds: readonly PlantedCompound[]): TruthCheck[] {
  const checks: TruthCheck[] = [];
  if (runs.separable) checks.push(checkSeparable(runs.separable));
  if (runs.inseparable) checks.push(checkInseparable(runs.inseparable));
  const { doseResponse } = runs;
  if (doseResponse) {
    const figure = (name: string) => figureOf(doseResponse, "EC50 (µM)", name);
    checks.push(
      ...compounds.map((compound) => ({ ...checkCompound(doseResponse, compound), ...figure(compound.name) })),
    );
  }
  if (runs.plateBefore) checks.push(checkPlate(runs.plateBefore, "present"));
  if (runs.plateAfter) checks.push(checkPlate(runs.plateAfter, "removed"));
  return checks;
}

/** Which figure of the report a check is about. */
const figureOf = ({ task, question, encoder }: TaskRun, metric: string, part: string | null = null) => ({
  figure: { task, question, encoder, metric, part },
});

/** The overall score of this name. */
function overall(run: TaskRun, metric: string) {
  const score = run.results.find((r) => r.kind === "score" && r.metric === metric && r.part === null);
  if (score?.kind !== "score") throw new Error(`internal: task ${run.task} has no overall ${metric}`);
  return score;
}

function checkSeparable(run: TaskRun): TruthCheck {
  const { value, ci95 } = overall(run, "AUC");
  const met = value >= SEPARATES && (ci95 === null || ci95[0] > 0.5);
  return {
    what: `${run.title}: different`,
    planted: "different",
    found: value,
    interval: ci95,
    verdict: met ? "met" : "missed",
    ...figureOf(run, "AUC"),
    explanation: `AUC on held-out plates; met from ${SEPARATES} on, with an interval above 0.5.`,
  };
}

function checkInseparable(run: TaskRun): TruthCheck {
  const { value, ci95 } = overall(run, "AUC");
  return {
    what: `${run.title}: alike`,
    planted: 0.5,
    found: value,
    interval: ci95,
    verdict: isChance(value, 0.5, ci95) ? "met" : "missed",
    ...figureOf(run, "AUC"),
    explanation: `AUC on held-out plates; met where the interval holds 0.5 or the AUC is within ${NEAR_CHANCE} of it.`,
  };
}

const isChance = (value: number, chance: number, ci95: readonly [number, number] | null): boolean =>
  Math.abs(value - chance) <= NEAR_CHANCE || (ci95 !== null && ci95[0] <= chance && chance <= ci95[1]);

function checkCompound(run: TaskRun, compound: PlantedCompound): TruthCheck {
  const curve = run.results.find((r) => r.kind === "curve" && r.name === compound.name);
  if (curve?.kind !== "curve") {
    return {
      what: compound.name,
      planted: compound.effect,
      found: null,
      interval: null,
      verdict: "missed",
      explanation: "No well of this compound was analysed.",
    };
  }
  const found = { ec50: curve.ec50Um, interval: curve.ec50Ci95Um, refused: curve.refused ?? "" };
  switch (compound.effect) {
    case "rescue":
      return compound.ec50Um <= Math.max(...compound.dosesUm) && compound.ec50Um >= Math.min(...compound.dosesUm)
        ? checkEc50(compound, found)
        : checkOutOfRange(compound, found);
    case "inert":
      return {
        what: `${compound.name}: inert`,
        planted: "no EC50",
        found: found.ec50 ?? "no EC50",
        interval: found.interval,
        verdict: found.ec50 === null ? "met" : "missed",
        explanation: found.ec50 === null ? `Refused: ${found.refused}.` : "An EC50 was given where there is none.",
      };
    case "toxic":
      return checkToxic(compound.name, found, verdictOf(run, compound.name));
    default:
      return compound satisfies never;
  }
}

interface FoundEc50 {
  readonly ec50: number | null;
  readonly interval: [number, number] | null;
  readonly refused: string;
}

function checkEc50(compound: PlantedCompound & { effect: "rescue" }, found: FoundEc50): TruthCheck {
  const { ec50, interval, refused } = found;
  const check = { what: `${compound.name}: EC50 (µM)`, planted: compound.ec50Um, found: ec50, interval };
  if (ec50 === null) return { ...check, verdict: "missed", explanation: `Refused: ${refused}.` };
  const fold = Math.max(ec50 / compound.ec50Um, compound.ec50Um / ec50);
  const holds = interval !== null && interval[0] <= compound.ec50Um && compound.ec50Um <= interval[1];
  const where = holds
    ? "the 95 % interval holds the planted value"
    : "the 95 % interval does not hold the planted value";
  return {
    ...check,
    verdict: fold <= 2 || holds ? "met" : "missed",
    explanation: `${fold.toFixed(2)}-fold off; ${where}. Met within twofold or within the interval.`,
  };
}

function checkOutOfRange(compound: PlantedCompound & { effect: "rescue" }, found: FoundEc50): TruthCheck {
  return {
    what: `${compound.name}: EC50 outside the tested doses`,
    planted: compound.ec50Um,
    found: found.ec50 ?? "no EC50",
    interval: found.interval,
    verdict: found.ec50 === null ? "met" : "missed",
    explanation:
      found.ec50 === null ? `Refused: ${found.refused}.` : "An EC50 was given that the tested doses cannot show.",
  };
}

function checkToxic(name: string, { ec50, interval, refused }: FoundEc50, verdict: string): TruthCheck {
  const flagged = verdict.includes("off-axis");
  return {
    what: `${name}: toxic, not a rescue`,
    planted: "off-axis, no EC50",
    found: ec50 ?? (flagged ? "off-axis, no EC50" : verdict),
    interval,
    verdict: ec50 === null && flagged ? "met" : "missed",
    explanation:
      ec50 !== null
        ? "It was called a rescue."
        : flagged
          ? `Refused: ${refused}.`
          : "It was not called a rescue, but its wells were not seen to leave the axis either.",
  };
}

/** The word of the compounds' table on this compound. */
function verdictOf(run: TaskRun, name: string): string {
  for (const table of run.results) {
    if (table.kind !== "table" || table.columns[0] !== "treatment") continue;
    const row = table.rows.find((r) => r[0] === name);
    if (row) return String(row[table.columns.indexOf("verdict")]);
  }
  return "";
}

function checkPlate(run: TaskRun, expected: "present" | "removed"): TruthCheck {
  const { value, ci95, chance } = overall(run, "balanced accuracy");
  // Below chance is no plate effect either: centred plates make held-out wells look like the other plates.
  const atChance = value <= (chance ?? 0) + NEAR_CHANCE || (ci95 !== null && ci95[0] <= (chance ?? 0));
  const rule = `balanced accuracy of naming the plate, chance ${(chance ?? 0).toFixed(2)}`;
  return {
    what: expected === "present" ? "Plate effect: seen before normalising" : "Plate effect: gone after normalising",
    planted: expected === "present" ? "above chance" : (chance ?? 0),
    found: value,
    interval: ci95,
    verdict: atChance === (expected === "removed") ? "met" : "missed",
    ...figureOf(run, "balanced accuracy"),
    explanation: `${rule}; at chance where its interval reaches down to it or it is less than ${NEAR_CHANCE} above.`,
  };
}
