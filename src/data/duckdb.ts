// One short-lived DuckDB database per job, so that jobs never share memory limits or temporary files.
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** Options of every database here: a bound on memory, past which it spills to disk, and no downloads of extensions. */
export const duckDbOptions: Record<string, string> = { memory_limit: "384MB", autoinstall_known_extensions: "false" };

/** Runs `job` on a fresh in-memory database and closes it afterwards, also when `job` throws. @param options beside the usual ones. */
export async function withDuckDb<T>(
  job: (connection: DuckDBConnection) => Promise<T>,
  options: Readonly<Record<string, string>> = {},
): Promise<T> {
  const instance = await DuckDBInstance.create(":memory:", { ...duckDbOptions, ...options });
  try {
    const connection = await instance.connect();
    try {
      return await job(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** `text` as an SQL string. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** `name` as an SQL identifier. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
