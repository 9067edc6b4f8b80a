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

/** Kind and counts of every metadata column. `from` is SQL. */
export async function describeColumns(desk: TableDesk, from: string): Promise<ColumnInfo[]> {
  const { metadata } = await describeTable(desk, from);
  if (metadata.length === 0) return [];
  const parts = metadata.map(({ name, type }, i) => {
    const column = sqlName(name);
    const counts = `approx_count_distinct(${column}) AS d${i}, count(${column}) AS n${i}`;
    // Where one text is no number, the others need not be tried.
    const one = `try_cast(any_value(${column}) AS DOUBLE) IS NOT NULL AS e${i}`;
    return type === "VARCHAR" ? `${counts}, ${one}` : counts;
  });
  const [row = {}] = await desk.ask(`SELECT count(*) AS n, ${parts.join(", ")} FROM ${from}`);
  const isText = (i: number) => metadata[i]!.type === "VARCHAR";
  const maybe = metadata.flatMap((_, i) => (row[`e${i}`] === "true" && Number(row[`d${i}`]) > LEGEND_MOST ? [i] : []));
  const numbers = await allNumbers(
    desk,
    from,
    maybe.map((i) => metadata[i]!.name),
  );
  return metadata.map(({ name }, i) => {
    const [nDistinct, nThere] = [Number(row[`d${i}`]), Number(row[`n${i}`])];
    const isNumber = isText(i) ? numbers.has(name) : nThere > 0;
    return { name, kind: isNumber ? "number" : "category", nDistinct, nMissing: Number(row.n) - nThere };
  });
}

/** Which of these text columns hold nothing but numbers. */
async function allNumbers(desk: TableDesk, from: string, names: readonly string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const parts = names.map(
    (name, i) => `count(${sqlName(name)}) = count(try_cast(${sqlName(name)} AS DOUBLE)) AS f${i}`,
  );
  const [row = {}] = await desk.ask(`SELECT ${parts.join(", ")} FROM ${from}`);
  return new Set(names.filter((_, i) => row[`f${i}`] === "true"));
}
