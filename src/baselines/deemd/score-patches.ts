// Every patch of some images through the network: how infected each looks, and its features.
import { setImmediate as breathe } from "node:timers/promises";
import type { Backbone } from "../../models/index.ts";
import { fromArray, noGrad, op, type Tensor, TensorScope } from "../../tensor/index.ts";
import type { PatchReader } from "../supervised/patch-reader.ts";

/** All patches of one image. */
export interface ScoredImage {
  readonly image: number;
  /** Probability of each class, `[patches,classes]`. */
  readonly probabilities: Float32Array;
  /** `[patches,f]`. */
  readonly features: Float32Array;
}

export interface ScoreOptions {
  readonly network: Backbone;
  readonly reader: PatchReader;
  readonly device: string;
  readonly signal: AbortSignal;
  /** Patches given to the network at a time; results do not depend on it. */
  readonly patchesPerRun: number;
}

/** Yields one image after the other, in the order given, in evaluation mode. */
export async function* scorePatches(images: ArrayLike<number>, options: ScoreOptions): AsyncGenerator<ScoredImage> {
  const { network, reader, signal, patchesPerRun } = options;
  const { nPatches } = reader;
  const nClasses = network.shape.nClasses;
  for (let i = 0; i < images.length; i++) {
    signal.throwIfAborted();
    const image = images[i]!;
    const pixels = await reader.readImage(image);
    const size = pixels.length / nPatches;
    const probabilities = new Float32Array(nPatches * nClasses);
    const features = new Float32Array(nPatches * network.nFeatures);
    for (let first = 0; first < nPatches; first += patchesPerRun) {
      const n = Math.min(patchesPerRun, nPatches - first);
      const part = run(pixels.subarray(first * size, (first + n) * size), n, options);
      probabilities.set(part.probabilities, first * nClasses);
      features.set(part.features, first * network.nFeatures);
    }
    await breathe();
    yield { image, probabilities, features };
  }
}

function run(pixels: Float32Array, n: number, { network, reader, device }: ScoreOptions) {
  using _scope = new TensorScope();
  return noGrad(() => {
    const { pooled, logits } = network.run(fromArray(pixels, reader.shapeOf(n)).to({ device }));
    const probabilities = op("aten::softmax", "int", logits as Tensor, 1);
    return { probabilities: probabilities.toFloat32Array(), features: pooled.toFloat32Array() };
  });
}

/** One class's probability of each patch, `[patches]`. */
export function classProbabilities({ probabilities }: ScoredImage, nClasses: number, wanted: number): Float32Array {
  return Float32Array.from(
    { length: probabilities.length / nClasses },
    (_, i) => probabilities[i * nClasses + wanted]!,
  );
}
