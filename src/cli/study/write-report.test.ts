import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ReportDocument } from "../../schema/index.ts";
import { reportPage, writeReport } from "./write-report.ts";

const document: ReportDocument = {
  ...{ title: "A screen", createdAt: "2026-01-01T00:00:00Z", synthetic: true, private: false, summary: ["It ran."] },
  ...{ facts: [], training: [], stains: [], pictures: [], map: null, tasks: [], truths: [], commands: [] },
  ...{ provenance: {}, citations: [], stages: [{ name: "train", seconds: 2, imagesPerSecond: 50 }] },
};
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gandl-write-report-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("writes page, Markdown and a CSV a table, into a folder or beside a named page", async () => {
  expect(reportPage("a/b.html")).toBe("a/b.html");
  expect(reportPage("a/b")).toBe(join("a/b", "report.html"));
  const written = await writeReport(join(folder, "out"), { html: "<p>µ", document });
  expect(written).toMatchObject({ page: join(folder, "out/report.html"), pageBytes: 5, nTables: 1 });
  expect(readdirSync(join(folder, "out")).sort()).toEqual(["report-tables", "report.html", "report.md"]);
  expect(readFileSync(join(folder, "out/report-tables/01-stages.csv"), "utf8")).toBe(
    "stage,seconds,images per second\r\ntrain,2,50\r\n",
  );
  expect(readFileSync(join(folder, "out/report.md"), "utf8")).toMatch(/^# A screen\n/);
});

it("replaces tables of an earlier report and leaves whatever else lies in their folder", async () => {
  const tables = join(folder, "again-tables");
  mkdirSync(tables);
  for (const name of ["09-old-table.csv", "mine.csv", "notes.txt"]) writeFileSync(join(tables, name), "x");
  await writeReport(join(folder, "again.html"), { html: "", document });
  expect(readdirSync(tables).sort()).toEqual(["01-stages.csv", "mine.csv", "notes.txt"]);
});

it("writes the page alone where no tables are wanted", async () => {
  const alone = join(folder, "alone");
  expect(await writeReport(alone, { html: "", document }, false)).toMatchObject({ markdown: null, tables: null });
  expect(readdirSync(alone)).toEqual(["report.html"]);
});
