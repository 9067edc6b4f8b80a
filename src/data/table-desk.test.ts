import { join } from "node:path";
import { expect, it } from "vitest";
import { sqlText } from "./duckdb.ts";
import { messageOf, temporaryFolder } from "./files.fixture.ts";
import { writeParquet } from "./parquet-writer.ts";
import { TableDesk } from "./table-desk.ts";

const folder = temporaryFolder();

it("answers more questions at a time than it has connections, each with its own rows", async () => {
  const path = join(folder, "a.parquet");
  const columns = [Array.from({ length: 100 }, (_, i) => i)];
  await writeParquet(path, { columns: [{ name: "i", type: "int" }] }, { nRows: 100, columns });
  using desk = await TableDesk.open();
  const sql = `SELECT i, CAST(i AS DOUBLE) / 0 AS none FROM read_parquet(${sqlText(path)}) WHERE i = $wanted`;
  const answers = await Promise.all(columns[0]!.map((wanted) => desk.ask(sql, { wanted })));
  expect(answers).toEqual(columns[0]!.map((i) => [{ i, none: null }]));
});

it("says that a table cannot be read without saying where it lies, and works on", async () => {
  using desk = await TableDesk.open();
  const words = await messageOf("bad-table", () =>
    desk.ask(`SELECT * FROM read_parquet(${sqlText(join(folder, "no.parquet"))})`),
  );
  expect(words).toMatch(/a table of this folder cannot be read as a table: it is damaged, being written, or not there/);
  expect(words).not.toContain(folder);
  expect(await desk.ask("SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

it("ends a question whose asker has gone, waiting or running, and works on", async () => {
  using desk = await TableDesk.open();
  const endless = "SELECT sum(a.range * b.range) AS s FROM range(10000000) a, range(10000000) b";
  const gone = new AbortController();
  const asked = Array.from({ length: 9 }, () => desk.ask(endless, {}, gone.signal));
  const ended = Promise.allSettled(asked);
  await new Promise((resolve) => setTimeout(resolve, 50));
  gone.abort(new Error("the reader has gone"));
  for (const one of await ended) expect(one).toMatchObject({ status: "rejected", reason: gone.signal.reason });
  await expect(desk.ask("SELECT 1 AS one", {}, gone.signal)).rejects.toThrow("the reader has gone");
  const answers = await Promise.all(Array.from({ length: 9 }, () => desk.ask("SELECT 1 AS one")));
  expect(answers).toEqual(Array.from({ length: 9 }, () => [{ one: 1 }]));
});
