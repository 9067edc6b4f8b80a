// What one image's features say: which wells they are nearest to, and on which side of two conditions they lie.
import type { EncoderPage } from "../../../src/schema/encoder-page.ts";

/** A well of the screen and how alike it is. */
export interface NearWell {
  readonly row: number;
  /** Cosine of the two rows of standardised features; 1 is the same direction, 0 unrelated. */
  readonly similarity: number;
}

/** The wells' features as they came from the encoder, `[n,f]`; of new memory. */
export function wellRows(page: EncoderPage, stored: Uint16Array): Float32Array {
  const { low, step, n } = page.wells;
  const width = page.features.n;
  if (stored.length !== n * width) throw new RangeError(`${stored.length} values are not [${n},${width}]`);
  return Float32Array.from(stored, (value, i) => low[i % width]! + step[i % width]! * value);
}

/** The `k` wells whose standardised features point most nearly the same way, best first. @param features `[f]`. @param rows `[n,f]`. */
export function nearestWells(page: EncoderPage, rows: Float32Array, features: Float32Array, k: number): NearWell[] {
  const { centre, spread, n: width } = page.features;
  const standard = (of: Float32Array, at: number) =>
    Float64Array.from({ length: width }, (_, j) => (spread[j]! > 0 ? (of[at + j]! - centre[j]!) / spread[j]! : 0));
  const own = standard(features, 0);
  const length = (v: Float64Array) => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
  const ownLength = length(own);
  const wells = Array.from({ length: page.wells.n }, (_, row): NearWell => {
    const other = standard(rows, row * width);
    const dot = other.reduce((sum, v, j) => sum + v * own[j]!, 0);
    const scale = ownLength * length(other);
    return { row, similarity: scale > 0 ? dot / scale : 0 };
  });
  return wells.sort((a, b) => b.similarity - a.similarity).slice(0, k);
}

/** Where an image lies between two conditions. */
export interface ConditionScore {
  /** Above 0 for the positive condition. */
  readonly score: number;
  /** Share of held-out images of each condition that score lower, 0 to 1; null where none were held out. */
  readonly aboveNegative: number | null;
  readonly abovePositive: number | null;
}

/** The condition score of an image; null where the page has none. @param features `[f]`. */
export function conditionScore({ axis }: EncoderPage, features: Float32Array): ConditionScore | null {
  if (!axis) return null;
  const score = axis.weights.reduce((sum, w, j) => sum + w * features[j]!, axis.bias);
  const { heldOut } = axis;
  return {
    score,
    aboveNegative: heldOut && shareBelow(heldOut.negative, score),
    abovePositive: heldOut && shareBelow(heldOut.positive, score),
  };
}

/** Where `score` lies among percentiles 0…100, interpolated between two of them. */
function shareBelow(percentiles: readonly number[], score: number): number {
  const above = percentiles.findIndex((value) => value >= score);
  if (above < 0) return 1;
  if (above === 0) return 0;
  const [low, high] = [percentiles[above - 1]!, percentiles[above]!];
  return (above - 1 + (score - low) / (high - low)) / (percentiles.length - 1);
}
