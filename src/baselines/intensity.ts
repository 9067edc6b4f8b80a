// The humblest baseline: how bright the image is in each stain. What a learned encoder cannot beat it at needed no learning.
import { ChannelHistogram, type Dataset, type Pixels, siteBatches } from "../data/index.ts";
import { type MetadataValue, type ProfileTable, profileTable } from "../profiles/profile-table.ts";

/** Percentiles beside mean and standard deviation: nine figures a channel, 27 for three stains. */
const PERCENTILES = [1, 5, 25, 50, 75, 95, 99];

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
  const { channels } = dataset.manifest;
  const nTotal = dataset.sites.length;
  const perChannel = 2 + PERCENTILES.length;
  const nFeatures = channels.length * perChannel;
  const features = new Float32Array(nTotal * nFeatures);
  for await (const { data, shape, start } of siteBatches(dataset, batchSize)) {
    signal?.throwIfAborted();
    const [n, c, h, w] = shape;
    for (let plane = 0; plane < n * c; plane++) {
      const pixels = data.subarray(plane * h * w, (plane + 1) * h * w);
      features.set(intensityStatistics(pixels), start * nFeatures + plane * perChannel);
    }
    onProgress?.({ nImages: start + n, nTotal });
  }
  const suffixes = ["mean", "sd", ...PERCENTILES.map((p) => `p${p}`)];
  return profileTable({
    nRows: nTotal,
    features,
    featureNames: channels.flatMap((channel) => suffixes.map((suffix) => `${channel.name}_${suffix}`)),
    metadata: metadataOf(dataset),
  });
}

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
