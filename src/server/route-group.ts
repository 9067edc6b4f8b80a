// What a file of routes is given, and what it gives: one file a group, one line in routes/index.ts.
import type { Hono } from "hono";
import type { TableDesk } from "../data/table-desk.ts";
import type { CatalogueOfFolders } from "./catalogue.ts";
import type { OpenDatasets } from "./open-datasets.ts";
import type { OpenEmbeddings } from "./open-embeddings.ts";
import type { SharedAnswers } from "./shared-answers.ts";

/** What every route may use; closed with the server. */
export interface ServerContext {
  readonly version: string;
  readonly catalogue: CatalogueOfFolders;
  /** SQL over Parquet and CSV files. */
  readonly desk: TableDesk;
  readonly datasets: OpenDatasets;
  readonly embeddings: OpenEmbeddings;
  /** Large answers, held once for all who read them. */
  readonly answers: SharedAnswers;
  /** Whether /encode has a page to show now. */
  readonly hasEncoderPage: () => Promise<boolean>;
}

/** Adds routes below `/api`. A thrown GanDlError becomes the answer. */
export type RouteGroup = (api: Hono, context: ServerContext) => void;
