// Which grey levels a picture shows as black and as full colour.
import { ChannelHistogram } from "../../data/index.ts";
import type { Generator } from "../../models/index.ts";
import type { CheckpointHeader, DatasetManifest } from "../../schema/index.ts";
import { generateImage, toStoredLevels } from "./generate-images.ts";
import { seedRecipe } from "./recipe.ts";
import type { ChannelDisplay } from "./table-picture.ts";

/** Percentiles are taken over so many pixels a channel, a thousand of them in the outer half percent, as far as few images hold them. */
const REFERENCE_PX = 2 ** 18;
const [MIN_REFERENCE_IMAGES, MAX_REFERENCE_IMAGES] = [8, 32];

/** What a standardised image shows as black and as full colour, in its own standard deviations (3 of which are 1). */
const STANDARDISED_RANGE = { low: -1.2, high: 3 };

/**
 * Each channel in its colour, stretched over its 0.5th to 99.5th percentile in the data set, in stored grey levels; for networks that
 * saw standardised images over a fixed range of deviations.
 */
export function displayOf(
  manifest: Pick<DatasetManifest, "channels" | "dtype">,
  input: CheckpointHeader["input"] = "stored",
): ChannelDisplay[] {
  if (input === "standardised") {
    const levelOf = (deviations: number) => ((deviations / 3 + 1) / 2) * maxLevelOf(manifest.dtype);
    const [low, high] = [levelOf(STANDARDISED_RANGE.low), levelOf(STANDARDISED_RANGE.high)];
    return manifest.channels.map(({ colour }) => ({ colour, low, high }));
  }
  return manifest.channels.map(({ colour, statistics }) => ({
    colour,
    low: statistics.p0_5,
    high: Math.max(statistics.p99_5, statistics.p0_5 + 1),
  }));
}

/**
 * Each channel in its colour, stretched over percentiles of what the generator makes of seeds 0, 1, 2 …: for checkpoints whose data set
 * is not at hand. The same seeds always, so that a picture does not depend on which images it shows.
 * @param lowPercent, highPercent 0 to 100.
 * @example
 * ```ts
 * import { Generator } from "gan-dl/models";
 * import { Rng } from "gan-dl/tensor";
 * import { measureDisplay } from "gan-dl/train";
 * const shape = { kind: "stylegan2", resolutionPx: 16, imageChannels: 1, latentDim: 8, styleDim: 8, mappingLayers: 2, channelBase: 128,
 *   channelMax: 8, minibatchStdGroup: 4 } as const;
 * const [dna] = measureDisplay(new Generator(shape, new Rng(1)), ["#3a6bff"], { lowPercent: 1, highPercent: 99, maxLevel: 65535 });
 * console.assert(dna !== undefined && dna.low < dna.high && dna.colour === "#3a6bff");
 * ```
 */
export function measureDisplay(
  generator: Generator,
  colours: readonly string[],
  { lowPercent, highPercent, maxLevel }: { lowPercent: number; highPercent: number; maxLevel: 255 | 65535 },
): ChannelDisplay[] {
  const histograms = colours.map(() => new ChannelHistogram(maxLevel === 255 ? "uint8" : "uint16"));
  const plane = generator.shape.resolutionPx ** 2;
  const n = Math.min(MAX_REFERENCE_IMAGES, Math.max(MIN_REFERENCE_IMAGES, Math.ceil(REFERENCE_PX / plane)));
  for (let seed = 0; seed < n; seed++) {
    const pixels = toStoredLevels(generateImage(generator, seedRecipe(seed), { maxLevel }).data, maxLevel);
    for (const [k, histogram] of histograms.entries()) histogram.add(pixels.subarray(k * plane, (k + 1) * plane));
  }
  return histograms.map((histogram, k) => {
    const low = histogram.percentile(lowPercent);
    return { colour: colours[k]!, low, high: Math.max(histogram.percentile(highPercent), low + 1) };
  });
}

/** Each channel in its colour over every level that the dtype has. 16-bit images, which rarely use them all, come out dark. */
export const fullDisplay = ({ channels, dtype }: Pick<CheckpointHeader, "channels" | "dtype">): ChannelDisplay[] =>
  channels.map(({ colour }) => ({ colour, low: 0, high: maxLevelOf(dtype) }));

/** The grey level that 1 stands for. */
export const maxLevelOf = (dtype: "uint8" | "uint16"): 255 | 65535 => (dtype === "uint8" ? 255 : 65535);
