// What a row's samples are summed up by.
import { median, quantile } from "gan-dl/math";

/** A middle and how far the middle half of the samples reaches, both in the samples' unit. */
export interface Summary {
  readonly median: number;
  /** Third quartile less first. */
  readonly spread: number;
}

/** Median and inter-quartile range: a round that another process disturbed moves neither. */
export function summaryOf(samples: readonly number[]): Summary {
  return { median: median(samples), spread: quantile(samples, 0.75) - quantile(samples, 0.25) };
}

/**
 * The ratio of two variants that were measured in turn, round by round, so that a slow spell of the machine meets both.
 * @param a samples, one a round. @param b the same rounds of the other.
 */
export function pairedRatio(a: readonly number[], b: readonly number[]): Summary {
  if (a.length !== b.length) throw new Error(`internal: ${a.length} rounds against ${b.length}`);
  return summaryOf(a.map((value, round) => value / (b[round] ?? Number.NaN)));
}
