// From values to places on a chart, and where its axes are marked.
import { powerText } from "../parts/power-text.ts";

/** One direction of a chart. */
export interface Axis {
  /** The place of a value, in pixels. */
  at(value: number): number;
  readonly marks: readonly { readonly at: number; readonly text: string }[];
}

const STEPS = [1, 2, 5, 10];

/** Round values within a range, about `n` of them. */
export function roundMarks(low: number, high: number, n: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / n;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((s) => s * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** A linear axis over `values`, from pixel `from` (lowest value) to `to`. @param marks about how many. */
export function linearAxis(values: readonly number[], from: number, to: number, marks: number): Axis {
  const finite = values.filter(Number.isFinite);
  let [low, high] = [Math.min(...finite), Math.max(...finite)];
  if (!(high > low)) [low, high] = [low - (Math.abs(low) || 1) / 2, low + (Math.abs(low) || 1) / 2];
  const at = (value: number) => from + ((value - low) / (high - low)) * (to - from);
  return { at, marks: roundMarks(low, high, marks).map((value) => ({ at: at(value), text: markText(value) })) };
}

/** A mark's number: short, with a true minus. */
export function markText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e4 || (size > 0 && size < 1e-3)) return powerText(value, 0);
  return String(Number(value.toPrecision(4))).replace("-", "−");
}

/** Outer percentiles of values, so that one wild value does not flatten a chart; all of them where they are few. */
export function coreRange(values: readonly number[]): [number, number] {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length < 50) return [sorted[0] ?? 0, sorted.at(-1) ?? 1];
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return [at(0.005), at(0.995)];
}
