// Exact statistics of any number of pixels in constant memory: grey levels are whole numbers, so counting them loses nothing.
import type { ChannelStatistics } from "../schema/dataset.ts";

/**
 * Counts of each grey level of one channel.
 * @example
 * ```ts
 * import { ChannelHistogram } from "gan-dl/data";
 * const histogram = new ChannelHistogram("uint8");
 * histogram.add(Uint8Array.of(1, 2, 3));
 * console.assert(histogram.statistics().mean === 2);
 * ```
 */
export class ChannelHistogram {
  readonly #counts: Float64Array; // exact to 2^53 pixels; 32 bits would overflow on a whole screen
  #total = 0;

  /** @param dtype of the pixels to be counted. */
  constructor(dtype: "uint8" | "uint16") {
    this.#counts = new Float64Array(dtype === "uint8" ? 256 : 65536);
  }

  /** Counts `pixels`; borrowed. */
  add(pixels: Uint8Array | Uint16Array): void {
    const counts = this.#counts;
    for (let i = 0; i < pixels.length; i++) counts[pixels[i]!]!++;
    this.#total += pixels.length;
  }

  /** The `percent`-th percentile in grey levels, interpolated between neighbouring pixels as NumPy's default does. */
  percentile(percent: number): number {
    const rank = (percent / 100) * (this.#total - 1);
    const low = this.#atRank(Math.floor(rank));
    return low + (rank - Math.floor(rank)) * (this.#atRank(Math.ceil(rank)) - low);
  }

  /** Minimum, maximum, mean, population standard deviation and outer percentiles, in grey levels; zeros when nothing was counted. */
  statistics(): ChannelStatistics {
    if (this.#total === 0) return { min: 0, max: 0, mean: 0, sd: 0, p0_5: 0, p99_5: 0 };
    const mean = this.#sumOf((level) => level) / this.#total;
    const variance = this.#sumOf((level) => (level - mean) ** 2) / this.#total;
    return {
      min: this.#atRank(0),
      max: this.#atRank(this.#total - 1),
      mean,
      sd: Math.sqrt(variance),
      p0_5: this.percentile(0.5),
      p99_5: this.percentile(99.5),
    };
  }

  #sumOf(value: (level: number) => number): number {
    let sum = 0;
    for (let level = 0; level < this.#counts.length; level++) {
      const count = this.#counts[level]!;
      if (count > 0) sum += count * value(level);
    }
    return sum;
  }

  /** The grey level of the pixel at 0-based `rank` among all pixels sorted upwards. */
  #atRank(rank: number): number {
    let below = 0;
    for (let level = 0; level < this.#counts.length; level++) {
      below += this.#counts[level]!;
      if (below > rank) return level;
    }
    return 0;
  }
}
