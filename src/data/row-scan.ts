// Rows in JavaScript memory as a table that DuckDB can scan: nothing is stored twice, and no column costs a block of its own.
import {
  BIGINT,
  DOUBLE,
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBTableFunction,
  type DuckDBValue,
  type DuckDBVector,
  FLOAT,
  VARCHAR,
} from "@duckdb/node-api";
import { sqlText } from "./duckdb.ts";
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

/** Writes rows from memory to Parquet, without a table in between. */
export class RowScan {
  readonly connection: DuckDBConnection;
  readonly #schema: ParquetSchema;
  #rows: ParquetRows = { nRows: 0, columns: [] };
  #at = 0;

  constructor(connection: DuckDBConnection, schema: ParquetSchema) {
    this.connection = connection;
    this.#schema = schema;
    const scan = DuckDBTableFunction.create({
      name: "gandl_rows",
      bindFunction: (bind) => {
        for (const column of schema.columns) bind.addResultColumn(column.name, SQL_TYPE[column.type]);
        for (const name of schema.matrixColumns ?? []) bind.addResultColumn(name, FLOAT);
        bind.setCardinality(this.#rows.nRows, true);
      },
      initFunction: (init) => init.setMaxThreads(1), // rows must stay in order
      mainFunction: (_, chunk) => this.#fill(chunk),
    });
    connection.registerTableFunction(scan);
  }

  /** Writes `rows` to the file `to`; borrowed until the promise resolves. @param format COPY's options. */
  async copy(rows: ParquetRows, to: string, format: string): Promise<void> {
    this.#rows = rows;
    this.#at = 0;
    await this.connection.run(`COPY (SELECT * FROM gandl_rows()) TO ${sqlText(to)} (${format})`);
  }

  /** Runs `sql`, which may select from `gandl_rows()`, over `rows`; borrowed until the promise resolves. */
  async query(rows: ParquetRows, sql: string): Promise<DuckDBValue[][]> {
    this.#rows = rows;
    this.#at = 0;
    return (await this.connection.runAndReadAll(sql)).getRows();
  }

  /** Puts the next rows into `chunk`; none when all are given, which ends the scan. */
  #fill(chunk: DuckDBDataChunk): void {
    const { nRows, columns, matrix } = this.#rows;
    const n = Math.min(CHUNK_ROWS, nRows - this.#at);
    chunk.rowCount = n;
    if (n === 0) return;
    for (const [j, { type }] of this.#schema.columns.entries()) {
      const vector = chunk.getColumnVector(j) as DuckDBVector<Cell | bigint>;
      for (let i = 0; i < n; i++) vector.setItem(i, sqlValue(columns[j]![this.#at + i] ?? null, type));
      vector.flush();
    }
    const width = this.#schema.matrixColumns?.length ?? 0;
    for (let j = 0; j < width; j++) {
      const vector = chunk.getColumnVector(columns.length + j) as DuckDBVector<number>;
      for (let i = 0; i < n; i++) vector.setItem(i, matrix![(this.#at + i) * width + j]!);
      vector.flush();
    }
    this.#at += n;
  }
}

function sqlValue(value: Cell, type: ColumnType): string | number | bigint | null {
  if (value === null) return null;
  if (type === "text") return String(value);
  return type === "int" ? BigInt(value) : Number(value);
}
