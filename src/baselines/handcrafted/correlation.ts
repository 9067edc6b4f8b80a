// How two stains lie to each other: together, apart, one inside the other.
import type { Pixels } from "../../data/index.ts";
import { type PlaneKernels, planeKernels } from "./plane-kernels.ts";

/** Pixels that the kernels take at a time. */
const AT_ONCE = 4;

/** What was counted of one plane. */
export interface PlaneFigures {
  readonly min: number;
  readonly mean: number;
  /** Population standard deviation. */
  readonly sd: number;
  /** Population standard deviation of the ranks. */
  readonly rankSd: number;
}

export const PAIR_NAMES = ["Pearson", "Rank", "Overlap", "MandersFirst", "MandersSecond"] as const;

/** One stain in the kernels' memory. */
interface Stain {
  /** Grey levels, then the plane's minimum up to a multiple of four. */
  readonly light: Uint16Array;
  /** Centred ranks; see `GreyLevels.ranks`. */
  readonly ranks: Float32Array;
}

/** The stains of one image at a time, held against each other. */
export class StainPairs {
  readonly #kernels: PlaneKernels;
  readonly #stains: readonly Stain[];
  readonly #figures: PlaneFigures[] = [];
  readonly #counts: BigInt64Array;
  readonly #rankSums: Float64Array;

  /** @param nPixels of a plane. */
  constructor(nStains: number, nPixels: number) {
    const padded = Math.ceil(nPixels / AT_ONCE) * AT_ONCE;
    const sizes = Array.from({ length: nStains }, () => [2 * padded, 4 * nPixels]).flat();
    const { buffer, starts, kernels } = planeKernels([...sizes, 64]);
    this.#kernels = kernels;
    this.#stains = Array.from({ length: nStains }, (_, i) => ({
      light: new Uint16Array(buffer, starts[2 * i], padded),
      ranks: new Float32Array(buffer, starts[2 * i + 1], nPixels),
    }));
    const sums = starts[2 * nStains] ?? 0;
    this.#counts = new BigInt64Array(buffer, sums, 6);
    this.#rankSums = new Float64Array(buffer, sums + 48, 2);
  }

  /** Takes one stain's plane, borrowed. @param writeRanks fills in the centred ranks of its pixels and returns their deviation. */
  set(
    stain: number,
    pixels: Pixels,
    figures: Omit<PlaneFigures, "rankSd">,
    writeRanks: (ranks: Float32Array) => number,
  ): void {
    const { light, ranks } = this.#stains[stain]!;
    light.set(pixels);
    light.fill(figures.min, pixels.length);
    this.#figures[stain] = { ...figures, rankSd: writeRanks(ranks) };
  }

  /**
   * Five figures of a pair of stains, in the order of {@link PAIR_NAMES}. Light is counted from each plane's minimum.
   *
   * Pearson's and Spearman's correlation; Manders' overlap Σab/√(Σa²Σb²); the share of the first's light where the second is brighter
   * than its mean, and the reverse (Manders, Verbeek, Aten 1993, with the mean as threshold). All are 0 where a plane is constant.
   */
  measure(one: number, other: number, out: Float32Array): void {
    const [first, second] = [this.#figures[one]!, this.#figures[other]!];
    if (first.sd === 0 || second.sd === 0) {
      out.fill(0, 0, PAIR_NAMES.length);
      return;
    }
    const n = this.#stains[one]!.ranks.length;
    const meanA = first.mean - first.min;
    const meanB = second.mean - second.min;
    const levels = [first.min, second.min, Math.floor(meanA), Math.floor(meanB)] as const;
    const { product, aOverB, bOverA, rank } = this.#sums(one, other, levels);
    const lengths = Math.sqrt((first.sd ** 2 + meanA ** 2) * (second.sd ** 2 + meanB ** 2));
    out[0] = (product / n - meanA * meanB) / (first.sd * second.sd);
    out[1] = rank / n / (first.rankSd * second.rankSd);
    out[2] = product / n / lengths;
    out[3] = aOverB / (meanA * n);
    out[4] = bOverA / (meanB * n);
  }

  #sums(one: number, other: number, levels: readonly [minA: number, minB: number, limitA: number, limitB: number]) {
    const [a, b] = [this.#stains[one]!, this.#stains[other]!];
    const [lightA, lightB, ranksA, ranksB] = [a.light, b.light, a.ranks, b.ranks].map((plane) => plane.byteOffset) as [
      number,
      number,
      number,
      number,
    ];
    const to = this.#counts.byteOffset;
    this.#kernels.pairSums(lightA, lightB, ranksA, ranksB, lightA + a.light.byteLength, ...levels, to);
    const count = (i: number) => Number(this.#counts[i]! + this.#counts[i + 1]!);
    const rank = this.#rankSums[0]! + this.#rankSums[1]!;
    return { product: count(0), aOverB: count(2), bOverA: count(4), rank };
  }
}
