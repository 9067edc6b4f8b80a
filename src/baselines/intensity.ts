// The humblest baseline: how bright the image is in each stain. What a learned encoder cannot beat it at needed no learning.
import { z } from "zod";
import { ChannelHistogram, type Dataset, type Pixels, siteBatches } from "../data/index.ts";
import type { MetadataValue } from "../profiles/lineage.ts";
import { type ProfileTable, profileTable } from "../profiles/profile-table.ts";
import { type BaselineEvent, defineBaseline } from "./define-baseline.ts";

/** Percentiles beside mean and standard deviation: nine figures a channel, 27 for three stains. */
const PERCENTILES = [1, 5, 25, 50, 75, 95, 99];
const SUFFIXES = ["mean", "sd", ...PERCENTILES.map((percent) => `p${percent}`)];

/** What was done so far. */
export interface IntensityProgress {
  readonly nImages: number;
  readonly nTotal: number;
}

/** Options of {@link intensityProfiles}. */
export interface IntensityOptions {
  /** Images read at a time. @default 64 */
  readonly batchSize?: number;
  /** Called after each batch. */
  readonly onProgress?: (progress: IntensityProgress) => void;
  /** Aborting rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Mean, standard deviation and seven percentiles of every channel of every image, in stored grey levels.
 *
 * Streams: memory holds two batches and the result. No randomness.
 * @returns one row an image, metadata of `sites`, features `{channel}_mean`, `{channel}_sd`, `{channel}_p1` … `{channel}_p99`.
 * @throws GanDlError `damaged-dataset`.
 */
export async function intensityProfiles(dataset: Dataset, options: IntensityOptions = {}): Promise<ProfileTable> {
  const { batchSize = 64, onProgress, signal } = options;
  const channels = dataset.manifest.channels.map(({ name }) => name);
  const nTotal = dataset.sites.length;
  const features = new Float32Array(nTotal * channels.length * SUFFIXES.length);
  for await (const nImages of fillIntensities(dataset, batchSize, features, signal)) onProgress?.({ nImages, nTotal });
  const featureNames = channels.flatMap((channel) => SUFFIXES.map((suffix) => `${channel}_${suffix}`));
  return profileTable({ nRows: nTotal, features, featureNames, metadata: metadataOf(dataset) });
}

/** Fills `features` batch by batch, yielding how many images are done. */
async function* fillIntensities(
  dataset: Dataset,
  batchSize: number,
  features: Float32Array,
  signal?: AbortSignal,
): AsyncGenerator<number> {
  for await (const { data, shape, start } of siteBatches(dataset, batchSize)) {
    signal?.throwIfAborted();
    const [n, c, h, w] = shape;
    for (let plane = 0; plane < n * c; plane++) {
      const pixels = data.subarray(plane * h * w, (plane + 1) * h * w);
      features.set(intensityStatistics(pixels), (start * c + plane) * SUFFIXES.length);
    }
    yield start + n;
  }
}

/** How bright the image is in each stain, as a system to compare with: {@link intensityProfiles} as a table of features. */
export const intensityBaseline = defineBaseline({
  id: "intensity",
  title: "Brightness of each stain",
  description:
    "Mean, standard deviation and seven percentiles of each channel, in stored grey levels; nothing is learned.",
  citation: "none; ours, as the floor that learning must beat",
  needsLabels: null,
  params: z.strictObject({
    batchSize: z.int().positive().default(64).describe("images read at a time; the result does not depend on it"),
  }),
  small: {},
  async *run({ dataset, signal }, { batchSize }): AsyncGenerator<BaselineEvent> {
    const channels = dataset.manifest.channels.map(({ name }) => name);
    const total = dataset.sites.length;
    const features = new Float32Array(total * channels.length * SUFFIXES.length);
    for await (const done of fillIntensities(dataset, batchSize, features, signal))
      yield { kind: "progress", stage: "measuring brightness", done, total, detail: `${done} / ${total} images` };
    const featureNames = channels.flatMap((channel) => SUFFIXES.map((suffix) => `Image_${channel}_${suffix}`));
    yield { kind: "finished", result: { embedding: { features, featureNames }, provenance: { weights: "none" } } };
  },
});

/**
 * Mean, population standard deviation and the 1st, 5th, 25th, 50th, 75th, 95th and 99th percentile of some pixels.
 * @example
 * ```ts
 * import { intensityStatistics } from "gan-dl/baselines";
 * const [mean, sd] = intensityStatistics(Uint8Array.of(1, 1, 3, 3));
 * console.assert(mean === 2 && sd === 1);
 * ```
 */
export function intensityStatistics(pixels: Pixels): number[] {
  const histogram = new ChannelHistogram(pixels instanceof Uint8Array ? "uint8" : "uint16");
  histogram.add(pixels);
  const { mean, sd } = histogram.statistics();
  return [mean, sd, ...PERCENTILES.map((percent) => histogram.percentile(percent))];
}

/** Every column of `sites`, source columns included. */
function metadataOf(dataset: Dataset): Map<string, MetadataValue[]> {
  const names = new Set(dataset.sites.flatMap((site) => Object.keys(site)));
  return new Map(
    [...names].map((name) => [
      name,
      dataset.sites.map((site) => (site as Record<string, unknown>)[name] as MetadataValue),
    ]),
  );
}
