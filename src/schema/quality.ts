// How good a generator's images are: what `gandl quality` finds.
import { z } from "zod";

export const SetScores = z.strictObject({
  nReal: z.int(),
  nOther: z.int(),
  frechetDistance: z.number().describe("squared, in the extractor's units; biased upwards by about 1/n"),
  kernelDistance: z.strictObject({
    value: z.number().describe("unbiased: may be negative"),
    standardError: z.number().nullable().describe("null for a single subset"),
    subsetSize: z.int(),
    nSubsets: z.int(),
  }),
  precision: z.number().describe("share of the other images inside the real manifold of 3 neighbours"),
  recall: z.number().describe("share of the real images inside the others' manifold"),
});
export type SetScores = z.infer<typeof SetScores>;

export const PathLength = z.strictObject({ value: z.number(), nPairs: z.int(), epsilon: z.number() });
export type PathLength = z.infer<typeof PathLength>;

export const QualityRecord = z.strictObject({
  kind: z.literal("gandl-quality"),
  schemaVersion: z.literal(1),
  extractor: z.strictObject({ id: z.string(), version: z.string(), description: z.string(), dim: z.int() }),
  dataset: z.strictObject({ id: z.string(), fingerprint: z.string() }),
  channels: z.array(z.string()),
  resolutionPx: z.int(),
  seed: z.int(),
  truncation: z.number(),
  realHalves: SetScores.describe(
    "one real half against the other, no image in both: what no generator can be expected to beat",
  ),
  generated: SetScores.describe("generated images against all real ones that were drawn"),
  generatedAtHalfSize: SetScores.describe("generated images against one real half, as many of each as in realHalves"),
  pathLength: PathLength.nullable().describe(
    "mean squared change of features for a step in w, over ε²; 1 % trimmed at each end",
  ),
});
export type QualityRecord = z.infer<typeof QualityRecord>;
