// `dataset.json` of a dataset folder and the columns that `sites.parquet` always has.
import { z } from "zod";

/** Statistics of one channel over every pixel of the stored shards, in stored grey levels. */
export const ChannelStatistics = z.strictObject({
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  sd: z.number(),
  p0_5: z.number().describe("0.5th percentile"),
  p99_5: z.number().describe("99.5th percentile"),
});

/** One stain of the panel, in stored order. */
export const Channel = z.strictObject({
  name: z.string().min(1).describe("short unique name, e.g. DNA"),
  stain: z.string().describe("the dye or antibody, e.g. Hoechst 33342"),
  colour: z
    .string()
    .regex(/^#[0-9a-f]{6}$/)
    .describe("display colour in composites"),
  statistics: ChannelStatistics,
});

const LevelRanges = z.array(z.strictObject({ low: z.number(), high: z.number() })).describe("one a channel");

/** How source grey levels became stored ones; linear between `low` and `high`, clamped. */
export const IntensityMapping = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }).describe("stored as read"),
  z.strictObject({ kind: z.literal("linear"), perChannel: LevelRanges }),
  z.strictObject({
    kind: z.literal("percentile"),
    lowPercent: z.number(),
    highPercent: z.number(),
    perChannel: LevelRanges,
  }),
  z.strictObject({
    kind: z.literal("percentile-per-plate"),
    lowPercent: z.number(),
    highPercent: z.number(),
    perPlate: z.array(z.strictObject({ plateId: z.string(), perChannel: LevelRanges })),
  }),
  z.strictObject({
    kind: z.literal("standardise-per-image"),
    sdRange: z.number().describe("stored 0…255 spans mean ± this many sd"),
  }),
]);

/** What of the metadata was asked for; a part that is absent left nothing out. */
export const SelectionRecord = z.strictObject({
  where: z.string().optional().describe("SQL condition over the metadata"),
  sites: z.array(z.string()).optional().describe("fields of each well"),
  perWell: z.int().positive().optional().describe("fields drawn from each well"),
  limit: z.int().positive().optional().describe("images in all, each plate and condition keeping its share"),
  seed: z.int().optional(),
});

/** How uneven light was removed: every image was divided by the flat field of its plate and channel. */
export const Illumination = z.strictObject({
  kind: z.enum(["estimated", "given"]),
  plates: z
    .array(z.strictObject({ plateId: z.string(), file: z.string(), nImages: z.int().nonnegative() }))
    .describe("a float32 .npy [c,h,w] a plate, reduced where estimated at reduced size"),
});

/** How many images have a fault of each kind; which ones is told in sites.parquet. None was left out for it. */
export const QualityCounts = z.strictObject({
  flagged: z.int().nonnegative(),
  blurred: z.int().nonnegative(),
  empty: z.int().nonnegative(),
  saturated: z.int().nonnegative(),
  duplicated: z.int().nonnegative(),
  limits: z.record(z.string(), z.number()).describe("where the lines were drawn"),
});

/** `dataset.json`: what a dataset folder holds. */
export const DatasetManifest = z.strictObject({
  kind: z.literal("gandl-dataset"),
  schemaVersion: z.literal(1),
  id: z.string().min(1).describe("the data set's id, e.g. rxrx19a"),
  title: z.string(),
  source: z.string().describe("where the images came from, as given (a file name, never an absolute path)"),
  citation: z.string(),
  licence: z.string(),
  synthetic: z.boolean(),
  channels: z.array(Channel).min(1),
  dtype: z.enum(["uint8", "uint16"]),
  heightPx: z.int().positive(),
  widthPx: z.int().positive(),
  pixelSizeUm: z.number().positive().nullable().describe("of the stored images"),
  resizedFrom: z
    .strictObject({ heightPx: z.int().positive(), widthPx: z.int().positive() })
    .optional()
    .describe("size before area averaging; absent when images are stored at their own size"),
  sourceBitDepth: z.union([z.literal(8), z.literal(16)]),
  intensityMapping: IntensityMapping,
  selection: SelectionRecord.optional(),
  illumination: Illumination.optional(),
  quality: QualityCounts.optional(),
  nSites: z.int().nonnegative(),
  shards: z.array(z.strictObject({ file: z.string(), nSites: z.int().positive() })),
  skipped: z.array(z.strictObject({ siteId: z.string(), row: z.int(), reason: z.string() })),
  fingerprint: z.string().describe("SHA-256 over the metadata rows and the stored pixels"),
  importKey: z
    .string()
    .optional()
    .describe("SHA-256 over source, selection and settings: equal imports have equal keys"),
});
export type DatasetManifest = z.infer<typeof DatasetManifest>;
export type Channel = z.infer<typeof Channel>;
export type ChannelStatistics = z.infer<typeof ChannelStatistics>;
export type IntensityMapping = z.infer<typeof IntensityMapping>;
export type Illumination = z.infer<typeof Illumination>;

/** What a well is for. Healthy or vehicle wells are negative controls; untreated diseased wells are positive controls. */
export const Role = z.enum(["negative_control", "positive_control", "treated", "blank", "unknown"]);
export type Role = z.infer<typeof Role>;

/**
 * One row of `sites.parquet`: one image. Source columns follow under their own names (`source_<name>` where a name is taken by a different value).
 * `plate_id` is unique over the dataset (`{experiment}_{plate}`); group by it, not by `plate`, whose numbers repeat between experiments.
 */
export const Site = z.object({
  image_index: z.int().nonnegative().describe("position over all shards, in order"),
  site_id: z.string(),
  well_id: z.string(),
  plate_id: z.string(),
  experiment: z.string(),
  plate: z.string(),
  well: z.string(),
  row: z.int().nullable().describe("0-based row of the well on its plate"),
  column: z.int().nullable().describe("0-based column of the well on its plate"),
  site: z.string().describe("field or cell within the well"),
  cell_type: z.string().nullable(),
  role: Role,
  condition: z.string().nullable().describe("disease state or other class fixed by the experiment"),
  treatment: z.string().nullable(),
  dose_um: z.number().nullable(),
  qc_flags: z
    .string()
    .nullable()
    .optional()
    .describe("e.g. blurred(DNA, ER) saturated(actin); null when nothing was found"),
  qc_duplicate_of: z
    .string()
    .nullable()
    .optional()
    .describe("site_id of an earlier image with the same pixels in a channel"),
});
export type Site = z.infer<typeof Site>;
