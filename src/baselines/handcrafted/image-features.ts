// All handcrafted features of one image, for images of one size and panel.
import type { Pixels } from "../../data/index.ts";
import { imagesTooSmall } from "../errors.ts";
import { type ChannelPlane, PAIR_NAMES, pairFigures } from "./correlation.ts";
import { GRANULARITY_WIDTHS_PX, Granularity } from "./granularity.ts";
import { GreyLevels } from "./grey-levels.ts";
import { HARALICK_NAMES, TEXTURE_LEVELS, textureAt } from "./haralick.ts";
import { N_RINGS, RadialDistribution } from "./radial.ts";

const PERCENTILES = [1, 5, 25, 50, 75, 95, 99];
const MOMENTS = ["Mean", "Sd", "Skewness", "Kurtosis", "Entropy"] as const;

export interface ImageShapeOptions {
  /** Stains, in the order of planes. */
  readonly channels: readonly string[];
  readonly heightPx: number;
  readonly widthPx: number;
  /** Distances of the co-occurrence tables, in pixels. */
  readonly distancesPx: readonly number[];
}

/**
 * Measures images without looking for cells in them; keeps its working memory between images.
 * @example
 * ```ts
 * import { ImageFeatures } from "gan-dl/baselines";
 * const measure = new ImageFeatures({ channels: ["DNA"], heightPx: 16, widthPx: 16, distancesPx: [1] });
 * const values = new Float32Array(measure.names.length);
 * measure.measure(new Uint8Array(256).fill(7), values);
 * console.assert(values[measure.names.indexOf("Image_Intensity_Mean_DNA")] === 7);
 * ```
 */
export class ImageFeatures {
  /** `Image_{what}_…`, in the order of values. */
  readonly names: readonly string[];
  readonly #options: ImageShapeOptions;
  readonly #levels = new GreyLevels();
  readonly #granularity: Granularity;
  readonly #radial: RadialDistribution;
  readonly #quantised: Uint8Array;
  readonly #ranks: readonly Float32Array[];

  /** @throws GanDlError `images-too-small` for a distance that does not fit. */
  constructor(options: ImageShapeOptions) {
    const { channels, heightPx, widthPx, distancesPx } = options;
    const longest = Math.max(...distancesPx);
    if (longest >= Math.min(heightPx, widthPx)) throw imagesTooSmall(heightPx, widthPx, longest);
    this.names = featureNames(channels, distancesPx);
    this.#options = options;
    this.#granularity = new Granularity(heightPx, widthPx);
    this.#radial = new RadialDistribution(heightPx, widthPx);
    this.#quantised = new Uint8Array(heightPx * widthPx);
    this.#ranks = channels.map(() => new Float32Array(heightPx * widthPx));
  }

  /**
   * Measures one image. @param image `[c,h,w]` in stored grey levels, borrowed. @param out one value a name.
   */
  measure(image: Pixels, out: Float32Array): void {
    const { channels, heightPx, widthPx } = this.#options;
    const size = heightPx * widthPx;
    let at = 0;
    const planes = channels.map((_, c): ChannelPlane => {
      const pixels = image.subarray(c * size, (c + 1) * size);
      const width = perChannel(this.#options.distancesPx);
      const plane = this.#plane(pixels, this.#ranks[c]!, out.subarray(at, at + width));
      at += width;
      return plane;
    });
    for (let a = 0; a < planes.length; a++) {
      for (let b = a + 1; b < planes.length; b++) {
        pairFigures(planes[a]!, planes[b]!, out.subarray(at, at + PAIR_NAMES.length));
        at += PAIR_NAMES.length;
      }
    }
  }

  /** Measures `[n,c,h,w]`, borrowed; new `[n,f]`. */
  measureAll(images: Pixels, nImages: number): Float32Array<ArrayBuffer> {
    const size = images.length / nImages;
    const width = this.names.length;
    const features = new Float32Array(nImages * width);
    for (let i = 0; i < nImages; i++)
      this.measure(images.subarray(i * size, (i + 1) * size), features.subarray(i * width, (i + 1) * width));
    return features;
  }

  /** Figures of one stain, and what its pairs with others need. */
  #plane(pixels: Pixels, ranks: Float32Array, out: Float32Array): ChannelPlane {
    const { heightPx, widthPx, distancesPx } = this.#options;
    this.#levels.read(pixels);
    const { min } = this.#levels;
    const { mean, sd, skewness, kurtosis, entropy } = this.#levels.moments();
    const percentiles = PERCENTILES.map((percent) => this.#levels.percentile(percent));
    out.set([mean, sd, skewness, kurtosis, entropy, ...percentiles]);
    let at = MOMENTS.length + PERCENTILES.length;
    this.#granularity.measure(pixels, min, out.subarray(at, at + GRANULARITY_WIDTHS_PX.length));
    at += GRANULARITY_WIDTHS_PX.length;
    this.#radial.measure(pixels, min, out.subarray(at, at + 2 * N_RINGS));
    at += 2 * N_RINGS;
    // From the 1st to the 99th percentile: texture tells pattern, brightness is told above, and one hot pixel must not flatten the rest.
    this.#levels.quantise(pixels, [percentiles[0]!, percentiles.at(-1)!], TEXTURE_LEVELS, this.#quantised);
    for (const distance of distancesPx) {
      textureAt(this.#quantised, [heightPx, widthPx], distance, out.subarray(at, at + 2 * HARALICK_NAMES.length));
      at += 2 * HARALICK_NAMES.length;
    }
    const rankSd = this.#levels.ranks(pixels, ranks);
    return { pixels, min, mean, sd, ranks, rankSd };
  }
}

const perChannel = (distancesPx: readonly number[]): number =>
  MOMENTS.length +
  PERCENTILES.length +
  GRANULARITY_WIDTHS_PX.length +
  2 * N_RINGS +
  2 * HARALICK_NAMES.length * distancesPx.length;

/** `Image_{what}_…` of every feature, in the order of values. */
export function featureNames(channels: readonly string[], distancesPx: readonly number[]): string[] {
  const rings = Array.from({ length: N_RINGS }, (_, i) => `${i + 1}of${N_RINGS}`);
  const own = channels.flatMap((channel) => [
    ...MOMENTS.map((name) => `Image_Intensity_${name}_${channel}`),
    ...PERCENTILES.map((percent) => `Image_Intensity_P${percent}_${channel}`),
    ...GRANULARITY_WIDTHS_PX.map((px) => `Image_Granularity_${px}px_${channel}`),
    ...["RingLight", "RingUnevenness"].flatMap((what) =>
      rings.map((ring) => `Image_Radial_${what}_${channel}_${ring}`),
    ),
    ...distancesPx.flatMap((px) =>
      ["mean", "range"].flatMap((how) =>
        HARALICK_NAMES.map((name) => `Image_Texture_${name}_${channel}_${px}px_${how}`),
      ),
    ),
  ]);
  const pairs = channels.flatMap((first, a) =>
    channels.slice(a + 1).flatMap((second) => PAIR_NAMES.map((name) => `Image_Correlation_${name}_${first}_${second}`)),
  );
  return [...own, ...pairs];
}
