// What an encoder is, whatever runs it.
import type { CheckpointHeader, Tap } from "../schema/index.ts";
import { wrongImageShape } from "./errors.ts";

/** What an encoder gives for some images: `[n,f]` row-major for each of its taps, in the order in which they were asked for. */
export type Features = ReadonlyMap<Tap, Float32Array>;

/** A trained discriminator, ready to turn images into features, batch by batch. `close()` it. */
export interface Encoder {
  readonly header: CheckpointHeader;
  /** The layers that {@link Encoder.run} returns, all from one pass. */
  readonly taps: readonly Tap[];
  readonly runtime: "onnxruntime" | "libtorch";
  /** Where it computes: `cpu`, or a card as in `cuda:0`. */
  readonly device: string;
  /**
   * Returns the features of `n` images; an image's features do not depend on its batch.
   * @param images `[n,c,r,r]` in [−1, 1], channels in the header's order; handed over: the array must not be used afterwards.
   * @returns every tap's rows, owned by the caller. Calls may overlap; answers come in their order.
   * @throws GanDlError `wrong-image-shape`, `encoder-failed`, `encoder-closed`.
   */
  run(images: Float32Array, n: number): Promise<Features>;
  /** An array of this length for the next {@link Encoder.run}, of an earlier run where one has come back: new memory costs a tenth of cutting. Holds anything. */
  spare?(length: number): Float32Array<ArrayBuffer>;
  /** Ends the encoder after the calls under way; closing twice does no harm. */
  close(): Promise<void>;
}

/** @throws GanDlError `wrong-image-shape` unless `images` holds `n` images for an encoder with this header. */
export function checkImages(images: Float32Array, n: number, { model }: CheckpointHeader): void {
  const perImage = model.imageChannels * model.resolutionPx ** 2;
  if (images.length !== n * perImage)
    throw wrongImageShape(images.length, n, [model.imageChannels, model.resolutionPx]);
}
