// What lies beside the encoder of the page that embeds images in the browser alone: what it must know of training and of a screen.
import { z } from "zod";
import { InputKind, MissingStain, Tap, TileLayout, Views } from "./embedding.ts";

const PageChannel = z.strictObject({ name: z.string(), stain: z.string(), colour: z.string() });

/** How a plane's grey levels become those that the screen was stored with; `ranges` are stretched over 0…255, in order of `channels`. */
const PageLevels = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("stored") }),
  z.strictObject({
    kind: z.literal("ranges"),
    perChannel: z.array(z.strictObject({ low: z.number(), high: z.number() })),
  }),
  z.strictObject({ kind: z.literal("standardise-per-image") }),
]);

/** The screen that an image is compared with. */
const PageScreen = z.strictObject({
  id: z.string(),
  title: z.string(),
  synthetic: z.boolean(),
  channels: z.array(PageChannel).describe("in stored order"),
  dtype: z.enum(["uint8", "uint16"]),
  heightPx: z.int().positive(),
  widthPx: z.int().positive(),
  resizedFrom: z.strictObject({ heightPx: z.int().positive(), widthPx: z.int().positive() }).nullable(),
  levels: PageLevels,
});

/** A linear score of features as they come from the encoder: weights · x + bias, above 0 for `positiveName`. */
const PageAxis = z.strictObject({
  negativeName: z.string(),
  positiveName: z.string(),
  weights: z.array(z.number()),
  bias: z.number(),
  heldOut: z
    .strictObject({
      auc: z.number(),
      ci95: z.tuple([z.number(), z.number()]).nullable(),
      nPlates: z.int(),
      negative: z.array(z.number()).describe("percentiles 0…100 of the images' scores on plates not learned from"),
      positive: z.array(z.number()),
    })
    .nullable()
    .describe("null where there are not two plates with both classes"),
});

/** `reference.json` of an encoder page; `reference.bin` beside it holds the wells' rows. */
export const EncoderPage = z.strictObject({
  kind: z.literal("gandl-encoder-page"),
  schemaVersion: z.literal(1),
  encoder: z.strictObject({
    name: z.string(),
    tap: Tap,
    kimg: z.number(),
    weightsSha256: z.string(),
    resolutionPx: z.int().positive(),
    channels: z.array(
      PageChannel.extend({ screen: z.string().nullable().describe("the screen's channel that fed it, or null") }),
    ),
    missing: MissingStain.nullable().describe("what stood in for stains that the screen lacks"),
    pixelSizeUm: z.number().nullable(),
  }),
  input: InputKind,
  tiling: z.strictObject({
    layout: TileLayout,
    views: Views,
    stridePx: z.int().nullable(),
    aggregate: z.enum(["mean", "median"]),
  }),
  resizeFactor: z.number().positive(),
  screen: PageScreen,
  features: z.strictObject({
    n: z.int().positive(),
    centre: z.array(z.number()).describe("mean over the screen's images"),
    spread: z.array(z.number()).describe("standard deviation over them; 0 where a feature does not vary"),
  }),
  wells: z.strictObject({
    n: z.int().nonnegative(),
    columns: z.record(z.string(), z.array(z.union([z.string(), z.number(), z.null()]))),
    low: z.array(z.number()).describe("a feature is low + step · value of reference.bin, uint16 little-endian [n,f]"),
    step: z.array(z.number()),
  }),
  axis: PageAxis.nullable(),
  notes: z.array(z.string()).describe("what a reader must know to read the answers"),
});
export type EncoderPage = z.infer<typeof EncoderPage>;
