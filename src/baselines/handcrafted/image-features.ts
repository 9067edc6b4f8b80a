// All handcrafted features of one image, for images of one size and panel.
import type { Pixels } from "../../data/index.ts";
import { imagesTooSmall } from "../errors.ts";
import { PAIR_NAMES, StainPairs } from "./correlation.ts";
import { GRANULARITY_WIDTHS_PX, Granularity } from "./granularity.ts";
import { GreyLevels } from "./grey-levels.ts";
import { Cooccurrence, HARALICK_NAMES, TEXTURE_LEVELS, textureAt } from "./haralick.ts";
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
  readonly #texture: Cooccurrence;
  readonly #pairs: StainPairs;

  /** @throws GanDlError `images-too-small` for a distance that does not fit. */
  constructor(options: ImageShapeOptions) {
    const { channels, heightPx, widthPx, distancesPx } = options;
    const longest = Math.max(...distancesPx);
    if (longest >= Math.min(heightPx, widthPx)) throw imagesTooSmall(heightPx, widthPx, longest);
    this.names = featureNames(channels, distancesPx);
    this.#options = options;
    this.#granularity = new Granularity(heightPx, widthPx);
    this.#radial = new RadialDistribution(heightPx, widthPx);
    this.#texture = new Cooccurrence(heightPx, widthPx);
    this.#pairs = new StainPairs(channels.length, heightPx * widthPx);
  }

  /**
   * Measures one image. @param image `[c,h,w]` in stored grey levels, borrowed. @param out one value a name.
   */
  measure(image: Pixels, out: Float32Array): void {
    const { channels, heightPx, widthPx } = this.#options;
    const size = heightPx * widthPx;
    const width = perChannel(this.#options.distancesPx);
    let at = 0;
    for (let c = 0; c < channels.length; c++, at += width)
      this.#measurePlane(c, image.subarray(c * size, (c + 1) * size), out.subarray(at, at + width));
    for (let a = 0; a < channels.length; a++)
      for (let b = a + 1; b < channels.length; b++, at += PAIR_NAMES.length)
        this.#pairs.measure(a, b, out.subarray(at, at + PAIR_NAMES.length));
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

  /** Figures of one stain by itself; its plane is kept for its pairs with others. */
  #measurePlane(stain: number, pixels: Pixels, out: Float32Array): void {
    const { distancesPx } = this.#options;
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
    this.#levels.quantise(pixels, [percentiles[0]!, percentiles.at(-1)!], TEXTURE_LEVELS, this.#texture.levels);
    for (const distance of distancesPx) {
      textureAt(this.#texture, distance, out.subarray(at, at + 2 * HARALICK_NAMES.length));
      at += 2 * HARALICK_NAMES.length;
    }
    this.#pairs.set(stain, pixels, { min, mean, sd }, (ranks) => this.#levels.ranks(pixels, ranks));
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
