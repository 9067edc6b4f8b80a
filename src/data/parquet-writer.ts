// Writing Parquet tables through DuckDB: typed metadata columns beside a float matrix, in pieces, whole or not at all.
import { access, constants, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { duckDbOptions, sqlText, withDuckDb } from "./duckdb.ts";
import { cannotWrite } from "./errors.ts";
import { type ParquetRows, type ParquetSchema, RowScan } from "./row-scan.ts";
import type { Cell } from "./table-files.ts";

const VALUES_PER_GROUP = 4_000_000; // 16 MB of floats: what a writer gathers, and what a row group holds
const MAX_GROUP_ROWS = 122_880; // DuckDB's own default
const CHUNK_ROWS = 2048; // DuckDB's vector size: a row group holds whole chunks

/**
 * Writes one Parquet file piece by piece with flat memory; it gets its name only when {@link close} has written all of it.
 *
 * Rows gather in memory until they fill a row group, which is written out as a part; closing joins the parts, in order.
 * Call `close()` to finish or `discard()` to leave nothing behind.
 * @example
 * ```ts
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { ParquetWriter, readTable } from "gan-dl/data";
 * const path = join(tmpdir(), `gandl-example-writer-${process.pid}.parquet`);
 * const writer = await ParquetWriter.create(path, { columns: [{ name: "site_id", type: "text" }] });
 * for (const id of ["a", "b"]) await writer.append({ nRows: 1, columns: [[id]] });
 * await writer.close();
 * console.assert((await readTable(path)).nRows === 2);
 * ```
 */
export class ParquetWriter {
  readonly #path: string;
  readonly #partial: string;
  readonly #schema: ParquetSchema;
  readonly #instance: DuckDBInstance;
  readonly #scan: RowScan;
  readonly #groupRows: number;
  readonly #columns: Cell[][];
  /** Grows up to a row group: memory for one is more than a small table ever touches. */
  #matrix = new Float32Array();
  readonly #parts: string[] = [];
  #waiting = 0;

  private constructor(path: string, schema: ParquetSchema, groupRows: number, instance: DuckDBInstance, scan: RowScan) {
    this.#path = path;
    this.#partial = partialName(path);
    this.#schema = schema;
    this.#instance = instance;
    this.#scan = scan;
    this.#groupRows = groupRows;
    this.#columns = schema.columns.map(() => []);
  }

  /**
   * @param groupRows rows of a row group, a multiple of 2048; chosen for some 16 MB when left out.
   * @throws GanDlError `cannot-write` when the folder cannot be written.
   */
  static async create(path: string, schema: ParquetSchema, groupRows = groupRowsOf(schema)): Promise<ParquetWriter> {
    await checkFolder(path);
    const instance = await DuckDBInstance.create(":memory:", duckDbOptions);
    return new ParquetWriter(path, schema, groupRows, instance, new RowScan(await instance.connect(), schema));
  }

  /** Adds rows at the end; borrowed until the promise resolves. @throws GanDlError `cannot-write`. */
  async append(rows: ParquetRows): Promise<void> {
    checkRows(this.#schema, rows);
    const width = widthOf(this.#schema);
    for (let start = 0; start < rows.nRows; ) {
      const n = Math.min(rows.nRows - start, this.#groupRows - this.#waiting);
      for (const [j, column] of this.#columns.entries()) {
        for (let i = 0; i < n; i++) column.push(rows.columns[j]![start + i]!);
      }
      this.#grow((this.#waiting + n) * width);
      if (width > 0) this.#matrix.set(rows.matrix!.subarray(start * width, (start + n) * width), this.#waiting * width);
      this.#waiting += n;
      start += n;
      if (this.#waiting === this.#groupRows) await this.#finishPart();
    }
  }

  /** Writes the file under its name and removes everything temporary. @throws GanDlError `cannot-write`. */
  async close(): Promise<void> {
    try {
      if (this.#parts.length === 0) {
        const compression = this.#waiting < CHUNK_ROWS ? "snappy" : "zstd"; // zstd prepares each column: longer than a few rows take
        await this.#scan.copy(this.#gathered(), this.#partial, formatOf(compression, this.#groupRows));
      } else {
        if (this.#waiting > 0) await this.#finishPart();
        const parts = `read_parquet([${this.#parts.map(sqlText).join(", ")}])`;
        const copy = `COPY (SELECT * FROM ${parts}) TO ${sqlText(this.#partial)}`;
        await this.#scan.connection.run(`${copy} (${formatOf("zstd", this.#groupRows)})`);
      }
      await rename(this.#partial, this.#path);
    } catch (error) {
      throw cannotWrite(this.#path, error);
    } finally {
      await this.#release();
    }
  }

  /** Drops all that was appended; the file `path` stays as it was. */
  async discard(): Promise<void> {
    await this.#release();
  }

  #gathered(): ParquetRows {
    const matrix = this.#matrix.subarray(0, this.#waiting * widthOf(this.#schema));
    return { nRows: this.#waiting, columns: this.#columns, matrix };
  }

  #grow(values: number): void {
    if (values <= this.#matrix.length) return;
    const most = this.#groupRows * widthOf(this.#schema);
    const larger = new Float32Array(Math.min(most, Math.max(values, 2 * this.#matrix.length)));
    larger.set(this.#matrix);
    this.#matrix = larger;
  }

  async #finishPart(): Promise<void> {
    const part = `${this.#partial}.${this.#parts.length}`;
    this.#parts.push(part);
    try {
      await this.#scan.copy(this.#gathered(), part, formatOf("snappy", this.#groupRows)); // quick: it is read once, soon
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
    for (const column of this.#columns) column.length = 0;
    this.#waiting = 0;
  }

  async #release(): Promise<void> {
    this.#scan.connection.closeSync();
    this.#instance.closeSync();
    for (const file of [this.#partial, ...this.#parts]) await rm(file, { force: true });
  }
}

/**
 * Writes one Parquet file in one go; an existing file is replaced, and only by a whole one.
 * @throws GanDlError `cannot-write`.
 * @example
 * ```ts
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { readFeatureTable, writeParquet } from "gan-dl/data";
 * const path = join(tmpdir(), `gandl-example-${process.pid}.parquet`);
 * const schema = { columns: [{ name: "site_id", type: "text" }], matrixColumns: ["feature_0", "feature_1"] } as const;
 * await writeParquet(path, schema, { nRows: 1, columns: [["a"]], matrix: Float32Array.of(0.5, 2) });
 * console.assert((await readFeatureTable(path)).features[1] === 2);
 * ```
 */
export async function writeParquet(path: string, schema: ParquetSchema, rows: ParquetRows): Promise<void> {
  checkRows(schema, rows);
  await checkFolder(path);
  const partial = partialName(path);
  try {
    const format = formatOf("zstd", groupRowsOf(schema));
    await withDuckDb((connection) => new RowScan(connection, schema).copy(rows, partial, format));
    await rename(partial, path);
  } catch (error) {
    throw cannotWrite(path, error);
  } finally {
    await rm(partial, { force: true });
  }
}

const partialName = (path: string) => `${path}.partial-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;

const widthOf = (schema: ParquetSchema) => schema.matrixColumns?.length ?? 0;

const formatOf = (compression: "zstd" | "snappy", groupRows: number) =>
  `FORMAT parquet, COMPRESSION ${compression}, ROW_GROUP_SIZE ${groupRows}`;

function groupRowsOf(schema: ParquetSchema): number {
  const chunks = Math.ceil(VALUES_PER_GROUP / (schema.columns.length + widthOf(schema)) / CHUNK_ROWS);
  return Math.min(MAX_GROUP_ROWS, chunks * CHUNK_ROWS);
}

async function checkFolder(path: string): Promise<void> {
  await access(dirname(path), constants.W_OK).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
}

function checkRows({ columns, matrixColumns = [] }: ParquetSchema, rows: ParquetRows): void {
  if (rows.columns.length !== columns.length)
    throw new Error(`internal: ${rows.columns.length} of ${columns.length} columns`);
  const wrong = rows.columns.findIndex((column) => column.length !== rows.nRows);
  if (wrong >= 0) throw new Error(`internal: column ${columns[wrong]?.name} is not ${rows.nRows} long`);
  const want = matrixColumns.length * rows.nRows;
  if ((rows.matrix?.length ?? 0) !== want) throw new Error(`internal: the matrix has not ${want} values`);
}
