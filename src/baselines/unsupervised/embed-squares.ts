// One row of features an image by a network that sees squares: cut, run, averaged, as `gandl embed` does.
import { setImmediate as breathe } from "node:timers/promises";
import { type Dataset, siteBatches } from "../../data/index.ts";
import { aggregateTiles, ImageCutter, matchChannels } from "../../embed/index.ts";
import { fromArray, noGrad, type Tensor, TensorScope } from "../../tensor/index.ts";
import type { BaselineEvent } from "../define-baseline.ts";

/** Squares that the network is given at a time: enough to fill it, little memory. */
const SQUARES_PER_RUN = 64;

/** `[n,c,r,r]` → `[n,f]`, an image's row not depending on the others. */
export type SquareEncoder = (images: Tensor) => Tensor;

/**
 * Runs `encode` over every image of the data set: its middle square where that nearly covers it, else the fewest squares that cover it,
 * whose rows are averaged. @returns `[sites,f]`. @throws GanDlError `images-too-small`; the signal's reason.
 */
export async function* embedSquares(
  { dataset, signal }: { readonly dataset: Dataset; readonly signal: AbortSignal },
  resolutionPx: number,
  encode: SquareEncoder,
): AsyncGenerator<BaselineEvent, Float32Array> {
  const { manifest, sites } = dataset;
  const sources = matchChannels(manifest.channels, manifest.channels);
  const cutter = new ImageCutter({ manifest, sources, tilePx: resolutionPx, resizeFactor: 1, input: "stored" });
  const nImages = Math.max(1, Math.floor(SQUARES_PER_RUN / cutter.nTilesPerImage));
  let features: Float32Array | null = null;
  for await (const batch of siteBatches(dataset, nImages)) {
    signal.throwIfAborted();
    const n = batch.shape[0];
    const shape = [n * cutter.nTilesPerImage, sources.length, resolutionPx, resolutionPx];
    const rows = aggregateTiles(rowsOf(cutter.cut(batch), shape, encode), n, cutter.nTilesPerImage, "mean");
    features ??= new Float32Array((rows.length / n) * sites.length);
    features.set(rows, (rows.length / n) * batch.start);
    const done = batch.start + n;
    yield {
      kind: "progress",
      stage: "embedding",
      done,
      total: sites.length,
      detail: `${done} / ${sites.length} images`,
    };
    await breathe();
  }
  return features ?? new Float32Array();
}

function rowsOf(squares: Float32Array, shape: readonly number[], encode: SquareEncoder): Float32Array {
  using _scope = new TensorScope();
  return noGrad(() => encode(fromArray(squares, shape)).toFloat32Array());
}

/** `feature_0`, `feature_1`, … */
export const numberedFeatures = (n: number): string[] => Array.from({ length: n }, (_, i) => `feature_${i}`);
