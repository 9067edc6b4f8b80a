// From a value to its colour, and what the legend says of it; the same for wells and for points.
import { categoryColour, MOST_COLOURS, missingColour, rampColour } from "../colours.ts";
import type { Theme } from "../theme.ts";

export type Value = string | number | null;

/** How one column is coloured. */
export type ColourScale =
  | { readonly kind: "category"; readonly labels: readonly string[] }
  | { readonly kind: "number"; readonly low: number; readonly high: number; readonly isLog: boolean };

/** Amounts that span more than this from a positive start are shown by their powers of ten, as doses are. */
const LOG_SPAN = 50;

/** Finer steps of a ramp look the same, and wells of one colour are drawn as one shape. */
const STEPS = 128;

export const categoryScale = (labels: readonly string[]): ColourScale => ({ kind: "category", labels });

export function numberScale(range: readonly [number, number] | null): ColourScale {
  const [low, high] = range ?? [0, 1];
  return { kind: "number", low, high, isLog: low > 0 && high / low > LOG_SPAN };
}

/** Where a number lies between the scale's ends, 0 to 1. */
export function shareOf(scale: Extract<ColourScale, { kind: "number" }>, value: number): number {
  const f = scale.isLog ? Math.log : (v: number) => v;
  const span = f(scale.high) - f(scale.low);
  return span > 0 ? (f(value) - f(scale.low)) / span : 0.5;
}

export function colourOf(scale: ColourScale, value: Value, theme: Theme): string {
  if (value === null) return missingColour(theme);
  if (scale.kind === "category") return categoryColour(theme, rank(scale.labels, String(value)));
  return rampColour(theme, Math.round(shareOf(scale, Number(value)) * STEPS) / STEPS);
}

/** The place of a label among those with a colour of their own, or −1. */
export function rank(labels: readonly string[], label: string): number {
  const at = labels.indexOf(label);
  return at < MOST_COLOURS ? at : -1;
}

/** A number as a person reads it. */
export function formatValue(value: Value | undefined): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "string") return value;
  if (Number.isInteger(value)) return value.toLocaleString("en");
  return String(Number(value.toPrecision(4)));
}
