// The JSON header beside an embedding's Parquet file.
import { z } from "zod";

/** The discriminator layers that may serve as an embedding (METHODS.md §2.5). Widths follow the network, not the name. */
export const Tap = z.enum(["fc512", "conv4_flat", "conv4_gap", "blocks_gap", "logit"]);
export type Tap = z.infer<typeof Tap>;

export const EmbeddingHeader = z.strictObject({
  kind: z.literal("gandl-embedding"),
  schemaVersion: z.literal(1),
  encoder: z.string().describe("what made the rows, in words a report can print"),
  checkpoint: z.strictObject({ file: z.string(), sha256: z.string(), kimg: z.number() }).nullable(),
  tap: Tap.nullable(),
  runtime: z.enum(["onnxruntime", "libtorch", "none"]),
  minibatchStd: z.number().nullable(),
  tiling: z
    .strictObject({
      tilePx: z.int(),
      stridePx: z.int(),
      nTilesPerImage: z.int(),
      aggregate: z.enum(["mean", "median"]),
    })
    .nullable(),
  resizeFactor: z.number(),
  channelMap: z.array(z.strictObject({ encoder: z.string(), dataset: z.string().nullable() })),
  datasetId: z.string(),
  datasetFingerprint: z.string(),
  nRows: z.int(),
  nFeatures: z.int(),
});
export type EmbeddingHeader = z.infer<typeof EmbeddingHeader>;
