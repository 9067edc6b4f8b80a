// How two stains lie to each other: together, apart, one inside the other.
import type { Pixels } from "../../data/index.ts";

/** One plane and what was counted of it. */
export interface ChannelPlane {
  readonly pixels: Pixels;
  readonly min: number;
  readonly mean: number;
  /** Population standard deviation. */
  readonly sd: number;
  /** Centred ranks; see `GreyLevels.ranks`. */
  readonly ranks: Float32Array;
  /** Population standard deviation of the ranks. */
  readonly rankSd: number;
}

export const PAIR_NAMES = ["Pearson", "Rank", "Overlap", "MandersFirst", "MandersSecond"] as const;

/**
 * Five figures of a pair of planes, in the order of {@link PAIR_NAMES}. Light is counted from each plane's minimum.
 *
 * Pearson's and Spearman's correlation; Manders' overlap Σab/√(Σa²Σb²); the share of the first's light where the second is brighter than
 * its mean, and the reverse (Manders, Verbeek, Aten 1993, with the mean as threshold). All are 0 where a plane is constant.
 * @param first borrowed; @param second of the same size, borrowed.
 */
export function pairFigures(first: ChannelPlane, second: ChannelPlane, out: Float32Array): void {
  const a = first.pixels;
  const b = second.pixels;
  const n = a.length;
  const ranksA = first.ranks;
  const ranksB = second.ranks;
  const minA = first.min;
  const minB = second.min;
  const meanA = first.mean - minA;
  const meanB = second.mean - minB;
  let product = 0;
  let rank = 0;
  let aOverB = 0;
  let bOverA = 0;
  for (let i = 0; i < n; i++) {
    const va = a[i]! - minA;
    const vb = b[i]! - minB;
    product += va * vb;
    rank += ranksA[i]! * ranksB[i]!;
    if (vb > meanB) aOverB += va;
    if (va > meanA) bOverA += vb;
  }
  const lengths = Math.sqrt((first.sd ** 2 + meanA ** 2) * (second.sd ** 2 + meanB ** 2));
  const flat = first.sd === 0 || second.sd === 0;
  out[0] = flat ? 0 : (product / n - meanA * meanB) / (first.sd * second.sd);
  out[1] = flat ? 0 : rank / n / (first.rankSd * second.rankSd);
  out[2] = flat ? 0 : product / n / lengths;
  out[3] = flat ? 0 : aOverB / (meanA * n);
  out[4] = flat ? 0 : bOverA / (meanB * n);
}
