// The JSON header beside an embedding's Parquet file.
import { z } from "zod";

/** The discriminator layers that may serve as an embedding (docs/methods.md §2.5). Widths follow the network, not the name. */
export const Tap = z.enum(["fc512", "conv4_flat", "conv4_gap", "blocks_gap", "blocks_gap_std", "logit"]);
export type Tap = z.infer<typeof Tap>;

/**
 * What the network sees of an image. `stored`: grey levels, 0 to −1 and the largest to 1.
 * `standardised`: each channel of each crop or tile as (v − mean) / (3 · sd), clipped to [−1, 1]; a constant one as 0.
 */
export const InputKind = z.enum(["stored", "standardised"]);
export type InputKind = z.infer<typeof InputKind>;

/**
 * Which squares of an image are embedded. `centre`: one, from the middle. `cover`: the fewest that cover it, evenly spread.
 * `grid`: one every `stridePx` from the top left, and a last one flush with the end.
 */
export const TileLayout = z.enum(["centre", "cover", "grid"]);
export type TileLayout = z.infer<typeof TileLayout>;

/** What stands in for a stain that a data set lacks. `zero`: black. `mean`: at each pixel the mean of the stains that are there. */
export const MissingStain = z.enum(["zero", "mean"]);
export type MissingStain = z.infer<typeof MissingStain>;

/**
 * How each tile is shown to the encoder. `upright`: as it lies. `dihedral`: in its eight turns and flips, whose rows are averaged: a cell
 * has no up or down, and the average does not depend on how it lay. Eight times the work.
 */
export const Views = z.enum(["upright", "dihedral"]);
export type Views = z.infer<typeof Views>;

/** What a system we compare with was told and tells of its run. */
export const BaselineRecord = z.strictObject({
  id: z.string(),
  needsLabels: z.string().nullable().describe("which labels it learned from; null: none"),
  params: z.record(z.string(), z.unknown()).describe("every parameter, defaults filled"),
  seed: z.int(),
  seconds: z.number().describe("wall clock of the whole run, reading included"),
  provenance: z.record(z.string(), z.unknown()).describe("in the system's own words, e.g. weights: from scratch"),
});
export type BaselineRecord = z.infer<typeof BaselineRecord>;

export const EmbeddingHeader = z.strictObject({
  kind: z.literal("gandl-embedding"),
  schemaVersion: z.literal(1),
  encoder: z.string().describe("what made the rows, in words a report can print"),
  checkpoint: z.strictObject({ file: z.string(), sha256: z.string(), kimg: z.number() }).nullable(),
  tap: Tap.nullable(),
  runtime: z.enum(["onnxruntime", "libtorch", "none"]),
  minibatchStd: z.number().nullable(),
  input: InputKind.default("stored"),
  tiling: z
    .strictObject({
      layout: TileLayout.default("grid"),
      views: Views.default("upright"),
      tilePx: z.int(),
      stridePx: z.int().nullable().describe("of a grid; null for other layouts"),
      nTilesPerImage: z.int(),
      aggregate: z.enum(["mean", "median"]),
    })
    .nullable(),
  resizeFactor: z
    .number()
    .describe(
      "new pixels per old along a side, exactly; below 1 by area averaging, above 1 linear; done before tiling",
    ),
  channelMap: z.array(
    z.strictObject({
      encoder: z.string(),
      dataset: z.string().nullable().describe("null: the data set has no such stain, and `filled` tells what stood in"),
      matchedBy: z.enum(["name", "stain", "given"]).nullable().default("name"),
      filled: MissingStain.nullable().default(null),
    }),
  ),
  baseline: BaselineRecord.optional().describe("of a table that a system we compare with made"),
  datasetId: z.string(),
  datasetFingerprint: z.string(),
  nRows: z.int(),
  nFeatures: z.int(),
});
export type EmbeddingHeader = z.infer<typeof EmbeddingHeader>;
