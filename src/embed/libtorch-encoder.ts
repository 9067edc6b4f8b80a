// The encoder in LibTorch, in this thread: for comparison, and where ONNX Runtime is absent.
import { Discriminator } from "../models/index.ts";
import type { CheckpointHeader, Tap } from "../schema/index.ts";
import { noGrad, Rng, sendTo, TensorScope, tensorFromStored } from "../tensor/index.ts";
import { type Checkpoint, readEncoderWeights } from "./checkpoint.ts";
import { checkImages, type Encoder, type Features } from "./encoder.ts";
import { encoderClosed, encoderFailed } from "./errors.ts";

/**
 * Opens a checkpoint in LibTorch. Its runs block the event loop.
 * @param device `cpu` or `cuda:0`. @throws GanDlError `checkpoint-mismatch`, `bad-safetensors`, `no-device`.
 */
export async function openLibtorchEncoder(
  checkpoint: Checkpoint,
  taps: readonly Tap[],
  device = "cpu",
): Promise<Encoder> {
  return new LibtorchEncoder(await openDiscriminator(checkpoint, device), checkpoint.header, taps, device);
}

/** A checkpoint's discriminator in LibTorch; the caller disposes of it. @throws as {@link openLibtorchEncoder}. */
export async function openDiscriminator(checkpoint: Checkpoint, device = "cpu"): Promise<Discriminator> {
  const weights = await readEncoderWeights(checkpoint);
  const discriminator = new Discriminator(checkpoint.header.model, new Rng(0, device));
  using _scope = new TensorScope();
  const state = [...weights].map(
    ([name, { data, shape }]) => [name, tensorFromStored({ dtype: "float32", data, shape })] as const,
  );
  discriminator.loadState(new Map(state));
  return discriminator;
}

class LibtorchEncoder implements Encoder {
  readonly runtime = "libtorch";
  readonly device: string;
  readonly header: CheckpointHeader;
  readonly taps: readonly Tap[];
  #discriminator: Discriminator | null;

  constructor(discriminator: Discriminator, header: CheckpointHeader, taps: readonly Tap[], device: string) {
    this.#discriminator = discriminator;
    this.device = device;
    this.header = header;
    this.taps = taps;
  }

  async run(images: Float32Array, n: number): Promise<Features> {
    checkImages(images, n, this.header);
    const discriminator = this.#discriminator;
    if (!discriminator) throw encoderClosed();
    const { imageChannels, resolutionPx } = this.header.model;
    try {
      using _scope = new TensorScope();
      return noGrad(() => {
        const shape = [n, imageChannels, resolutionPx, resolutionPx];
        const image = sendTo(this.device, images, shape);
        const all = discriminator.features(image, { minibatchStd: this.header.minibatchStdMean });
        return new Map(this.taps.map((tap) => [tap, all[tap].toFloat32Array()]));
      });
    } catch (error) {
      throw encoderFailed("libtorch", error as Error);
    }
  }

  async close(): Promise<void> {
    this.#discriminator?.dispose();
    this.#discriminator = null;
  }
}
