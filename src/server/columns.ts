// What the columns of a table are: categories or numbers, and how many of each.
import { sqlName } from "../data/duckdb.ts";
import type { TableDesk } from "../data/table-desk.ts";
import type { ColumnInfo } from "../schema/explorer.ts";

const FEATURE = /^feature_\d+$/;
/** Text columns that hold nothing but numbers are numbers when there are more of them than a legend can list. */
const LEGEND_MOST = 12;

/** Names of a table's metadata columns and whether each is of a numeric type; and how many feature columns there are. */
export async function describeTable(desk: TableDesk, from: string) {
  const described = await desk.ask(`DESCRIBE SELECT * FROM ${from}`);
  const all = described.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
  const metadata = all.filter(({ name }) => !FEATURE.test(name));
  return { metadata, nFeatures: all.length - metadata.length };
}

/** Kind and counts of every metadata column, in one pass over the table. `from` is SQL. */
export async function describeColumns(desk: TableDesk, from: string): Promise<ColumnInfo[]> {
  const { metadata } = await describeTable(desk, from);
  if (metadata.length === 0) return [];
  const parts = metadata.map(({ name }, i) => {
    const column = sqlName(name);
    return `approx_count_distinct(${column}) AS d${i}, count(${column}) AS n${i}, count(try_cast(${column} AS DOUBLE)) AS f${i}`;
  });
  const [row = {}] = await desk.ask(`SELECT count(*) AS n, ${parts.join(", ")} FROM ${from}`);
  return metadata.map(({ name, type }, i) => {
    const [nDistinct, nThere, nNumbers] = [Number(row[`d${i}`]), Number(row[`n${i}`]), Number(row[`f${i}`])];
    const isNumber = type !== "VARCHAR" ? nNumbers > 0 : nThere > 0 && nNumbers === nThere && nDistinct > LEGEND_MOST;
    return { name, kind: isNumber ? "number" : "category", nDistinct, nMissing: Number(row.n) - nThere };
  });
}
