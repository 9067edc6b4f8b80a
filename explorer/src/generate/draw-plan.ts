// From the page's address to a request for images, and back.
import type { DrawRequest } from "../../../src/schema/draw.ts";

/** What the controls of the page say. */
export interface DrawPlan {
  readonly kind: "seeds" | "walk" | "classes" | "conditions";
  readonly seed: number;
  readonly n: number;
  readonly to: number;
  readonly steps: number;
  readonly truncation: number;
  /** `latest` or a number of kimg. */
  readonly checkpoint: string;
  /** Of labelled runs; empty for each image's own. */
  readonly className: string;
  readonly fromClass: string;
  readonly toClass: string;
}

const LARGEST_SEED = 2 ** 32 - 1;

/** What a walk between two conditions leads between: the run's own classes where it was told some, else its data set's conditions. */
export const walkKindOf = (classes: readonly string[]): "classes" | "conditions" =>
  classes.length > 1 ? "classes" : "conditions";

/**
 * Reads a plan from text; what is missing or out of range takes a usual value.
 * @param classes of the run. @param conditions of its data set, most images first.
 */
export function planOf(
  get: (key: string) => string | null,
  classes: readonly string[],
  conditions: readonly string[] = [],
): DrawPlan {
  const whole = (key: string, usual: number, low: number, high: number) => {
    const value = Number(get(key) ?? Number.NaN);
    return Number.isInteger(value) ? Math.min(high, Math.max(low, value)) : usual;
  };
  const oneOf = (key: string, names: readonly string[], usual: string) => {
    const value = get(key);
    return value !== null && names.includes(value) ? value : usual;
  };
  const asked = get("kind");
  const kind = asked === "walk" || asked === walkKindOf(classes) ? asked : "seeds";
  // Of a data set's conditions the smaller groups are the controls: a walk begins there.
  const ends = kind === "conditions" ? [...conditions].reverse() : classes;
  const [first = "", second = first] =
    kind === "conditions" ? [conditions[1] ?? conditions[0], conditions[0]] : classes;
  const truncation = Number(get("truncation") ?? Number.NaN);
  return {
    kind,
    seed: whole("seed", 1, 0, LARGEST_SEED),
    n: whole("n", 8, 1, 64),
    to: whole("to", 2, 0, LARGEST_SEED),
    steps: whole("steps", 8, 2, 64),
    truncation: Number.isFinite(truncation) ? Math.min(1, Math.max(0, truncation)) : 1,
    checkpoint: get("checkpoint") ?? "latest",
    className: oneOf("class", classes, ""),
    fromClass: oneOf("from-class", ends, first),
    toClass: oneOf("to-class", ends, second),
  };
}

/** The request that a plan stands for. */
export function requestOf(plan: DrawPlan): DrawRequest {
  const className = plan.className === "" ? null : plan.className;
  const { kind, seed, n, to, steps, truncation, checkpoint, fromClass, toClass } = plan;
  const what = {
    seeds: { kind: "seeds", first: Math.min(seed, LARGEST_SEED - n + 1), n, className },
    walk: { kind: "walk", from: seed, to, steps, space: "w", className },
    classes: { kind: "classes", seed, from: fromClass, to: toClass, steps },
    conditions: { kind: "conditions", seed, from: fromClass, to: toClass, steps },
  } as const;
  return { checkpoint, truncation, what: what[kind] };
}

/** What stands below an image. */
export function imageLabel(plan: DrawPlan, i: number): string {
  if (plan.kind === "seeds") return `seed ${plan.seed + i}`;
  const share = `${Math.round((100 * i) / (plan.steps - 1))} %`;
  const [from, to] = plan.kind === "walk" ? [`seed ${plan.seed}`, `seed ${plan.to}`] : [plan.fromClass, plan.toClass];
  const name = (end: string) => (plan.kind === "conditions" ? `like ${end}` : end);
  return i === 0 ? name(from) : i === plan.steps - 1 ? name(to) : share;
}
