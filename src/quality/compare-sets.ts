// Two sets of features against each other: every figure that needs no latent.
import {
  compareManifolds,
  type DotProducts,
  type FeatureRows,
  fitManifold,
  frechetDistance,
  kernelDistance,
  type Manifold,
  type Moments,
  momentsOf,
} from "../math/index.ts";
import type { SetScores } from "../schema/index.ts";

/** Rows with what the metrics need of one side alone, so that it is worked out once. */
export interface FeatureSet {
  readonly rows: FeatureRows;
  readonly moments: Moments;
  readonly manifold: Manifold;
}

/** How sets are compared; must be the same for figures that are set beside each other. */
export interface Comparison {
  readonly products: DotProducts;
  /** Chooses the kernel distance's subsets. */
  readonly seed: number;
  readonly subsetSize: number;
  readonly nSubsets: number;
}

/** @param origin the real side's, for sets that are to be compared with it. */
export function featureSet(rows: FeatureRows, products: DotProducts, origin?: Float64Array): FeatureSet {
  const manifold = fitManifold(rows, { products, ...(origin ? { origin } : {}) });
  return { rows, moments: momentsOf(rows, products), manifold };
}

/** The first `n` rows, a view. */
export const firstRows = ({ data, d }: FeatureRows, n: number): FeatureRows => ({
  data: data.subarray(0, n * d),
  n,
  d,
});

export function compareSets(real: FeatureSet, other: FeatureSet, how: Comparison): SetScores {
  const { seed, subsetSize, nSubsets, products } = how;
  const kernel = kernelDistance(real.rows, other.rows, { seed, subsetSize, nSubsets, products });
  const { standardError } = kernel;
  return {
    nReal: real.rows.n,
    nOther: other.rows.n,
    frechetDistance: frechetDistance(real.moments, other.moments, products),
    kernelDistance: { ...kernel, standardError: Number.isFinite(standardError) ? standardError : null },
    ...compareManifolds(real.manifold, other.manifold, products),
  };
}
