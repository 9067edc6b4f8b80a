// How source grey levels become stored ones.
import type { ChannelHistogram } from "./channel-histogram.ts";

/** The ways in which an import may change grey levels. */
export type IntensityKind = "none" | "percentile" | "standardise-per-image";

/** Outer percentiles that the percentile mapping sends to 0 and 255. */
export const PERCENTILE_RANGE = { lowPercent: 0.5, highPercent: 99.5 } as const;

/**
 * Stored 0…255 spans a crop's mean ± this many standard deviations.
 *
 * Cells on dark ground are skewed: their bright end reaches further than a Gaussian's. Four keeps that end and leaves 64
 * grey levels for two standard deviations around the mean.
 */
export const STANDARDISED_SD_RANGE = 4;

/** A linear map of grey levels, clamped to 0…255 at its ends. */
export interface LevelRange {
  readonly low: number;
  readonly high: number;
}

/** The range that the percentile mapping gives one channel; a constant channel gets one level of width, not none. */
export function percentileRange(histogram: ChannelHistogram): LevelRange {
  const low = histogram.percentile(PERCENTILE_RANGE.lowPercent);
  const high = histogram.percentile(PERCENTILE_RANGE.highPercent);
  return { low, high: high > low ? high : low + 1 };
}

/** The range that standardising gives this plane; a constant plane becomes mid-gray. */
export function standardisedRange(plane: Uint8Array | Uint16Array): LevelRange {
  let sum = 0;
  for (let i = 0; i < plane.length; i++) sum += plane[i]!;
  const mean = sum / plane.length;
  let squares = 0;
  for (let i = 0; i < plane.length; i++) squares += (plane[i]! - mean) ** 2;
  const reach = STANDARDISED_SD_RANGE * Math.sqrt(squares / plane.length);
  return { low: mean - (reach > 0 ? reach : 1), high: mean + (reach > 0 ? reach : 1) };
}

/** Writes `source` into `out`, `range` stretched over 0…255, rounded and clamped. */
export function mapLevels(source: Uint8Array | Uint16Array, range: LevelRange, out: Uint8Array): void {
  const scale = 255 / (range.high - range.low);
  for (let i = 0; i < source.length; i++) {
    const level = (source[i]! - range.low) * scale;
    out[i] = level <= 0 ? 0 : level >= 255 ? 255 : Math.round(level);
  }
}
