// What `gandl serve` answers and the explorer reads: one schema an answer. Pixels, maps and thumbnails travel as bytes beside these.
import { z } from "zod";
import { DatasetManifest } from "./dataset.ts";
import { EmbeddingHeader } from "./embedding.ts";

/** What went wrong with a request, in the words of the error that the command line would print. */
export const ApiFault = z.strictObject({ code: z.string(), message: z.string() });
export type ApiFault = z.infer<typeof ApiFault>;

/** One thing that was found in the folders served. `id` is stable for a path and stands in addresses. */
export const CatalogueEntry = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  kind: z.enum(["dataset", "embedding", "run", "results"]),
  name: z.string().describe("path below the folder served"),
  title: z.string(),
  detail: z.string().describe("one line: sizes, encoder, date"),
  synthetic: z.boolean(),
});
export type CatalogueEntry = z.infer<typeof CatalogueEntry>;

export const Catalogue = z.strictObject({
  version: z.string(),
  folders: z.array(z.string()).describe("names of the folders served, never their absolute paths"),
  entries: z.array(CatalogueEntry),
  hasEncoderPage: z.boolean().describe("whether /encode answers: an exported page lies in the folders served"),
});
export type Catalogue = z.infer<typeof Catalogue>;

/** A column of metadata that something can be coloured or filtered by. */
export const ColumnInfo = z.strictObject({
  name: z.string(),
  kind: z.enum(["category", "number"]),
  nDistinct: z.int().nonnegative(),
  nMissing: z.int().nonnegative(),
});
export type ColumnInfo = z.infer<typeof ColumnInfo>;

export const PlateInfo = z.strictObject({
  plateId: z.string(),
  nSites: z.int().nonnegative(),
  nWells: z.int().nonnegative(),
});
export type PlateInfo = z.infer<typeof PlateInfo>;

/** `GET /api/datasets/:id`. */
export const DatasetAnswer = z.strictObject({
  id: z.string(),
  manifest: DatasetManifest.omit({ skipped: true, shards: true }),
  nSkipped: z.int().nonnegative(),
  columns: z.array(ColumnInfo),
  measures: z
    .array(z.string())
    .describe("numeric columns of measures.parquet, e.g. focus_DNA; none where it is not there"),
  plates: z.array(PlateInfo),
});
export type DatasetAnswer = z.infer<typeof DatasetAnswer>;

export const WellValue = z.union([z.string(), z.number(), z.null()]);

/** `GET /api/datasets/:id/plates/:plate?colour=COLUMN`. A number is the mean over the well's sites, a category the commonest one. */
export const PlateAnswer = z.strictObject({
  plateId: z.string(),
  nRows: z.int().positive().describe("of the plate's format: 8, 16 or 32"),
  nColumns: z.int().positive().describe("12, 24 or 48"),
  colour: z.string(),
  kind: z.enum(["category", "number"]),
  labels: z
    .array(z.string())
    .describe("the column's values over the whole data set, commonest first, so that colours hold from plate to plate"),
  range: z
    .tuple([z.number(), z.number()])
    .nullable()
    .describe("lowest and highest mean of a well over the whole data set, of a number"),
  middle: z
    .tuple([z.number(), z.number()])
    .nullable()
    .describe("1st and 99th percentile of these means, which a single well does not move"),
  wells: z.array(
    z.strictObject({
      wellId: z.string(),
      well: z.string(),
      row: z.int().nonnegative(),
      column: z.int().nonnegative(),
      nSites: z.int().positive(),
      value: WellValue,
      nValues: z.int().nonnegative().describe("how many different values the well's sites have"),
    }),
  ),
  nUnplaced: z.int().nonnegative().describe("wells without a row and column, which no grid can show"),
});
export type PlateAnswer = z.infer<typeof PlateAnswer>;

/** `GET /api/datasets/:id/wells/:well`: the sites of a well with every column. */
export const WellAnswer = z.strictObject({
  wellId: z.string(),
  sites: z.array(z.record(z.string(), WellValue)).describe("rows of sites.parquet, in order"),
});
export type WellAnswer = z.infer<typeof WellAnswer>;

/** `GET /api/embeddings/:id`. */
export const EmbeddingAnswer = z.strictObject({
  id: z.string(),
  header: EmbeddingHeader.nullable().describe("null for a table that another program wrote"),
  nRows: z.int().nonnegative(),
  nFeatures: z.int().positive(),
  columns: z.array(ColumnInfo),
  datasetId: z
    .string()
    .nullable()
    .describe("catalogue id of the data set that the rows are images of, where it is served too"),
});
export type EmbeddingAnswer = z.infer<typeof EmbeddingAnswer>;

/** `GET /api/embeddings/:id/map`: ask again until `ready`, then read `points` from `…/map/points`. */
export const MapAnswer = z.discriminatedUnion("state", [
  z.strictObject({
    state: z.literal("working"),
    step: z.string(),
    percent: z.int().nullable().describe("of this step, where that is known"),
    seconds: z.number().nonnegative(),
  }),
  z.strictObject({ state: z.literal("ready"), nPoints: z.int().nonnegative(), note: z.string().nullable() }),
  z.strictObject({ state: z.literal("failed"), message: z.string() }),
]);
export type MapAnswer = z.infer<typeof MapAnswer>;

/** `GET /api/embeddings/:id/columns/:name`: one value a row of the table. */
export const ColumnAnswer = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("category"),
    name: z.string(),
    labels: z.array(z.string().nullable()).describe("commonest first"),
    codes: z.array(z.int().nonnegative()).describe("position in labels, `[rows]`"),
  }),
  z.strictObject({ kind: z.literal("number"), name: z.string(), values: z.array(z.number().nullable()) }),
]);
export type ColumnAnswer = z.infer<typeof ColumnAnswer>;

/** Metadata of one row of an embedding. */
export const EmbeddingRow = z.strictObject({ row: z.int().nonnegative(), values: z.record(z.string(), WellValue) });
export type EmbeddingRow = z.infer<typeof EmbeddingRow>;

/** `GET /api/embeddings/:id/neighbours?row=` or `?well=`: nearest rows by cosine, exactly, nearest first. */
export const NeighboursAnswer = z.strictObject({
  of: z.string(),
  neighbours: z.array(EmbeddingRow.extend({ cosine: z.number() })),
});
export type NeighboursAnswer = z.infer<typeof NeighboursAnswer>;

/** Body of `POST /api/embeddings/:id/selection`; the answer is CSV. */
export const SelectionRequest = z.strictObject({ rows: z.array(z.int().nonnegative()).min(1).max(2_000_000) });
export type SelectionRequest = z.infer<typeof SelectionRequest>;
