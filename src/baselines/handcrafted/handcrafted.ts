// What an image looks like in numbers that people named: brightness, grain, texture, where the light lies, how stains lie to each other.
import { availableParallelism } from "node:os";
import { z } from "zod";
import { type Dataset, siteBatches } from "../../data/index.ts";
import { type BaselineEvent, defineBaseline } from "../define-baseline.ts";
import { featureNames } from "./image-features.ts";
import { MeasureThreads } from "./measure-threads.ts";

/** Few, so that threads end together. */
const BATCH_SIZE = 8;
/** Batches asked for and not taken a thread: more than any thread has before it, so that the oldest is nearly always there. */
const PENDING = 3;

/**
 * Named features of whole images, no cell found and nothing learned: per stain the distribution of grey levels, a granularity spectrum,
 * Haralick's texture and rings around the centre; per pair of stains correlation and overlap.
 */
export const handcraftedBaseline = defineBaseline({
  id: "handcrafted",
  title: "Named features of whole images",
  description:
    "Grey levels, granularity, Haralick texture, radial distribution and correlation between stains, of the whole image without finding cells; nothing is learned.",
  citation:
    "ours, after Haralick, Shanmugam, Dinstein 1973 (texture); Serra 1982 (openings); Manders, Verbeek, Aten 1993 (overlap)",
  needsLabels: null,
  params: z.strictObject({
    distancesPx: z
      .array(z.int().positive())
      .min(1)
      .refine((list) => new Set(list).size === list.length, "each distance once")
      .default([1, 3, 9])
      .describe(
        "of co-occurrence, in pixels: a pixel, an organelle, a nucleus at common sizes; each takes about a tenth of the time",
      ),
    threads: z
      .int()
      .min(0)
      .default(0)
      .describe("images measured at a time; 0: as many as there are cores. Features do not depend on it"),
  }),
  small: {},
  async *run({ dataset, signal }, { distancesPx, threads }): AsyncGenerator<BaselineEvent> {
    const options = { ...panelOf(dataset), distancesPx };
    const names = featureNames(options.channels, distancesPx);
    const total = dataset.sites.length;
    const features = new Float32Array(total * names.length);
    const nThreads = threads || availableParallelism();
    using measure = new MeasureThreads(options, nThreads);
    const pending: { readonly start: number; readonly n: number; readonly rows: Promise<Float32Array> }[] = [];
    const settle = async (): Promise<BaselineEvent> => {
      const { start, n, rows } = pending.shift()!;
      features.set(await rows, start * names.length);
      const done = start + n;
      return { kind: "progress", stage: "measuring images", done, total, detail: `${done} / ${total} images` };
    };
    for await (const { data, shape, start } of siteBatches(dataset, BATCH_SIZE)) {
      signal.throwIfAborted();
      const rows = measure.measure(data, shape[0]);
      rows.catch(() => {}); // reported when its turn comes
      pending.push({ start, n: shape[0], rows });
      if (pending.length >= PENDING * nThreads) yield await settle();
    }
    while (pending.length > 0) {
      signal.throwIfAborted();
      yield await settle();
    }
    const embedding = { features, featureNames: names };
    yield { kind: "finished", result: { embedding, provenance: { weights: "none" } } };
  },
});

const panelOf = ({ manifest }: Dataset) => ({
  channels: manifest.channels.map(({ name }) => name),
  heightPx: manifest.heightPx,
  widthPx: manifest.widthPx,
});
