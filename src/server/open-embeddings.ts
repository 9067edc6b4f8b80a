// Embeddings that are looked at: metadata through DuckDB; features only in threads of their own, for maps and neighbours.
import { readFile, stat } from "node:fs/promises";
import { sqlText } from "../data/duckdb.ts";
import type { TableDesk } from "../data/table-desk.ts";
import { EmbeddingHeader } from "../schema/embedding.ts";
import type { ColumnInfo } from "../schema/explorer.ts";
import type { CatalogueOfFolders, Found } from "./catalogue.ts";
import { describeColumns, describeTable } from "./columns.ts";
import { nothingThere } from "./errors.ts";
import { FeatureThread } from "./feature-thread.ts";
import { Kept } from "./kept.ts";
import { MapShelf } from "./map-shelf.ts";
import { once } from "./open-datasets.ts";

/** An embedding as the routes need it. */
export interface ServedEmbedding {
  readonly id: string;
  readonly path: string;
  /** Changes when the file does. */
  readonly version: string;
  readonly header: EmbeddingHeader | null;
  readonly nRows: number;
  readonly nFeatures: number;
  /** SQL for the rows, numbered by `file_row_number`. */
  readonly rows: string;
  readonly columns: () => Promise<ColumnInfo[]>;
  /** Catalogue id of the data set that the rows are images of. */
  readonly datasetId: string | null;
  /** The matrix, in a thread; started when first used. */
  readonly features: FeatureThread;
}

/** Each may hold its matrix in memory. */
const MOST_OPEN = 2;

export class OpenEmbeddings {
  readonly maps = new MapShelf();
  readonly #catalogue: CatalogueOfFolders;
  readonly #desk: TableDesk;
  readonly #kept = new Kept<ServedEmbedding>(MOST_OPEN, (embedding) => embedding.features.close());

  constructor(catalogue: CatalogueOfFolders, desk: TableDesk) {
    this.#catalogue = catalogue;
    this.#desk = desk;
  }

  /** Runs `use` on an embedding, which stays open until it is done. @throws GanDlError `not-found`. */
  async use<T>(id: string, use: (embedding: ServedEmbedding) => Promise<T>): Promise<T> {
    const found = await this.#catalogue.find("embedding", id);
    const { mtimeMs, size } = await stat(found.path).catch(() => {
      throw nothingThere("embedding", id);
    });
    const version = `${mtimeMs}-${size}`;
    return this.#kept.use(`${id}:${version}`, () => this.#open(found, version), use);
  }

  close(): void {
    this.#kept.close();
    this.maps.close();
  }

  async #open({ entry, path, fingerprint }: Found, version: string): Promise<ServedEmbedding> {
    const from = `read_parquet(${sqlText(path)})`;
    const [{ nFeatures }, [counted]] = await Promise.all([
      describeTable(this.#desk, from),
      this.#desk.ask(`SELECT count(*) AS n FROM ${from}`),
    ]);
    const datasets = await this.#catalogue.all();
    const dataset = datasets.find(
      (d) => d.entry.kind === "dataset" && fingerprint !== null && d.fingerprint === fingerprint,
    );
    return {
      ...{ id: entry.id, path, version, nFeatures, nRows: Number(counted?.n ?? 0) },
      header: await headerOf(path),
      rows: `read_parquet(${sqlText(path)}, file_row_number = true)`,
      columns: once(() => describeColumns(this.#desk, from)),
      datasetId: dataset?.entry.id ?? null,
      features: new FeatureThread(path),
    };
  }
}

async function headerOf(path: string): Promise<EmbeddingHeader | null> {
  try {
    return EmbeddingHeader.parse(JSON.parse(await readFile(path.replace(/\.parquet$/, ".json"), "utf8")));
  } catch {
    return null;
  }
}
