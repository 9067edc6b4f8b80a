// From a value to its colour, and what the legend says of it; the same for wells and for points.
import { categoryColour, MOST_COLOURS, missingColour, rampColour } from "../colours.ts";
import type { Theme } from "../theme.ts";

export type Value = string | number | null;

type Range = readonly [low: number, high: number];

/** How one column is coloured. */
export type ColourScale =
  | { readonly kind: "category"; readonly labels: readonly string[] }
  | {
      readonly kind: "number";
      readonly low: number;
      readonly high: number;
      /** Whether values lie beyond the ends and have their colour. */
      readonly isClipped: { readonly low: boolean; readonly high: boolean };
      readonly isLog: boolean;
    };

/** Amounts that span more than this from a positive start are shown by their powers of ten, as doses are. */
const LOG_SPAN = 50;
/** Finer steps of a ramp look the same, and wells of one colour are drawn as one shape. */
const STEPS = 128;
/** An end is drawn in to the 1st or 99th percentile where the values beyond would stretch the scale by more than this. */
const MOST_STRETCH = 0.25;

/** @param labels commonest first. Those that have a colour of their own have it in the order of their names, as in the report. */
export function categoryScale(labels: readonly string[]): ColourScale {
  const coloured = labels.slice(0, MOST_COLOURS).sort();
  return { kind: "category", labels: [...coloured, ...labels.slice(MOST_COLOURS)] };
}

/** @param middle 1st and 99th percentile: few values beyond them do not take the colours from all others. */
export function numberScale(range: Range | null, middle: Range | null = range): ColourScale {
  const [low, high] = range ?? [0, 1];
  const [p1, p99] = middle ?? [low, high];
  const isLog = low > 0 && p99 / p1 > LOG_SPAN;
  const f = isLog ? Math.log : (v: number) => v;
  const most = MOST_STRETCH * (f(p99) - f(p1));
  const isBeyond = (from: number, to: number) => most > 0 && f(to) - f(from) > most;
  const isClipped = { low: isBeyond(low, p1), high: isBeyond(p99, high) };
  return { kind: "number", low: isClipped.low ? p1 : low, high: isClipped.high ? p99 : high, isClipped, isLog };
}

/** The scale of many numbers by themselves. */
export function scaleOfValues(values: readonly (number | null)[]): ColourScale {
  const sorted = Float64Array.from(values.filter((value) => value !== null)).sort();
  if (sorted.length === 0) return numberScale(null);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return numberScale([at(0), at(1)], [at(0.01), at(0.99)]);
}

/** The ends as the legend says them. */
export function endsOf({ low, high, isClipped, isLog }: Extract<ColourScale, { kind: "number" }>): [string, string] {
  return [
    `${isClipped.low ? "≤ " : ""}${formatValue(low)}`,
    `${isClipped.high ? "≥ " : ""}${formatValue(high)}${isLog ? " (log)" : ""}`,
  ];
}

/** Where a number lies between the scale's ends, 0 to 1. */
export function shareOf(scale: Extract<ColourScale, { kind: "number" }>, value: number): number {
  const f = scale.isLog ? Math.log : (v: number) => v;
  const span = f(scale.high) - f(scale.low);
  const within = Math.min(scale.high, Math.max(scale.low, value));
  return span > 0 ? (f(within) - f(scale.low)) / span : 0.5;
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
