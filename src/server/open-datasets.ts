// Data sets that are looked at: their shards kept open, their tables asked through DuckDB, never read whole.
import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join, normalize } from "node:path";
import { sqlName, sqlText } from "../data/duckdb.ts";
import { notADataset, unsafePath } from "../data/errors.ts";
import { ShardReader } from "../data/shards.ts";
import type { TableDesk } from "../data/table-desk.ts";
import { DatasetManifest } from "../schema/dataset.ts";
import type { ColumnInfo, PlateInfo } from "../schema/explorer.ts";
import { parseWith } from "../schema/parse.ts";
import type { CatalogueOfFolders } from "./catalogue.ts";
import { describeColumns } from "./columns.ts";
import { Kept } from "./kept.ts";

/** A data set as the routes need it. */
export interface ServedDataset {
  readonly id: string;
  /** Changes when it is imported anew. */
  readonly version: string;
  readonly manifest: DatasetManifest;
  readonly shards: ShardReader;
  /** SQL for the rows of sites.parquet. */
  readonly sites: string;
  /** Names of the numbers that the import measured on each image. */
  readonly measures: () => Promise<string[]>;
  /** SQL for the rows of sites.parquet together with one measure of each image. */
  readonly withMeasure: (name: string) => string;
  /** Asked for once, then remembered. */
  readonly columns: () => Promise<ColumnInfo[]>;
  readonly plates: () => Promise<PlateInfo[]>;
  /** What a column holds over the whole data set. */
  readonly spread: (column: ColumnInfo) => Promise<ColumnSpread>;
}

/** The commonest values of a category, or the range that the wells' means of a number have, and their 1st and 99th percentile. */
export interface ColumnSpread {
  readonly labels: string[];
  readonly range: [number, number] | null;
  readonly middle: [number, number] | null;
}

/** Each holds a file descriptor a shard. */
const MOST_OPEN = 8;

/** Opens data sets when they are first asked for, and again when they were imported anew. */
export class OpenDatasets {
  readonly #catalogue: CatalogueOfFolders;
  readonly #desk: TableDesk;
  readonly #kept = new Kept<ServedDataset>(MOST_OPEN, (dataset) => dataset.shards.close());

  constructor(catalogue: CatalogueOfFolders, desk: TableDesk) {
    this.#catalogue = catalogue;
    this.#desk = desk;
  }

  /** Runs `use` on a data set, which stays open until it is done. @throws GanDlError `not-found`, `damaged-dataset`. */
  async use<T>(id: string, use: (dataset: ServedDataset) => Promise<T>): Promise<T> {
    const { path } = await this.#catalogue.find("dataset", id);
    const { mtimeMs, size } = await stat(join(path, "dataset.json")).catch((cause: unknown) => {
      throw notADataset(path, cause);
    });
    const version = `${mtimeMs}:${size}`;
    return this.#kept.use(`${id}:${version}`, () => this.#open(id, version, path), use);
  }

  close(): void {
    this.#kept.close();
  }

  async #open(id: string, version: string, path: string): Promise<ServedDataset> {
    const json: unknown = JSON.parse(await readFile(join(path, "dataset.json"), "utf8"));
    const manifest = parseWith(DatasetManifest, json, "dataset.json", "import the data set again with --overwrite.");
    for (const { file } of manifest.shards)
      if (file.startsWith("/") || normalize(file).startsWith("..")) throw unsafePath("dataset.json", file);
    const { dtype, channels, heightPx, widthPx } = manifest;
    const shards = new ShardReader(path, manifest.shards, { dtype, channels: channels.length, heightPx, widthPx });
    const sites = `read_parquet(${sqlText(join(path, "sites.parquet"))})`;
    const measured = `read_parquet(${sqlText(join(path, "measures.parquet"))})`;
    const withMeasure = (name: string) =>
      `(SELECT s.*, m.${sqlName(name)} FROM ${sites} s LEFT JOIN ${measured} m USING (image_index))`;
    const measures = once<string[]>(async () =>
      existsSync(join(path, "measures.parquet")) ? measureNames(this.#desk, sites, measured) : [],
    );
    return {
      ...{ id, version, manifest, shards, sites, measures, withMeasure },
      columns: once(() => describeColumns(this.#desk, sites)),
      plates: once(() => platesOf(this.#desk, sites)),
      spread: remembered(async (column) => {
        const isMeasure = (await measures()).includes(column.name);
        return spreadOf(this.#desk, isMeasure ? withMeasure(column.name) : sites, column);
      }),
    };
  }
}

async function platesOf(desk: TableDesk, sites: string): Promise<PlateInfo[]> {
  const rows = await desk.ask(
    `SELECT plate_id, count(*) AS n, count(DISTINCT well_id) AS w FROM ${sites} GROUP BY plate_id ORDER BY min(image_index)`,
  );
  return rows.map((row) => ({ plateId: String(row.plate_id), nSites: Number(row.n), nWells: Number(row.w) }));
}

/** Those that sites.parquet has too are left to it. */
async function measureNames(desk: TableDesk, sites: string, measured: string): Promise<string[]> {
  const [ofSites, ofMeasures] = await Promise.all(
    [sites, measured].map((from) => desk.ask(`DESCRIBE SELECT * FROM ${from}`)),
  );
  const taken = new Set(ofSites!.map(({ column_name }) => String(column_name)));
  return ofMeasures!
    .filter(({ column_type }) => column_type !== "VARCHAR")
    .map(({ column_name }) => String(column_name))
    .filter((name) => !taken.has(name));
}

/** More labels than these share one colour anyway. */
const MOST_LABELS = 500;

/** SQL for the mean of a column's finite numbers. */
export function meanOf(name: string): string {
  const number = `try_cast(${sqlName(name)} AS DOUBLE)`;
  return `avg(${number}) FILTER (isfinite(${number}))`;
}

async function spreadOf(desk: TableDesk, from: string, { name, kind }: ColumnInfo): Promise<ColumnSpread> {
  const column = sqlName(name);
  if (kind === "number") {
    const means = `SELECT ${meanOf(name)} AS v FROM ${from} GROUP BY well_id`;
    const ends = "min(v) AS low, max(v) AS high, quantile_cont(v, 0.01) AS p1, quantile_cont(v, 0.99) AS p99";
    const [{ low, high, p1, p99 } = {}] = await desk.ask(`SELECT ${ends} FROM (${means})`);
    if (typeof low !== "number") return { labels: [], range: null, middle: null };
    return { labels: [], range: [low, Number(high)], middle: [Number(p1), Number(p99)] };
  }
  const rows = await desk.ask(
    `SELECT CAST(${column} AS VARCHAR) AS v, count(*) AS n FROM ${from} WHERE v IS NOT NULL GROUP BY v ORDER BY n DESC, v LIMIT ${MOST_LABELS}`,
  );
  return { labels: rows.map(({ v }) => String(v)), range: null, middle: null };
}

/** {@link once} for each column. */
function remembered<T>(work: (column: ColumnInfo) => Promise<T>): (column: ColumnInfo) => Promise<T> {
  const known = new Map<string, () => Promise<T>>();
  return (column) => {
    const ask = known.get(column.name) ?? once(() => work(column));
    known.set(column.name, ask);
    return ask();
  };
}

/** `work`, done at the first call and remembered; forgotten when it fails. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | null = null;
  return () => {
    done ??= work().catch((error: unknown) => {
      done = null;
      throw error;
    });
    return done;
  };
}
