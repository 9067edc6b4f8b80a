// The kernel distance (KID): unlike the Fréchet distance it assumes no Gaussian and is not biased by the number of images.
import { SeededRandom } from "../core/seeded-random.ts";
import {
  blockOf,
  type DotProducts,
  dotProducts,
  expectFiniteRows,
  expectSameWidth,
  type FeatureRows,
  forEachBlock,
} from "./dot-products.ts";
import { tooFewRows } from "./errors.ts";
import { mean, standardDeviation } from "./statistics.ts";

export interface KernelDistanceOptions {
  /** Rows of each side in one subset; at most half of the smaller side, so that subsets differ. @default 1000 */
  readonly subsetSize?: number;
  /** @default 100 */
  readonly nSubsets?: number;
  /** Chooses the subsets; equal seeds give equal values. */
  readonly seed: number;
  /** What multiplies blocks; plain JavaScript when left out. */
  readonly products?: DotProducts;
}

export interface KernelDistance {
  /** Mean over subsets; near 0, and as often below it as above, where both sides are drawn alike. */
  readonly value: number;
  /** How far `value` would move with other images: the spread over subsets, scaled to all rows; too wide where both sides are alike. */
  readonly standardError: number;
  readonly subsetSize: number;
  readonly nSubsets: number;
}

/**
 * The mean over random subsets of {@link squaredMmd}.
 *
 * Source: Bińkowski et al., Demystifying MMD GANs (ICLR 2018), §4, with subsets as the StyleGAN2-ADA repository draws them (100
 * of 1000). Work grows with nSubsets · subsetSize² · d and not with n.
 * @throws GanDlError `feature-widths-differ`, `not-finite`, `too-few-rows` below four rows.
 * @example
 * ```ts
 * import { SeededRandom } from "gan-dl/core";
 * import { kernelDistance } from "gan-dl/math";
 * const random = new SeededRandom(1);
 * const cloud = (shift: number) => ({ data: Float64Array.from({ length: 400 }, () => random.normal() + shift), n: 200, d: 2 });
 * const { value, standardError } = kernelDistance(cloud(0), cloud(1), { seed: 1 });
 * console.assert(value > 3 * standardError);
 * ```
 */
export function kernelDistance(
  a: FeatureRows,
  b: FeatureRows,
  { subsetSize = 1000, nSubsets = 100, seed, products = dotProducts }: KernelDistanceOptions,
): KernelDistance {
  expectSameWidth(a, b);
  const smaller = Math.min(a.n, b.n);
  const size = Math.min(subsetSize, Math.floor(smaller / 2));
  if (size < 2) throw tooFewRows("a kernel distance", smaller, 4);
  expectFiniteRows(a, "a row of image features");
  expectFiniteRows(b, "a row of image features");
  const random = SeededRandom.forPart(seed, "kernel distance");
  const [orderA, orderB] = [
    Int32Array.from({ length: a.n }, (_, i) => i),
    Int32Array.from({ length: b.n }, (_, i) => i),
  ];
  const values = Array.from({ length: nSubsets }, () =>
    squaredMmd(subset(a, orderA, size, random), subset(b, orderB, size, random), products),
  );
  // Subsets come from the same rows, so their spread is too narrow by √(1 − size/n), and averaging many cannot beat all n rows.
  const share = size / smaller;
  const spread = nSubsets > 1 ? standardDeviation(values) / Math.sqrt(1 - share) : Number.NaN;
  const standardError = spread * Math.sqrt(Math.max(share, 1 / nSubsets));
  return { value: mean(values), standardError, subsetSize: size, nSubsets };
}

/**
 * The unbiased estimate of the squared maximum mean discrepancy with the kernel (x·y/d + 1)³, over all rows of both sides.
 *
 * Source: Gretton et al., A Kernel Two-Sample Test (JMLR 2012), eq. 3. @throws GanDlError `feature-widths-differ`, `too-few-rows`.
 */
export function squaredMmd(a: FeatureRows, b: FeatureRows, products: DotProducts = dotProducts): number {
  expectSameWidth(a, b);
  const smaller = Math.min(a.n, b.n);
  if (smaller < 2) throw tooFewRows("an unbiased kernel distance", smaller, 2);
  const within = (x: FeatureRows) => kernelSumWithin(x, products) / (x.n * (x.n - 1));
  return within(a) + within(b) - (2 * kernelSumBetween(a, b, products)) / (a.n * b.n);
}

/** Sum of k(xᵢ, yⱼ) over all pairs. */
function kernelSumBetween(x: FeatureRows, y: FeatureRows, products: DotProducts): number {
  let total = 0;
  forEachBlock(x.n, (i, height) => {
    const rows = blockOf(x, i, height);
    forEachBlock(y.n, (j, width) => {
      total += kernelSum(products(rows, height, blockOf(y, j, width), width, x.d), x.d);
    });
  });
  return total;
}

/** Sum of k(xᵢ, xⱼ) over all i ≠ j. */
function kernelSumWithin(x: FeatureRows, products: DotProducts): number {
  let total = 0;
  forEachBlock(x.n, (i, height) => {
    const rows = blockOf(x, i, height);
    const own = products(rows, height, rows, height, x.d);
    total += kernelSum(own, x.d);
    for (let r = 0; r < height; r++) total -= (own[r * height + r]! / x.d + 1) ** 3;
    forEachBlock(
      x.n,
      (j, width) => {
        total += 2 * kernelSum(products(rows, height, blockOf(x, j, width), width, x.d), x.d);
      },
      i + height,
    );
  });
  return total;
}

function kernelSum(products: Float64Array, d: number): number {
  let sum = 0;
  for (let i = 0; i < products.length; i++) {
    const value = products[i]! / d + 1;
    sum += value * value * value;
  }
  return sum;
}

/** `size` rows without replacement; `order` is shuffled as far as needed. */
function subset({ data, d }: FeatureRows, order: Int32Array, size: number, random: SeededRandom): FeatureRows {
  const out = new Float64Array(size * d);
  for (let i = 0; i < size; i++) {
    const j = i + random.integer(order.length - i);
    const chosen = order[j]!;
    order[j] = order[i]!;
    order[i] = chosen;
    out.set(data.subarray(chosen * d, (chosen + 1) * d), i * d);
  }
  return { data: out, n: size, d };
}
