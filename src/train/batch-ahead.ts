// The next batch, drawn while a card still works on this one.
import type { BatchSampler, BatchSamplerState, ImageBatch } from "../data/index.ts";
import type { Labels } from "./labels.ts";

/** A batch with the class of each of its images, where there are classes. */
export interface LabelledBatch {
  readonly batch: ImageBatch;
  readonly classes: Int32Array | null;
}

/** The class of each image of a batch. */
export const classesOf = ({ positions }: ImageBatch, labels: Labels | null): Int32Array | null =>
  labels && (positions ?? new Int32Array()).map((site) => labels.ofSite[site] ?? 0);

/**
 * Hands out a sampler's batches, each of them drawn when it is asked for or, with {@link BatchAhead.draw}, before.
 * @example
 * ```ts no-run
 * const ahead = new BatchAhead(sampler, labels);
 * const { batch, classes } = ahead.take();
 * gan.trainStep(batch, classes, () => ahead.draw()); // the sampler has one place in memory: only when the batch has been read
 * ```
 */
export class BatchAhead {
  readonly #sampler: BatchSampler;
  readonly #labels: Labels | null;
  #drawn: LabelledBatch | null = null;
  #state: BatchSamplerState;

  /** @param sampler borrowed; nothing else may draw from it. */
  constructor(sampler: BatchSampler, labels: Labels | null) {
    this.#sampler = sampler;
    this.#labels = labels;
    this.#state = sampler.state();
  }

  /** Draws the next batch into the memory of the one taken last. Twice does nothing. @throws GanDlError `damaged-dataset`. */
  draw(): void {
    if (this.#drawn !== null) return;
    const batch = this.#sampler.next();
    this.#drawn = { batch, classes: classesOf(batch, this.#labels) };
  }

  /** The next batch; its memory is good until the next {@link BatchAhead.draw}. @throws GanDlError `damaged-dataset`. */
  take(): LabelledBatch {
    this.draw();
    const taken = this.#drawn as LabelledBatch;
    this.#drawn = null;
    this.#state = this.#sampler.state();
    return taken;
  }

  /** Where a resumed sampler goes on: after the batches that were taken, whatever was drawn. */
  state(): BatchSamplerState {
    return this.#state;
  }
}
