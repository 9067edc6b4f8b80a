// Mean and covariance of rows that come in batches and are not kept.
import { type DotProducts, dotProducts, type FeatureRows, forEachBlock } from "./dot-products.ts";
import { featureWidthsDiffer, notFinite, tooFewRows } from "./errors.ts";

/** What a Gaussian is known by. */
export interface Moments {
  /** Rows that it was computed from. */
  readonly n: number;
  readonly d: number;
  /** `[d]` */
  readonly mean: Float64Array;
  /** Row-major `[d,d]`, both triangles, with n − 1 below. */
  readonly covariance: Float64Array;
}

/** Rows gathered before the sums are touched: the result then does not depend on how rows were cut into batches. */
const GATHERED_ROWS = 256;

/**
 * Mean and covariance of any number of rows in memory that does not grow with them: 8·d² bytes, 34 MB at d = 2048.
 *
 * Source: Chan, Golub & LeVeque, Updating Formulae (1979): blocks are centred on their own means and joined, so that a large
 * common offset costs no digits. Work grows with n·d².
 * @example
 * ```ts
 * import { RunningMoments } from "gan-dl/math";
 * const running = new RunningMoments(2);
 * running.add({ data: Float32Array.of(1, 0, 3, 0), n: 2, d: 2 });
 * running.add({ data: Float32Array.of(5, 0), n: 1, d: 2 });
 * const { mean, covariance } = running.moments();
 * console.assert(mean[0] === 3 && covariance[0] === 4 && covariance[3] === 0);
 * ```
 */
export class RunningMoments {
  readonly d: number;
  readonly #products: DotProducts;
  readonly #mean: Float64Array;
  /** Sums of products around the mean; upper triangle. */
  readonly #scatter: Float64Array;
  readonly #gathered: Float64Array;
  #nGathered = 0;
  #n = 0;

  /** @param products what multiplies blocks; plain JavaScript when left out. */
  constructor(d: number, products: DotProducts = dotProducts) {
    this.d = d;
    this.#products = products;
    this.#mean = new Float64Array(d);
    this.#scatter = new Float64Array(d * d);
    this.#gathered = new Float64Array(GATHERED_ROWS * d);
  }

  /** Rows added so far. */
  get n(): number {
    return this.#n + this.#nGathered;
  }

  /** @param rows borrowed. @throws GanDlError `feature-widths-differ`, `not-finite`. */
  add(rows: FeatureRows): void {
    const { d } = this;
    if (rows.d !== d) throw featureWidthsDiffer(d, rows.d);
    for (let i = 0; i < rows.n; i++) {
      const at = this.#nGathered * d;
      for (let j = 0; j < d; j++) {
        const value = rows.data[i * d + j]!;
        if (!Number.isFinite(value)) throw notFinite("a row of image features", this.n, j);
        this.#gathered[at + j] = value;
      }
      if (++this.#nGathered === GATHERED_ROWS) this.#join();
    }
  }

  /** @returns new arrays. @throws GanDlError `too-few-rows` below two. */
  moments(): Moments {
    this.#join();
    if (this.#n < 2) throw tooFewRows("a covariance", this.#n, 2);
    const { d } = this;
    const covariance = new Float64Array(d * d);
    for (let i = 0; i < d; i++)
      for (let j = i; j < d; j++)
        covariance[i * d + j] = covariance[j * d + i] = this.#scatter[i * d + j]! / (this.#n - 1);
    return { n: this.#n, d, mean: this.#mean.slice(), covariance };
  }

  #join(): void {
    const rows = this.#nGathered;
    if (rows === 0) return;
    const { mean, columns } = centredColumns(this.#gathered, rows, this.d);
    this.#addScatter(columns, rows);
    const weight = (this.#n * rows) / (this.#n + rows);
    const shift = mean.map((value, j) => value - this.#mean[j]!);
    for (let i = 0; i < this.d; i++) {
      const factor = weight * shift[i]!;
      if (factor === 0) continue;
      for (let j = i; j < this.d; j++) this.#scatter[i * this.d + j]! += factor * shift[j]!;
    }
    this.#n += rows;
    for (let j = 0; j < this.d; j++) this.#mean[j]! += (shift[j]! * rows) / this.#n;
    this.#nGathered = 0;
  }

  /** Adds the products of every two columns. @param columns `[d,rows]` */
  #addScatter(columns: Float64Array, rows: number): void {
    const { d } = this;
    const part = (start: number, count: number) => columns.subarray(start * rows, (start + count) * rows);
    forEachBlock(d, (i, height) => {
      forEachBlock(
        d,
        (j, width) => {
          const products = this.#products(part(i, height), height, part(j, width), width, rows);
          for (let r = 0; r < height; r++)
            for (let c = 0; c < width; c++) this.#scatter[(i + r) * d + j + c]! += products[r * width + c]!;
        },
        i,
      );
    });
  }
}

/** The columns of the first `rows` rows, less their means: `[d,rows]`. */
function centredColumns(x: Float64Array, rows: number, d: number): { mean: Float64Array; columns: Float64Array } {
  const mean = new Float64Array(d);
  for (let i = 0; i < rows; i++) for (let j = 0; j < d; j++) mean[j]! += x[i * d + j]! / rows;
  const columns = new Float64Array(d * rows);
  for (let i = 0; i < rows; i++) for (let j = 0; j < d; j++) columns[j * rows + i] = x[i * d + j]! - mean[j]!;
  return { mean, columns };
}

/** {@link RunningMoments} of rows that are all there. @throws GanDlError `not-finite`, `too-few-rows`. */
export function momentsOf(rows: FeatureRows, products?: DotProducts): Moments {
  const running = new RunningMoments(rows.d, products);
  running.add(rows);
  return running.moments();
}
