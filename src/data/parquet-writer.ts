// Writing Parquet tables through DuckDB: typed metadata columns beside a float matrix, in pieces, whole or not at all.
import { rename, rm } from "node:fs/promises";
import {
  BIGINT,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  FLOAT,
  VARCHAR,
} from "@duckdb/node-api";
import { duckDbOptions, sqlName, sqlText } from "./duckdb.ts";
import { cannotWrite } from "./errors.ts";
import type { Cell } from "./table-files.ts";

/** The type of one metadata column. */
export type ColumnType = "text" | "int" | "double";

/** The columns of a Parquet file: first the metadata, then the matrix's. */
export interface ParquetSchema {
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  /** Names of the float columns, e.g. `feature_0 …`. */
  readonly matrixColumns?: readonly string[];
}

/** Some rows for {@link ParquetWriter.append}; borrowed. */
export interface ParquetRows {
  readonly nRows: number;
  /** One array a metadata column, in the schema's order, each of `nRows` values. */
  readonly columns: readonly ArrayLike<Cell>[];
  /** `[nRows, matrixColumns]` row-major. */
  readonly matrix?: Float32Array;
}

const SQL_TYPE = { text: VARCHAR, int: BIGINT, double: DOUBLE } as const;
const CHUNK_ROWS = 2048; // DuckDB's vector size: the most that one chunk holds
const VALUES_PER_FLUSH = 4_000_000; // 16 MB of floats held by the appender at a time
const VALUES_PER_ROW_GROUP = 8_000_000;

/**
 * Writes one Parquet file piece by piece with flat memory; rows go to a temporary database beside it, and the file gets
 * its name only when {@link close} has written all of it.
 *
 * Call `close()` to finish or `discard()` to leave nothing behind.
 */
export class ParquetWriter {
  readonly #path: string;
  readonly #partial: string;
  readonly #schema: ParquetSchema;
  readonly #matrixColumns: readonly string[];
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #appender: DuckDBAppender;
  readonly #chunk: DuckDBDataChunk;
  #rowsSinceFlush = 0;

  private constructor(path: string, partial: string, schema: ParquetSchema, database: Database) {
    this.#path = path;
    this.#partial = partial;
    this.#schema = schema;
    this.#matrixColumns = schema.matrixColumns ?? [];
    this.#instance = database.instance;
    this.#connection = database.connection;
    this.#appender = database.appender;
    const types = [...schema.columns.map((column) => SQL_TYPE[column.type]), ...this.#matrixColumns.map(() => FLOAT)];
    this.#chunk = DuckDBDataChunk.create(types);
  }

  /** @throws GanDlError `cannot-write` when the folder cannot be written. */
  static async create(path: string, schema: ParquetSchema): Promise<ParquetWriter> {
    const partial = `${path}.partial-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
    try {
      return new ParquetWriter(path, partial, schema, await openDatabase(`${partial}.duckdb`, schema));
    } catch (error) {
      await removePartial(partial);
      throw cannotWrite(path, error);
    }
  }

  /** Adds rows at the end. */
  append(rows: ParquetRows): void {
    const nColumns = this.#schema.columns.length;
    if (rows.columns.length !== nColumns) throw new Error(`internal: ${rows.columns.length} columns for ${nColumns}`);
    const wrong = rows.columns.findIndex((column) => column.length !== rows.nRows);
    if (wrong >= 0) throw new Error(`internal: column ${this.#schema.columns[wrong]?.name} is not ${rows.nRows} long`);
    const nMatrix = this.#matrixColumns.length;
    if ((rows.matrix?.length ?? 0) !== nMatrix * rows.nRows) throw new Error("internal: matrix has the wrong length");
    for (let start = 0; start < rows.nRows; start += CHUNK_ROWS) {
      const end = Math.min(rows.nRows, start + CHUNK_ROWS);
      this.#fillChunk(rows, start, end);
      this.#appender.appendDataChunk(this.#chunk);
      this.#rowsSinceFlush += end - start;
      if (this.#rowsSinceFlush * (nColumns + nMatrix) > VALUES_PER_FLUSH) {
        this.#appender.flushSync();
        this.#rowsSinceFlush = 0;
      }
    }
  }

  #fillChunk(rows: ParquetRows, start: number, end: number): void {
    const chunk = this.#chunk;
    const nRows = end - start;
    chunk.reset();
    chunk.rowCount = nRows;
    for (const [j, { type }] of this.#schema.columns.entries()) {
      const values = rows.columns[j]!;
      const vector = chunk.getColumnVector(j);
      for (let i = 0; i < nRows; i++) vector.setItem(i, sqlValue(values[start + i] ?? null, type));
      vector.flush();
    }
    const nMatrix = this.#matrixColumns.length;
    const matrix = rows.matrix ?? new Float32Array(0);
    for (let j = 0; j < nMatrix; j++) {
      const vector = chunk.getColumnVector(this.#schema.columns.length + j);
      for (let i = 0; i < nRows; i++) vector.setItem(i, matrix[(start + i) * nMatrix + j]!);
      vector.flush();
    }
  }

  /** Writes the file under its name and removes everything temporary. @throws GanDlError `cannot-write`. */
  async close(): Promise<void> {
    try {
      this.#appender.closeSync();
      const nColumns = this.#schema.columns.length + this.#matrixColumns.length;
      const groups = Math.ceil(VALUES_PER_ROW_GROUP / nColumns / CHUNK_ROWS);
      const rowGroup = Math.min(122_880, Math.max(1, groups) * CHUNK_ROWS); // 122,880: DuckDB's own default
      const format = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroup}`;
      await this.#connection.run(`COPY rows TO ${sqlText(this.#partial)} (${format})`);
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

  async #release(): Promise<void> {
    this.#connection.closeSync();
    this.#instance.closeSync();
    await removePartial(this.#partial);
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
  const writer = await ParquetWriter.create(path, schema);
  try {
    writer.append(rows);
  } catch (error) {
    await writer.discard();
    throw error;
  }
  await writer.close();
}

interface Database {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly appender: DuckDBAppender;
}

async function openDatabase(file: string, schema: ParquetSchema): Promise<Database> {
  const instance = await DuckDBInstance.create(file, duckDbOptions);
  const connection = await instance.connect();
  const columns = [
    ...schema.columns.map((column) => `${sqlName(column.name)} ${SQL_TYPE[column.type]}`),
    ...(schema.matrixColumns ?? []).map((name) => `${sqlName(name)} FLOAT`),
  ];
  await connection.run(`CREATE TABLE rows (${columns.join(", ")})`);
  return { instance, connection, appender: await connection.createAppender("rows") };
}

async function removePartial(partial: string): Promise<void> {
  for (const file of [partial, `${partial}.duckdb`, `${partial}.duckdb.wal`]) await rm(file, { force: true });
  await rm(`${partial}.duckdb.tmp`, { force: true, recursive: true });
}

function sqlValue(value: Cell, type: ColumnType): string | number | bigint | null {
  if (value === null) return null;
  if (type === "text") return String(value);
  return type === "int" ? BigInt(value) : Number(value);
}
