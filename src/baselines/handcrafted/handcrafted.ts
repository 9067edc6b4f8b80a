// What an image looks like in numbers that people named: brightness, grain, texture, where the light lies, how stains lie to each other.
import { z } from "zod";
import { type Dataset, siteBatches } from "../../data/index.ts";
import { type BaselineEvent, defineBaseline } from "../define-baseline.ts";
import { ImageFeatures } from "./image-features.ts";

const BATCH_SIZE = 32;

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
  }),
  small: {},
  async *run({ dataset, signal }, { distancesPx }): AsyncGenerator<BaselineEvent> {
    const measure = new ImageFeatures({ ...panelOf(dataset), distancesPx });
    const width = measure.names.length;
    const total = dataset.sites.length;
    const features = new Float32Array(total * width);
    for await (const { data, shape, start } of siteBatches(dataset, BATCH_SIZE)) {
      const size = data.length / shape[0];
      for (let i = 0; i < shape[0]; i++) {
        signal.throwIfAborted();
        measure.measure(data.subarray(i * size, (i + 1) * size), features.subarray((start + i) * width));
      }
      const done = start + shape[0];
      yield { kind: "progress", stage: "measuring images", done, total, detail: `${done} / ${total} images` };
    }
    const embedding = { features, featureNames: measure.names };
    yield { kind: "finished", result: { embedding, provenance: { weights: "none" } } };
  },
});

const panelOf = ({ manifest }: Dataset) => ({
  channels: manifest.channels.map(({ name }) => name),
  heightPx: manifest.heightPx,
  widthPx: manifest.widthPx,
});
