// RxRx3-core as Hugging Face serves it: a CSV of wells, and images as values of Parquet shards, `data/train-*.parquet`.
// Its columns: `__key__` (`gene-001/Plate1/AA02_s1_1`) and `jp2`, a struct of `bytes` and `path`.
import { isGanDlError } from "../../core/errors.ts";
import { SourceRow } from "../datasets/define-dataset.ts";
import { rxrx3Core, rxrx3Key } from "../datasets/rxrx3-core.ts";
import { sqlText, withDuckDb } from "../duckdb.ts";
import { badTable, fileNotInSource, firstLine } from "../errors.ts";
import type { ImageSource } from "../image-source.ts";
import { type Metadata, readMetadata } from "../metadata.ts";
import type { Layout } from "./layout.ts";

const TABLE = "metadata_rxrx3_core.csv";
/** Extensions under which unpacked images are looked for; PNG is what JPEG 2000 is converted to. */
const EXTENSIONS = ["png", "tif", "tiff", "jp2"];

export const rxrx3CoreLayout: Layout = {
  id: "rxrx3-core",
  async open(source, options) {
    if (options.metadata === undefined && !(await source.has(TABLE))) return null;
    const metadata = await readMetadata(source, [TABLE], options.metadata);
    const isTold = (rxrx3Core.telltaleColumns ?? []).every((name) => metadata.table.columns.has(name));
    if (!isTold) return null;
    const extension = await extensionOf(source, metadata);
    const shards = (await source.list("data")).filter((name) => name.endsWith(".parquet")).sort();
    if (extension === null && shards.length > 0 && source.localPath !== undefined) {
      const paths = shards.map((name) => source.localPath!(`data/${name}`));
      return { dataset: rxrx3Core, metadata: { ...metadata, folder: "" }, source: new ParquetImages(source, paths) };
    }
    const images = (row: SourceRow) => rxrx3Core.images(row).map((path) => path.replace(/jp2$/, extension ?? "jp2"));
    return { dataset: { ...rxrx3Core, images }, metadata, source };
  },
};

/** What unpacked images end in; null where there are none. */
async function extensionOf(source: ImageSource, { file, folder, table }: Metadata): Promise<string | null> {
  for (let i = 0; i < Math.min(table.nRows, 50); i++) {
    const stem = `${folder}images/${rxrx3Key(new SourceRow(file, table.columns, i), 1)}`;
    for (const extension of EXTENSIONS) if (await source.has(`${stem}.${extension}`)) return extension;
  }
  return null;
}

interface Place {
  readonly shard: number;
  readonly row: number;
}

/** Images inside Parquet shards, as files `images/{__key__}.jp2`. */
class ParquetImages implements ImageSource {
  readonly name: string;
  readonly parallelReads = 1;
  readonly knowsAllFiles = true;
  readonly #under: ImageSource;
  readonly #shards: readonly string[];
  #places: Promise<ReadonlyMap<string, Place>> | null = null;

  constructor(under: ImageSource, shards: readonly string[]) {
    this.name = under.name;
    this.#under = under;
    this.#shards = shards;
  }

  async read(path: string): Promise<Uint8Array> {
    const place = await this.#place(path);
    if (place === null) return this.#under.read(path);
    const shard = this.#shards[place.shard]!;
    return this.#withShards(shard, async (connection) => {
      const from = `read_parquet(${sqlText(shard)}, file_row_number = true)`;
      const reader = await connection.runAndReadAll(
        `SELECT jp2.bytes FROM ${from} WHERE file_row_number = ${place.row}`,
      );
      const value = reader.getRows()[0]?.[0] as { readonly bytes: Uint8Array } | null | undefined;
      if (value === null || value === undefined) throw fileNotInSource(this.name, path);
      return Uint8Array.from(value.bytes);
    });
  }

  async about(path: string) {
    const place = await this.#place(path);
    if (place === null) return this.#under.about(path);
    const { bytes, mark } = await this.#under.about(`data/${this.#shards[place.shard]!.replace(/^.*[/\\]/, "")}`);
    const perShard = Math.max(1, (await this.#all()).size / this.#shards.length);
    return { bytes: Math.round(bytes / perShard), mark: `${mark}-${place.row}` };
  }

  async has(path: string): Promise<boolean> {
    return (await this.#place(path)) !== null || this.#under.has(path);
  }

  list(folder: string): Promise<readonly string[]> {
    return this.#under.list(folder);
  }

  close(): Promise<void> {
    return this.#under.close();
  }

  async #place(path: string): Promise<Place | null> {
    const key = /^images\/(.+)\.jp2$/.exec(path)?.[1];
    return key === undefined ? null : ((await this.#all()).get(key) ?? null);
  }

  #all(): Promise<ReadonlyMap<string, Place>> {
    this.#places ??= this.#readKeys();
    return this.#places;
  }

  /** The keys alone: 1.3 million short texts. */
  async #readKeys(): Promise<ReadonlyMap<string, Place>> {
    const places = new Map<string, Place>();
    for (const [shard, path] of this.#shards.entries()) {
      await this.#withShards(path, async (connection) => {
        const result = await connection.stream(`SELECT __key__ FROM read_parquet(${sqlText(path)})`);
        let row = 0;
        for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; ) {
          for (const key of chunk.getColumnValues(0)) places.set(String(key), { shard, row: row++ });
          chunk = await result.fetchChunk();
        }
      });
    }
    return places;
  }

  async #withShards<T>(path: string, work: Parameters<typeof withDuckDb<T>>[0]): Promise<T> {
    try {
      return await withDuckDb(work);
    } catch (error) {
      if (isGanDlError(error)) throw error;
      throw badTable(path, `${firstLine(error)}.`, error);
    }
  }
}
