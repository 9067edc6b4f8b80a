// All images of a data set once, in order: what embedding and baselines read.
import type { Site } from "../schema/dataset.ts";
import type { Dataset, ImageBatch } from "./open-dataset.ts";
import { allocatePixels, valuesPerImage } from "./shards.ts";

/** Some consecutive images and their rows. */
export interface SiteBatch extends ImageBatch {
  /** Position of the first. */
  readonly start: number;
  readonly sites: readonly Site[];
}

/**
 * Yields every image of `dataset` in order, `batchSize` at a time (the last batch may be smaller), reading one batch ahead.
 *
 * A batch's pixels are borrowed: they are valid until the next batch is asked for, so memory stays at two batches.
 * @throws GanDlError `damaged-dataset`.
 * @example
 * ```ts no-run
 * for await (const { data, shape, sites } of siteBatches(dataset, 64)) embed(data, shape, sites);
 * ```
 */
export async function* siteBatches(dataset: Dataset, batchSize: number): AsyncGenerator<SiteBatch> {
  if (!Number.isInteger(batchSize) || batchSize < 1) throw new RangeError(`a batch of ${batchSize} images`);
  const { shape, nImages } = dataset.shards;
  const values = Math.min(batchSize, nImages) * valuesPerImage(shape);
  const buffers = [allocatePixels(shape.dtype, values), allocatePixels(shape.dtype, values)];
  const read = (start: number, turn: number) => {
    const n = Math.min(batchSize, nImages - start);
    const batch = dataset.readImages(
      Array.from({ length: n }, (_, i) => start + i),
      buffers[turn % 2]!,
    );
    batch.catch(() => {}); // reported when awaited
    return batch;
  };
  let ahead = nImages > 0 ? read(0, 0) : null;
  try {
    for (let start = 0, turn = 1; ahead !== null; start += batchSize, turn++) {
      const batch: ImageBatch = await ahead;
      const next = start + batchSize;
      ahead = next < nImages ? read(next, turn) : null;
      yield { ...batch, start, sites: dataset.sites.slice(start, start + batch.shape[0]) };
    }
  } finally {
    await ahead?.catch(() => {}); // no read may outlive the loop: the data set may be closed next
  }
}
