// The grey levels of one plane, sorted by counting: percentiles, moments, ranks and a coarse grid of levels come from the same counts.
import type { Pixels } from "../../data/index.ts";

const N_LEVELS = 65536;

/** Counts of the grey levels of one plane at a time; {@link GreyLevels.read} replaces the last one. */
export class GreyLevels {
  readonly #counts = new Int32Array(N_LEVELS);
  /** Every other pixel is counted here: neighbours are alike, and adding to one counter twice in a row waits for memory. */
  readonly #others = new Int32Array(N_LEVELS);
  /** The grey levels that occur, rising; of 16-bit planes few do, and only they are looked at again. */
  readonly #levels = new Int32Array(N_LEVELS);
  /** Pixels up to and with each of them. */
  readonly #below = new Int32Array(N_LEVELS);
  /** One value a grey level, for mapping pixels. */
  readonly #ranks = new Float32Array(N_LEVELS);
  readonly #steps = new Uint8Array(N_LEVELS);
  #nLevels = 0;
  #nPixels = 0;

  /** The darkest grey level. */
  get min(): number {
    return this.#levels[0]!;
  }

  /** Counts the pixels of a plane; borrowed only during the call. */
  read(plane: Pixels): void {
    const counts = this.#counts;
    const levels = this.#levels;
    const others = this.#others;
    for (let k = 0; k < this.#nLevels; k++) counts[levels[k]!] = 0;
    let bits = 0; // no level above these occurs
    const even = plane.length - (plane.length % 2);
    for (let i = 0; i < even; i += 2) {
      const [v, w] = [plane[i]!, plane[i + 1]!];
      counts[v]!++;
      others[w]!++;
      bits |= v | w;
    }
    for (let i = even; i < plane.length; i++) {
      counts[plane[i]!]!++;
      bits |= plane[i]!;
    }
    let n = 0;
    for (let v = 0; v <= bits; v++) {
      counts[v]! += others[v]!;
      others[v] = 0;
      if (counts[v] !== 0) levels[n++] = v;
    }
    let below = 0;
    for (let k = 0; k < n; k++) {
      below += counts[levels[k]!]!;
      this.#below[k] = below;
    }
    this.#nLevels = n;
    this.#nPixels = plane.length;
  }

  /** The `percent`-th percentile, interpolated between neighbouring pixels as NumPy's default does. */
  percentile(percent: number): number {
    const rank = (percent / 100) * (this.#nPixels - 1);
    const low = this.#atRank(Math.floor(rank));
    return low + (rank - Math.floor(rank)) * (this.#atRank(Math.ceil(rank)) - low);
  }

  /**
   * Mean, population standard deviation, skewness, excess kurtosis and Shannon entropy of the grey levels in bits; all but the mean
   * are 0 for a constant plane.
   */
  moments(): { mean: number; sd: number; skewness: number; kurtosis: number; entropy: number } {
    const n = this.#nPixels;
    let sum = 0;
    for (let k = 0; k < this.#nLevels; k++) sum += this.#levels[k]! * this.#counts[this.#levels[k]!]!;
    const mean = sum / n;
    let second = 0;
    let third = 0;
    let fourth = 0;
    let entropy = 0;
    for (let k = 0; k < this.#nLevels; k++) {
      const share = this.#counts[this.#levels[k]!]! / n;
      const distance = this.#levels[k]! - mean;
      const square = distance * distance;
      second += share * square;
      third += share * square * distance;
      fourth += share * square * square;
      entropy -= share * Math.log2(share);
    }
    const sd = Math.sqrt(second);
    if (this.#nLevels === 1) return { mean, sd: 0, skewness: 0, kurtosis: 0, entropy: 0 };
    return { mean, sd, skewness: third / sd ** 3, kurtosis: fourth / second ** 2 - 3, entropy };
  }

  /**
   * Writes each pixel's rank, ties at their middle, centred to mean 0 and divided by the number of pixels.
   * @returns the ranks' population standard deviation.
   */
  ranks(plane: Pixels, out: Float32Array): number {
    const n = this.#nPixels;
    const table = this.#ranks;
    let squares = 0;
    for (let k = 0; k < this.#nLevels; k++) {
      const count = this.#counts[this.#levels[k]!]!;
      const rank = (this.#below[k]! - count / 2) / n - 0.5;
      table[this.#levels[k]!] = rank;
      squares += count * rank * rank;
    }
    for (let i = 0; i < plane.length; i++) out[i] = table[plane[i]!]!;
    return Math.sqrt(squares / n);
  }

  /** Writes each pixel as one of `nLevels` equal steps between two grey levels, clamped; all 0 where they are equal. */
  quantise(plane: Pixels, [low, high]: readonly [number, number], nLevels: number, out: Uint8Array): void {
    const table = this.#steps;
    const scale = high > low ? nLevels / (high - low) : 0;
    for (let k = 0; k < this.#nLevels; k++) {
      const level = this.#levels[k]!;
      table[level] = Math.min(nLevels - 1, Math.max(0, Math.floor((level - low) * scale)));
    }
    for (let i = 0; i < plane.length; i++) out[i] = table[plane[i]!]!;
  }

  /** The grey level of the pixel at `rank` of the sorted plane, by bisection. */
  #atRank(rank: number): number {
    let low = 0;
    let high = this.#nLevels - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#below[middle]! > rank) high = middle;
      else low = middle + 1;
    }
    return this.#levels[low]!;
  }
}
