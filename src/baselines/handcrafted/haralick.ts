// Texture by grey-level co-occurrence (Haralick, Shanmugam, Dinstein 1973): how often two levels stand at a distance from each other.
import { PAIR_TABLES, type PlaneKernels, planeKernels } from "./plane-kernels.ts";

/** Grey levels of a co-occurrence table: what few hundred pixels can still fill. */
export const TEXTURE_LEVELS = 16;
/** Directions, as Haralick has them: 0°, 45°, 90°, 135°. */
const DIRECTIONS = [
  [1, 0],
  [1, -1],
  [0, 1],
  [1, 1],
] as const;

// Working memory, used within one call.
const marginal = new Float64Array(TEXTURE_LEVELS);
const sums = new Float64Array(2 * TEXTURE_LEVELS - 1);
const differences = new Float64Array(TEXTURE_LEVELS);

/** Haralick's first thirteen, in his order. */
export const HARALICK_NAMES = [
  "AngularSecondMoment",
  "Contrast",
  "Correlation",
  "Variance",
  "InverseDifferenceMoment",
  "SumAverage",
  "SumVariance",
  "SumEntropy",
  "Entropy",
  "DifferenceVariance",
  "DifferenceEntropy",
  "InfoMeas1",
  "InfoMeas2",
] as const;

const TABLE_SIZE = TEXTURE_LEVELS * TEXTURE_LEVELS;
/** Pixels that are counted at a time. */
const AT_ONCE = 8;

/** Co-occurrence tables of pictures of one size; it holds one picture at a time. */
export class Cooccurrence {
  /** The picture `[height,width]`, each level below {@link TEXTURE_LEVELS}: write it here. */
  readonly levels: Uint8Array;
  readonly #width: number;
  readonly #kernels: PlaneKernels;
  readonly #counts: Int32Array;
  readonly #table = new Int32Array(TABLE_SIZE);

  constructor(height: number, width: number) {
    const nCounts = PAIR_TABLES * TABLE_SIZE;
    const { buffer, starts, kernels } = planeKernels([nCounts * Int32Array.BYTES_PER_ELEMENT, height * width]);
    this.#width = width;
    this.#kernels = kernels;
    this.#counts = new Int32Array(buffer, starts[0], nCounts);
    this.levels = new Uint8Array(buffer, starts[1], height * width);
  }

  /**
   * Counts pairs of levels that stand `(dx, dy)` from each other, both ways round, so that the table is symmetric.
   * @param dx not negative. @returns `[16,16]`, replaced by the next call; its sum is twice the number of pairs.
   */
  count(dx: number, dy: number): Int32Array {
    const [counts, levels, width] = [this.#counts, this.levels, this.#width];
    const height = levels.length / width;
    const offset = dy * width + dx;
    counts.fill(0);
    const pairs = Math.max(0, width - dx);
    const whole = pairs - (pairs % AT_ONCE);
    for (let y = Math.max(0, -dy); y < height - Math.max(0, dy); y++) {
      const row = y * width;
      const start = levels.byteOffset + row;
      if (whole > 0) this.#kernels.countPairs(start, start + offset, start + whole, counts.byteOffset);
      for (let i = row + whole; i < row + pairs; i++) counts[(levels[i]! << 4) | levels[i + offset]!]!++;
    }
    return this.#bothWays();
  }

  /** The tables that took turns, added to each other and to their own mirror. */
  #bothWays(): Int32Array {
    const [counts, table, n] = [this.#counts, this.#table, TEXTURE_LEVELS];
    for (let a = 0; a < n; a++) {
      for (let b = a; b < n; b++) {
        let both = 0;
        for (let of = 0; of < counts.length; of += TABLE_SIZE)
          both += counts[of + a * n + b]! + counts[of + b * n + a]!;
        table[a * n + b] = both;
        table[b * n + a] = both;
      }
    }
    return table;
  }
}

/**
 * The thirteen figures of a symmetric co-occurrence table; levels count from 0, entropies are in bits. The difference variance is the
 * variance of |i − j|, and the sum variance is about the sum average (the paper has the sum entropy there, a misprint). A constant
 * picture has correlation 1 and both information measures 0.
 * @param table `[16,16]`, symmetric, not empty; borrowed. @returns in the order of {@link HARALICK_NAMES}; new memory.
 */
export function haralickFeatures(table: Int32Array): Float64Array {
  const n = TEXTURE_LEVELS;
  let total = 0;
  for (let i = 0; i < n * n; i++) total += table[i]!;
  marginal.fill(0);
  sums.fill(0);
  differences.fill(0);
  let squares = 0;
  let inverse = 0;
  let product = 0;
  let entropy = 0;
  for (let a = 0; a < n; a++) {
    for (let b = a; b < n; b++) {
      const count = table[a * n + b]!;
      if (count === 0) continue;
      const p = count / total;
      const both = a === b ? p : 2 * p; // (a, b) and (b, a)
      marginal[a]! += p;
      if (a !== b) marginal[b]! += p;
      sums[a + b]! += both;
      differences[b - a]! += both;
      squares += both * p;
      inverse += both / (1 + (a - b) * (a - b));
      product += a * b * both;
      entropy -= both * Math.log2(p);
    }
  }
  const own = spread(marginal);
  const sum = spread(sums);
  const difference = spread(differences);
  const correlation = own.variance > 0 ? (product - own.mean * own.mean) / own.variance : 1;
  // Both marginals are the same, so that Haralick's HXY1 and HXY2 are twice its entropy.
  const shared = Math.max(0, 2 * own.entropy - entropy); // mutual information
  const info1 = own.entropy > 0 ? -shared / own.entropy : 0;
  const info2 = Math.sqrt(1 - Math.exp(-2 * Math.LN2 * shared));
  const contrast = difference.variance + difference.mean ** 2;
  return Float64Array.of(
    ...[squares, contrast, correlation, own.variance, inverse, sum.mean, sum.variance, sum.entropy, entropy],
    ...[difference.variance, difference.entropy, info1, info2],
  );
}

function spread(p: Float64Array): { mean: number; variance: number; entropy: number } {
  let [mean, square, entropy] = [0, 0, 0];
  for (let i = 0; i < p.length; i++) {
    const share = p[i]!;
    if (share === 0) continue;
    mean += i * share;
    square += i * i * share;
    entropy -= share * Math.log2(share);
  }
  return { mean, variance: Math.max(0, square - mean * mean), entropy };
}

/**
 * Haralick's figures at one distance as he advises to use them: mean and range over the four directions, which do not depend on how
 * the picture is turned.
 * @param picture whose levels are set. @param distance below both sides. @param out gets 13 means, then 13 ranges.
 */
export function textureAt(picture: Cooccurrence, distance: number, out: Float32Array): void {
  const each = DIRECTIONS.map(([dx, dy]) => haralickFeatures(picture.count(dx * distance, dy * distance)));
  for (let k = 0; k < HARALICK_NAMES.length; k++) {
    let [sum, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const features of each) {
      const value = features[k]!;
      sum += value;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    out[k] = sum / each.length;
    out[HARALICK_NAMES.length + k] = high - low;
  }
}
