// The grey levels of one plane, sorted by counting: percentiles, moments, ranks and a coarse grid of levels come from the same counts.
import type { Pixels } from "../../data/index.ts";

/** Counts of grey levels of one plane at a time; {@link GreyLevels.read} replaces the last one. */
export class GreyLevels {
  readonly #counts = new Int32Array(65536);
  /** Pixels up to and with each grey level; valid between {@link min} and {@link max}. */
  readonly #below = new Int32Array(65536);
  readonly #table = new Float32Array(65536);
  #nPixels = 0;
  min = 0;
  max = 0;

  /** Counts the pixels of a plane; borrowed only during the call. */
  read(plane: Pixels): void {
    this.#counts.fill(0, this.min, this.max + 1);
    const counts = this.#counts;
    let min = 65535;
    let max = 0;
    for (let i = 0; i < plane.length; i++) {
      const v = plane[i]!;
      counts[v]!++;
      if (v < min) min = v;
      if (v > max) max = v;
    }
    let below = 0;
    for (let v = min; v <= max; v++) {
      below += counts[v]!;
      this.#below[v] = below;
    }
    this.min = min;
    this.max = max;
    this.#nPixels = plane.length;
  }

  /** The `percent`-th percentile, interpolated between neighbouring pixels as NumPy's default does. */
  percentile(percent: number): number {
    const rank = (percent / 100) * (this.#nPixels - 1);
    const low = this.#atRank(Math.floor(rank));
    return low + (rank - Math.floor(rank)) * (this.#atRank(Math.ceil(rank)) - low);
  }

  /** Mean, population standard deviation, skewness, excess kurtosis and Shannon entropy of the grey levels in bits; 0 where the plane is constant. */
  moments(): { mean: number; sd: number; skewness: number; kurtosis: number; entropy: number } {
    const n = this.#nPixels;
    const counts = this.#counts;
    let sum = 0;
    for (let v = this.min; v <= this.max; v++) sum += v * counts[v]!;
    const mean = sum / n;
    let second = 0;
    let third = 0;
    let fourth = 0;
    let entropy = 0;
    for (let v = this.min; v <= this.max; v++) {
      if (counts[v] === 0) continue;
      const share = counts[v]! / n;
      const square = (v - mean) * (v - mean);
      second += share * square;
      third += share * square * (v - mean);
      fourth += share * square * square;
      entropy -= share * Math.log2(share);
    }
    const sd = Math.sqrt(second);
    if (sd === 0) return { mean, sd, skewness: 0, kurtosis: 0, entropy: 0 };
    return { mean, sd, skewness: third / sd ** 3, kurtosis: fourth / second ** 2 - 3, entropy };
  }

  /**
   * Writes each pixel's rank, ties at their middle, centred to mean 0 and divided by the number of pixels.
   * @returns the ranks' population standard deviation.
   */
  ranks(plane: Pixels, out: Float32Array): number {
    const n = this.#nPixels;
    const table = this.#table;
    let squares = 0;
    for (let v = this.min; v <= this.max; v++) {
      const count = this.#counts[v]!;
      if (count === 0) continue;
      const rank = (this.#below[v]! - count / 2) / n - 0.5;
      table[v] = rank;
      squares += count * rank * rank;
    }
    for (let i = 0; i < plane.length; i++) out[i] = table[plane[i]!]!;
    return Math.sqrt(squares / n);
  }

  /** Writes each pixel as one of `nLevels` equal steps between two grey levels, clamped; all 0 where they are equal. */
  quantise(plane: Pixels, [low, high]: readonly [number, number], nLevels: number, out: Uint8Array): void {
    const table = this.#table;
    const counts = this.#counts;
    const scale = high > low ? nLevels / (high - low) : 0;
    for (let v = this.min; v <= this.max; v++) {
      if (counts[v] !== 0) table[v] = Math.min(nLevels - 1, Math.max(0, Math.floor((v - low) * scale)));
    }
    for (let i = 0; i < plane.length; i++) out[i] = table[plane[i]!]!;
  }

  /** The grey level of the pixel at `rank` of the sorted plane, by bisection. */
  #atRank(rank: number): number {
    let [low, high] = [this.min, this.max];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#below[middle]! > rank) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
