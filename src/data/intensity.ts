// How source grey levels become stored ones.
import type { ChannelHistogram } from "./channel-histogram.ts";
import { badLevels } from "./errors-import.ts";

/** The ways in which an import may change grey levels. */
export const INTENSITY_KINDS = [
  "none",
  "linear",
  "percentile",
  "percentile-per-plate",
  "standardise-per-image",
] as const;
export type IntensityKind = (typeof INTENSITY_KINDS)[number];

/** Outer percentiles that the percentile mappings send to 0 and 255 when nothing else is asked. */
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

/** What a user may say about grey levels. */
export interface IntensityOptions {
  /**
   * Kept as they are (16 bits stay 16 bits); `levels` stretched over 0…255; outer percentiles of each channel, or of each
   * channel and plate, stretched over 0…255; or each image's channel standardised.
   * @default "none" for 8-bit sources, "percentile" for 16-bit ones; "linear" when `levels` is given
   */
  readonly intensity?: IntensityKind;
  /** For "linear": the source levels that become 0 and 255, by channel name; `*` stands for all others. */
  readonly levels?: Readonly<Record<string, LevelRange>>;
  /** For the percentile mappings. @default { lowPercent: 0.5, highPercent: 99.5 } */
  readonly percentiles?: { readonly lowPercent: number; readonly highPercent: number };
}

/** The mapping of an import, every choice made. */
export interface IntensityPlan {
  readonly kind: IntensityKind;
  readonly lowPercent: number;
  readonly highPercent: number;
  /** One a channel; empty unless linear. */
  readonly ranges: readonly LevelRange[];
}

/** Makes every choice that was left open. @throws GanDlError `bad-levels`. */
export function resolveIntensity(
  options: IntensityOptions,
  bitDepth: 8 | 16,
  channels: readonly string[],
): IntensityPlan {
  const usual = bitDepth === 16 ? "percentile" : "none";
  const kind = options.intensity ?? (options.levels !== undefined ? "linear" : usual);
  const { lowPercent, highPercent } = options.percentiles ?? PERCENTILE_RANGE;
  if (!(lowPercent >= 0 && lowPercent < highPercent && highPercent <= 100))
    throw badLevels(`the percentiles ${lowPercent} and ${highPercent} are not two that rise within 0 and 100.`);
  if (kind !== "linear" && options.levels !== undefined)
    throw badLevels(`levels are given, but grey levels are to be mapped by "${kind}".`);
  const unknown = Object.keys(options.levels ?? {}).find((name) => name !== "*" && !channels.includes(name));
  if (unknown !== undefined)
    throw badLevels(`levels are given for "${unknown}", which is none of ${channels.join(", ")}.`);
  const ranges = kind !== "linear" ? [] : channels.map((name) => linearRange(options.levels ?? {}, name));
  return { kind, lowPercent, highPercent, ranges };
}

function linearRange(levels: Readonly<Record<string, LevelRange>>, channel: string): LevelRange {
  const range = levels[channel] ?? levels["*"];
  if (range === undefined) throw badLevels(`no levels are given for the channel "${channel}".`);
  if (!(range.low < range.high))
    throw badLevels(`the levels ${range.low} and ${range.high} of "${channel}" do not rise.`);
  return range;
}

/** The range that the percentile mapping gives one channel; a constant channel gets one level of width, not none. */
export function percentileRange(
  histogram: ChannelHistogram,
  percents: { readonly lowPercent: number; readonly highPercent: number } = PERCENTILE_RANGE,
): LevelRange {
  const low = histogram.percentile(percents.lowPercent);
  const high = histogram.percentile(percents.highPercent);
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
