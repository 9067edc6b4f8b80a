// The Fréchet distance between two Gaussians: the FID's formula, on any features.
import { type DotProducts, dotProducts, expectSameWidth, forEachBlock } from "./dot-products.ts";
import type { Moments } from "./running-moments.ts";
import { symmetricEigen, symmetricEigenvalues } from "./symmetric-eigen.ts";

/**
 * ‖μ₁ − μ₂‖² + Tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½), the squared Fréchet (Wasserstein-2) distance between Gaussians of these moments.
 *
 * Tr (Σ₁Σ₂)^½ is taken as the sum of the square roots of the eigenvalues of Σ₁^½ Σ₂ Σ₁^½, which is symmetric, so singular
 * covariances (fewer rows than features, constant features) need no added diagonal. It is biased upwards by about 1/n: compare
 * values of equal n only. Costs two symmetric eigenproblems of side d.
 *
 * Source: Heusel et al., GANs Trained by a Two Time-Scale Update Rule (NeurIPS 2017), eq. 6; Dowson & Landau (1982).
 * @returns at least 0. @throws GanDlError `feature-widths-differ`.
 * @example
 * ```ts
 * import { frechetDistance } from "gan-dl/math";
 * const a = { n: 100, d: 2, mean: Float64Array.of(0, 0), covariance: Float64Array.of(1, 0, 0, 4) };
 * const b = { n: 100, d: 2, mean: Float64Array.of(1, 2), covariance: Float64Array.of(9, 0, 0, 16) };
 * console.assert(Math.abs(frechetDistance(a, b) - 13) < 1e-12); // 1² + 2² + (1 − 3)² + (2 − 4)²
 * ```
 */
export function frechetDistance(a: Moments, b: Moments, products: DotProducts = dotProducts): number {
  expectSameWidth(a, b);
  const { d } = a;
  let between = 0;
  let spread = 0;
  for (let i = 0; i < d; i++) {
    between += (a.mean[i]! - b.mean[i]!) ** 2;
    spread += a.covariance[i * d + i]! + b.covariance[i * d + i]!;
  }
  const { root, rank } = squareRoot(a.covariance, d);
  const half = multiply(root, rank, b.covariance, d, d, products); // Σ₂ is symmetric, so its rows are its columns
  const inner = multiply(half, rank, root, rank, d, products);
  const overlap = positive(symmetricEigenvalues(inner, rank)).reduce((sum, v) => sum + Math.sqrt(v), 0);
  return Math.max(0, between + spread - 2 * overlap);
}

/** Those of falling eigenvalues that are more than round-off, whose square roots would be eight digits larger than it. */
function positive(values: Float64Array): Float64Array {
  const floor = values.length * Number.EPSILON * (values[0] ?? 0);
  return values.filter((v) => v > floor);
}

/** R `[rank,d]` with RᵀR = Σ: the square root in its own eigenvectors, without its null space. */
function squareRoot(covariance: Float64Array, d: number): { root: Float64Array; rank: number } {
  const { values, vectors } = symmetricEigen(covariance, d);
  const kept = positive(values);
  const root = vectors.slice(0, kept.length * d);
  kept.forEach((value, i) => {
    for (let j = 0; j < d; j++) root[i * d + j]! *= Math.sqrt(value);
  });
  return { root, rank: kept.length };
}

/** a `[nA,d]` times the transpose of b `[nB,d]`, block by block. */
function multiply(
  a: Float64Array,
  nA: number,
  b: Float64Array,
  nB: number,
  d: number,
  products: DotProducts,
): Float64Array {
  const out = new Float64Array(nA * nB);
  forEachBlock(nA, (i, height) => {
    const rows = a.subarray(i * d, (i + height) * d);
    forEachBlock(nB, (j, width) => {
      const part = products(rows, height, b.subarray(j * d, (j + width) * d), width, d);
      for (let r = 0; r < height; r++) out.set(part.subarray(r * width, (r + 1) * width), (i + r) * nB + j);
    });
  });
  return out;
}
