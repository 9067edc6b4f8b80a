// Reading CSV and Parquet tables through DuckDB.
import { type FileHandle, open } from "node:fs/promises";
import type { DuckDBConnection, DuckDBDataChunk, DuckDBValue } from "@duckdb/node-api";
import { isGanDlError } from "../core/errors.ts";
import { type CsvHeader, readCsvHeader } from "./csv-header.ts";
import { sqlName, sqlText, withDuckDb } from "./duckdb.ts";
import { badTable, sourceNotFound, unknownColumn } from "./errors.ts";

/** One value of a table. Empty CSV fields are null. */
export type Cell = string | number | null;

/** A table in memory, column by column, in the file's row and column order. */
export interface Table {
  readonly nRows: number;
  readonly columns: ReadonlyMap<string, readonly Cell[]>;
}

/** A table whose feature columns are one matrix. */
export interface FeatureTable {
  readonly nRows: number;
  readonly metadata: ReadonlyMap<string, readonly Cell[]>;
  readonly featureNames: readonly string[];
  /** `[n,f]` row-major; NaN where a cell is empty. Owned by the caller. */
  readonly features: Float32Array;
}

/**
 * Reads the CSV, TSV (also `.gz`) or Parquet file `path`.
 *
 * Every CSV field stays text, so `AA02` and `007` are never mistaken for numbers; Parquet keeps its types, with anything
 * that is neither text nor number as text.
 * @param options.columns the columns to read, in this order; all when left out.
 * @param options.name what errors call the file; its path when left out.
 * @throws GanDlError `source-not-found`, `bad-table` (naming the line), `unknown-column`.
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { readTable } from "gan-dl/data";
 * const path = join(tmpdir(), `gandl-example-${process.pid}.csv`);
 * writeFileSync(path, "well,drug\nAA02,007\n");
 * console.assert((await readTable(path)).columns.get("drug")?.[0] === "007");
 * ```
 */
export async function readTable(
  path: string,
  options: { columns?: readonly string[]; name?: string } = {},
): Promise<Table> {
  const file = { path, name: options.name ?? path };
  return withTable(file, async (connection, relation) => {
    const names = chosenColumns(file.name, relation.names, options.columns);
    const select = names.map(relation.column).join(", ");
    const reader = await connection.runAndReadAll(`SELECT ${select} FROM ${relation.from}`);
    const values = reader.getColumns();
    const columns = new Map(names.map((name, i) => [name, (values[i] ?? []).map(cell)]));
    return { nRows: reader.currentRowCount, columns };
  });
}

/**
 * Reads a table of embeddings: the columns that `isFeature` accepts become one float matrix, the others metadata.
 *
 * Empty cells of the matrix are NaN. Reads in pieces, so memory holds little more than the result.
 * @param options.isFeature chooses by name; `feature_0`, `feature_1`, … when left out.
 * @throws GanDlError as {@link readTable}, and `bad-table` when a feature is not a number.
 */
export async function readFeatureTable(
  path: string,
  options: { isFeature?: (name: string) => boolean } = {},
): Promise<FeatureTable> {
  const isFeature = options.isFeature ?? ((name: string) => /^feature_\d+$/.test(name));
  return withTable({ path, name: path }, async (connection, relation) => {
    const featureNames = relation.names.filter(isFeature);
    const others = relation.names.filter((name) => !isFeature(name));
    const count = await connection.runAndReadAll(`SELECT count(*) FROM ${relation.from}`);
    const nRows = Number(count.getRows()[0]?.[0] ?? 0);
    const features = new Float32Array(nRows * featureNames.length);
    const metadata = new Map<string, Cell[]>(others.map((name) => [name, []]));
    const asFloat = featureNames.map((name) => `CAST(${relation.column(name)} AS FLOAT)`);
    const select = [...others.map(relation.column), ...asFloat].join(", ");
    const result = await connection.stream(`SELECT ${select === "" ? "1" : select} FROM ${relation.from}`);
    let row = 0;
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; ) {
      for (const [i, name] of others.entries()) {
        for (const value of chunk.getColumnValues(i)) metadata.get(name)!.push(cell(value));
      }
      copyFeatures(chunk, others.length, features.subarray(row * featureNames.length), featureNames.length);
      row += chunk.rowCount;
      chunk = await result.fetchChunk();
    }
    return { nRows, metadata, featureNames, features };
  });
}

