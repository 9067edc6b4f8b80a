// One DuckDB kept open for a program that is asked many small questions, like a server.
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import { duckDbOptions } from "./duckdb.ts";
import { badTable } from "./errors.ts";
import type { Cell } from "./table-files.ts";

/** Questions that run at a time; each holds memory, and more than the cores gain nothing. */
const CONNECTIONS = 4;

/** What `$name` stands for in a question. */
export type SqlValues = Record<string, string | number | null>;

/** Answers SQL over files. Close it, or declare it with `using`. */
export class TableDesk {
  readonly #instance: DuckDBInstance;
  readonly #idle: DuckDBConnection[];
  readonly #waiting = new Set<(connection: DuckDBConnection) => void>();

  private constructor(instance: DuckDBInstance, connections: DuckDBConnection[]) {
    this.#instance = instance;
    this.#idle = connections;
  }

  static async open(): Promise<TableDesk> {
    const instance = await DuckDBInstance.create(":memory:", { ...duckDbOptions, enable_object_cache: "true" });
    const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => instance.connect()));
    return new TableDesk(instance, connections);
  }

  /**
   * The rows of one question, as objects. Every name and text in `sql` must come through {@link sqlName} and {@link sqlText}
   * or as a `$name` value of `values`. A signal that fires ends the question, waiting or running, with the signal's reason.
   */
  async ask(sql: string, values: SqlValues = {}, signal?: AbortSignal): Promise<Record<string, Cell>[]> {
    const { names, columns } = await this.columns(sql, values, signal);
    const nRows = columns[0]?.length ?? 0;
    return Array.from({ length: nRows }, (_, i) => Object.fromEntries(names.map((name, j) => [name, columns[j]![i]!])));
  }

  /** As {@link ask}, column by column: for answers of many rows. */
  async columns(
    sql: string,
    values: SqlValues = {},
    signal?: AbortSignal,
  ): Promise<{ names: string[]; columns: Cell[][] }> {
    signal?.throwIfAborted();
    const connection = this.#idle.pop() ?? (await this.#next(signal));
    const interrupt = () => connection.interrupt();
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      const reader = await connection.runAndReadAll(sql, values);
      return { names: reader.columnNames(), columns: reader.getColumns().map((column) => column.map(cellOf)) };
    } catch (error) {
      signal?.throwIfAborted();
      // DuckDB's words hold paths of this machine, which who asks may not be shown: they stay in the cause.
      throw badTable("a table of this folder", "it is damaged, being written, or not there any more.", error);
    } finally {
      signal?.removeEventListener("abort", interrupt);
      const [next] = this.#waiting;
      if (next) {
        this.#waiting.delete(next);
        next(connection);
      } else this.#idle.push(connection);
    }
  }

  #next(signal: AbortSignal | undefined): Promise<DuckDBConnection> {
    return new Promise((resolve, reject) => {
      const take = (connection: DuckDBConnection) => {
        signal?.removeEventListener("abort", leave);
        resolve(connection);
      };
      const leave = () => {
        this.#waiting.delete(take);
        reject(signal?.reason);
      };
      this.#waiting.add(take);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }

  close(): void {
    for (const connection of this.#idle) connection.closeSync();
    this.#instance.closeSync();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function cellOf(value: DuckDBValue): Cell {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "bigint" && Number.isSafeInteger(Number(value))) return Number(value);
  return String(value);
}
