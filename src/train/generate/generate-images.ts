// From recipes to grey levels, one image at a time: memory stays flat, and an image is the same, bit for bit, whatever is made beside it.
import { setImmediate as breathe } from "node:timers/promises";
import type { Generator, NoiseMode } from "../../models/index.ts";
import { cat, fromArray, noGrad, Rng, randn, type Tensor, TensorScope } from "../../tensor/index.ts";
import { badLayers, imageNotFinite } from "./errors.ts";
import type { ImageRecipe, StyleSource } from "./recipe.ts";

/** Noise is drawn far from any latent: seeds end below this. */
export const MAX_SEED = 2 ** 32 - 1;

/** How images are made. */
export interface GenerateImagesOptions {
  /** Fixed maps, fresh draws (by each recipe's `noiseSeed`), or none. @default "const" */
  readonly noise?: NoiseMode;
  /** Grey levels that −1…1 stand for. */
  readonly maxLevel: 255 | 65535;
  /** For a generator that is told classes: the class of every image. @default each image's noise seed modulo the classes */
  readonly classNumber?: number;
  /** Stops after the current image. */
  readonly signal?: AbortSignal;
}

/** One image as grey levels in [0, maxLevel], not yet whole numbers. */
export interface GeneratedImage {
  readonly recipe: ImageRecipe;
  /** `[c,h,w]`, row-major. */
  readonly data: Float32Array;
  readonly shape: readonly [c: number, h: number, w: number];
}

const deviceOf = (generator: Generator): string => generator.parameters.get("synthesis.const")?.device ?? "cpu";

/** The latent of a seed, `[1,latentDim]`: drawn on the CPU, so that a GPU shows the same cell. */
function latentOf(generator: Generator, seed: number): Tensor {
  const rng = new Rng(seed);
  const z = randn([1, generator.shape.latentDim], { rng });
  rng.dispose();
  return z.to({ device: deviceOf(generator) });
}

/** Along the great circle, which the mapping network sees: it takes a latent's direction, not its length. */
function betweenOnSphere(first: Tensor, second: Tensor, share: number): Tensor {
  const unit = (z: Tensor) => z.div(z.square().sum().sqrt());
  const [a, b] = [unit(first), unit(second)];
  const angle = Math.acos(Math.min(1, Math.max(-1, a.mul(b).sum().item())));
  if (Math.sin(angle) < 1e-6) return a.mul(1 - share).add(b.mul(share)); // the same direction, or opposite ones
  const weight = (part: number) => Math.sin(part * angle) / Math.sin(angle);
  return a.mul(weight(1 - share)).add(b.mul(weight(share)));
}

/** `[1,nClasses]` with one 1, or null for a generator that is told no class. */
function labelOf(generator: Generator, classNumber: number): Tensor | null {
  const { nClasses = 0 } = generator.shape;
  if (nClasses === 0) return null;
  const row = Float32Array.from({ length: nClasses }, (_, i) => (i === classNumber % nClasses ? 1 : 0));
  return fromArray(row, [1, nClasses]).to({ device: deviceOf(generator) });
}