/** Copies the float columns of `chunk` from `firstColumn` on into the row-major `out`. */
function copyFeatures(chunk: DuckDBDataChunk, firstColumn: number, out: Float32Array, nFeatures: number): void {
  for (let j = 0; j < nFeatures; j++) {
    const column = chunk.getColumnVector(firstColumn + j);
    for (let i = 0; i < column.itemCount; i++)
      out[i * nFeatures + j] = (column.getItem(i) as number | null) ?? Number.NaN;
  }
}

/** A file as DuckDB sees it. */
interface Relation {
  /** Column names as in the file. */
  readonly names: readonly string[];
  /** What stands after FROM. */
  readonly from: string;
  /** What a column is called in SQL. */
  readonly column: (name: string) => string;
}

interface TableFile {
  readonly path: string;
  /** For messages. */
  readonly name: string;
}

/** Opens a table for `read`, and rewrites what DuckDB throws into words about the file. */
async function withTable<T>(
  file: TableFile,
  read: (connection: DuckDBConnection, relation: Relation) => Promise<T>,
): Promise<T> {
  const { path } = file;
  const isParquet = (await magicOf(file)) === "PAR1";
  const csv = isParquet ? null : await readCsvHeader(path, file.name);
  return withDuckDb(
    async (connection) => {
      try {
        return await read(connection, csv === null ? await parquetRelation(connection, path) : csvRelation(path, csv));
      } catch (error) {
        if (isGanDlError(error)) throw error;
        throw badTable(file.name, duckDbReason(error), error);
      }
    },
    csv === null ? {} : roomFor(csv.names.length),
  );
}

/** Each thread that reads text holds some two thousand rows of every column: what they need grows with both. */
const CSV_THREADS = 2;
const BASE_MB = 384;
const MB_PER_COLUMN = 0.5;

/** Memory is a bound, not a price: a narrow table takes a fraction of it. */
const roomFor = (nColumns: number) => ({
  threads: String(CSV_THREADS),
  memory_limit: `${BASE_MB + Math.ceil(nColumns * MB_PER_COLUMN)}MB`,
});

async function magicOf({ path, name }: TableFile): Promise<string> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } catch (error) {
    throw sourceNotFound(name, "a table", error);
  } finally {
    await file?.close();
  }
}

async function parquetRelation(connection: DuckDBConnection, path: string): Promise<Relation> {
  const from = `read_parquet(${sqlText(path)})`;
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`);
  return { names: described.getRows().map((row) => String(row[0])), from, column: sqlName };
}

/** Everything is told to DuckDB and nothing guessed, so that a column of digits stays text and a short row is an error. */
function csvRelation(path: string, header: CsvHeader): Relation {
  const position = new Map(header.names.map((name, i) => [name, `c${i}`]));
  const columns = header.names.map((_, i) => `c${i}: 'VARCHAR'`).join(", ");
  // DuckDB's own buffer of 16 longest lines would be most of the memory allowed: a table of a thousand features would not fit.
  const limits = "max_line_size=16777216, buffer_size=33554432";
  const dialect = `delim=${sqlText(header.delimiter)}, quote='"', escape='"', ${limits}`;
  return {
    names: header.names,
    from: `read_csv(${sqlText(path)}, auto_detect=false, header=true, columns={${columns}}, ${dialect})`,
    column: (name) => position.get(name) ?? sqlName(name),
  };
}

function chosenColumns(path: string, present: readonly string[], wanted?: readonly string[]): readonly string[] {
  const missing = (wanted ?? []).filter((name) => !present.includes(name));
  if (missing.length > 0) throw unknownColumn(path, missing, present);
  return wanted ?? present;
}

/** What DuckDB says about a file, without its advice on SQL options that our users cannot set. */
function duckDbReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const said = text.split(/\n\s*\n?(?:Possible|LINE \d|\* )/, 1)[0] ?? text;
  return said.replace(/\s*\n\s*/g, "; ").slice(0, 500);
}

function cell(value: DuckDBValue): Cell {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "bigint" && Number.isSafeInteger(Number(value))) return Number(value);
  return String(value);
}
