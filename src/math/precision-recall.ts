// Precision and recall of a generative model: how much of what it draws looks real, and how much of what is real it draws.
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

/** Where a set of rows lies: the union of balls around each, reaching to its k-th neighbour. */
export interface Manifold {
  /** Borrowed; must not change. */
  readonly rows: FeatureRows;
  /** `[d]`, subtracted before anything is multiplied, so that distances keep their digits. */
  readonly origin: Float64Array;
  /** Of each row less the origin, `[n]`. */
  readonly squaredNorms: Float64Array;
  /** Distance to the k-th nearest other row, `[n]`, squared. */
  readonly squaredRadii: Float64Array;
}

export interface ManifoldOptions {
  /** @default 3 */
  readonly k?: number;
  /** Must be the same for manifolds that are compared. @default the rows' mean */
  readonly origin?: Float64Array;
  /** What multiplies blocks; plain JavaScript when left out. */
  readonly products?: DotProducts;
}

/** Relative to the sizes involved: what rounding may add to a squared distance, so that a copy of a row is inside its ball of radius 0. */
const SLACK = 1e-12;

/**
 * Precision (share of generated rows inside the real manifold) and recall (share of real rows inside the generated one), 0–1.
 *
 * Both depend on n: compare values of equal n only. Work grows with n²·d, memory with n.
 * Source: Kynkäänniemi et al., Improved Precision and Recall Metric (NeurIPS 2019), eq. 1–2; k = 3 as there.
 * @throws GanDlError `feature-widths-differ`, `not-finite`, `too-few-rows` where a side has no more than k rows.
 * @example
 * ```ts
 * import { precisionRecall } from "gan-dl/math";
 * const rows = (...x: number[]) => ({ data: Float64Array.from(x), n: x.length, d: 1 });
 * const { precision, recall } = precisionRecall(rows(0, 1, 2, 3, 10, 11, 12, 13), rows(0.5, 1.5, 2.5, 2.6)); // one of two groups
 * console.assert(precision === 1 && recall === 0.5);
 * ```
 */
export function precisionRecall(
  real: FeatureRows,
  generated: FeatureRows,
  { k = 3, products = dotProducts }: Omit<ManifoldOptions, "origin"> = {},
): { precision: number; recall: number } {
  expectSameWidth(real, generated);
  const manifold = fitManifold(real, { k, products });
  return compareManifolds(manifold, fitManifold(generated, { k, products, origin: manifold.origin }), products);
}

/** The manifold of rows, for {@link compareManifolds}. @throws GanDlError `not-finite`, `too-few-rows`. */
export function fitManifold(
  rows: FeatureRows,
  { k = 3, origin = meanOf(rows), products = dotProducts }: ManifoldOptions = {},
): Manifold {
  const { n, d } = rows;
  if (n <= k) throw tooFewRows(`a manifold of ${k} neighbours`, n, k + 1);
  expectFiniteRows(rows, "a row of image features");
  const squaredNorms = normsOf(rows, origin);
  const nearest = new Float64Array(n * k).fill(Number.POSITIVE_INFINITY); // each row's k smallest, rising
  forEachBlock(n, (i, height) => {
    const block = blockOf(rows, i, height, origin);
    forEachBlock(
      n,
      (j, width) => {
        const other = i === j ? block : blockOf(rows, j, width, origin);
        const dots = products(block, height, other, width, d);
        for (let r = 0; r < height; r++)
          for (let c = i === j ? r + 1 : 0; c < width; c++) {
            const squared = Math.max(0, squaredNorms[i + r]! + squaredNorms[j + c]! - 2 * dots[r * width + c]!);
            insert(nearest, i + r, k, squared);
            insert(nearest, j + c, k, squared);
          }
      },
      i,
    );
  });
  const squaredRadii = Float64Array.from({ length: n }, (_, i) => nearest[i * k + k - 1]!);
  return { rows, origin, squaredNorms, squaredRadii };
}

/** {@link precisionRecall} of manifolds that were fitted before with the same origin. @throws GanDlError `feature-widths-differ`. */
export function compareManifolds(
  real: Manifold,
  generated: Manifold,
  products: DotProducts = dotProducts,
): { precision: number; recall: number } {
  expectSameWidth(real.rows, generated.rows);
  const realInside = new Uint8Array(real.rows.n);
  const generatedInside = new Uint8Array(generated.rows.n);
  forEachBlock(real.rows.n, (i, height) => {
    const block = blockOf(real.rows, i, height, real.origin);
    forEachBlock(generated.rows.n, (j, width) => {
      const other = blockOf(generated.rows, j, width, real.origin);
      const dots = products(block, height, other, width, real.rows.d);
      for (let r = 0; r < height; r++)
        for (let c = 0; c < width; c++) {
          const size = real.squaredNorms[i + r]! + generated.squaredNorms[j + c]!;
          const squared = size - 2 * dots[r * width + c]! - SLACK * size;
          if (squared <= real.squaredRadii[i + r]!) generatedInside[j + c] = 1;
          if (squared <= generated.squaredRadii[j + c]!) realInside[i + r] = 1;
        }
    });
  });
  const share = (inside: Uint8Array) => inside.reduce((sum, one) => sum + one, 0) / inside.length;
  return { precision: share(generatedInside), recall: share(realInside) };
}

function meanOf({ data, n, d }: FeatureRows): Float64Array {
  const mean = new Float64Array(d);
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) mean[j]! += data[i * d + j]! / n;
  return mean;
}

function normsOf({ data, n, d }: FeatureRows, origin: Float64Array): Float64Array {
  const norms = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) norms[i]! += (data[i * d + j]! - origin[j]!) ** 2;
  return norms;
}

/** Puts `value` into row's rising list of the k smallest, if it belongs there. */
function insert(nearest: Float64Array, row: number, k: number, value: number): void {
  let at = row * k + k - 1;
  if (!(value < nearest[at]!)) return;
  for (; at > row * k && nearest[at - 1]! > value; at--) nearest[at] = nearest[at - 1]!;
  nearest[at] = value;
}