/** `[1,numWs,styleDim]`, before truncation. */
function stylesOf(generator: Generator, source: StyleSource, label: Tensor | null): Tensor {
  const styleOf = (seed: number) => generator.map(latentOf(generator, seed), label); // [1,styleDim]
  switch (source.kind) {
    case "seed":
      return generator.broadcast(styleOf(source.seed));
    case "between": {
      const { from, to, share, space } = source;
      if (share === 0 || share === 1) return generator.broadcast(styleOf(share === 0 ? from : to)); // keyframes exactly
      if (space === "w")
        return generator.broadcast(
          styleOf(from)
            .mul(1 - share)
            .add(styleOf(to).mul(share)),
        );
      return generator.broadcast(
        generator.map(betweenOnSphere(latentOf(generator, from), latentOf(generator, to), share), label),
      );
    }
    case "classes": {
      const { seed, from, to, share } = source;
      const latent = latentOf(generator, seed);
      const styleAs = (classNumber: number) => generator.map(latent, labelOf(generator, classNumber));
      if (share === 0 || share === 1) return generator.broadcast(styleAs(share === 0 ? from : to));
      return generator.broadcast(
        styleAs(from)
          .mul(1 - share)
          .add(styleAs(to).mul(share)),
      );
    }
    case "moved": {
      const { seed, from, to, share } = source;
      const meanOf = (seeds: readonly number[]) => cat(seeds.map(styleOf), 0).mean([0], true); // [1,styleDim]
      const [own, start] = [styleOf(seed), meanOf(from)];
      const line = meanOf(to).sub(start);
      const place = own.sub(start).mul(line).sum().div(line.square().sum()); // 0 at `from`, 1 at `to`
      return generator.broadcast(own.add(line.mul(place.neg().add(share))));
    }
    case "mix": {
      const wrong = source.layers.find((layer) => !Number.isInteger(layer) || layer < 0 || layer >= generator.numWs);
      if (wrong !== undefined) throw badLayers(String(wrong), generator.numWs);
      const [row, column] = [generator.broadcast(styleOf(source.row)), generator.broadcast(styleOf(source.column))];
      const layer = (i: number) => (source.layers.includes(i) ? column : row).select(1, i).reshape([1, 1, -1]);
      return cat(
        Array.from({ length: generator.numWs }, (_, i) => layer(i)),
        1,
      );
    }
    default:
      return source satisfies never;
  }
}

/**
 * One image, as grey levels; equal recipes give equal bits on one device.
 * @throws GanDlError `bad-layers` when the generator has no such layer to mix at.
 * @example
 * ```ts
 * import { Generator } from "gan-dl/models";
 * import { Rng } from "gan-dl/tensor";
 * import { generateImage, seedRecipe } from "gan-dl/train";
 * const shape = { kind: "stylegan2", resolutionPx: 16, imageChannels: 5, latentDim: 8, styleDim: 8, mappingLayers: 2, channelBase: 128,
 *   channelMax: 8, minibatchStdGroup: 4 } as const;
 * const image = generateImage(new Generator(shape, new Rng(1)), seedRecipe(7), { maxLevel: 255 });
 * console.assert(image.shape.join() === "5,16,16");
 * ```
 */
export function generateImage(
  generator: Generator,
  recipe: ImageRecipe,
  { noise = "const", maxLevel, classNumber = recipe.noiseSeed }: GenerateImagesOptions,
): GeneratedImage {
  using _scope = new TensorScope();
  return noGrad(() => {
    // Offset, so that no image's noise is drawn with the numbers that its latent is.
    const rng = noise === "random" ? new Rng(MAX_SEED + 1 + recipe.noiseSeed, deviceOf(generator)) : null;
    const styles = generator.truncate(
      stylesOf(generator, recipe.source, labelOf(generator, classNumber)),
      recipe.truncation,
    );
    const image = generator.synthesise(styles, { noise, ...(rng ? { rng } : {}) });
    rng?.dispose();
    const [, c = 0, h = 0, w = 0] = image.shape;
    const scaled = image.add(1).mul(maxLevel / 2);
    return { recipe, data: scaled.clamp(0, maxLevel).toFloat32Array(), shape: [c, h, w] };
  });
}

/**
 * Yields the image of each recipe in turn; memory does not grow with their number. Aborting ends it after the current image.
 * @throws as {@link generateImage}, and `image-not-finite` for the images of a network that has diverged.
 */
export async function* generateImages(
  generator: Generator,
  recipes: Iterable<ImageRecipe>,
  options: GenerateImagesOptions,
): AsyncGenerator<GeneratedImage> {
  for (const recipe of recipes) {
    await breathe(); // synthesis is synchronous: without this Ctrl-C would wait for the last image
    if (options.signal?.aborted) return;
    const image = generateImage(generator, recipe, options);
    if (image.data.some(Number.isNaN)) throw imageNotFinite(recipe.name);
    yield image;
  }
}

/** Whole grey levels in the data set's own dtype. */
export const toStoredLevels = (data: Float32Array, maxLevel: 255 | 65535): Uint8Array | Uint16Array =>
  maxLevel === 255 ? Uint8Array.from(data, Math.round) : Uint16Array.from(data, Math.round);
