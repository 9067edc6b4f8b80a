// The report's files: the page, the same in Markdown, and every table as CSV.
import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { writeWhole } from "../../data/write-whole.ts";
import { renderMarkdown, reportTables, tableToCsv } from "../../report/index.ts";
import type { ReportDocument } from "../../schema/index.ts";

/** Tables of an earlier report; whatever else lies in the folder stays. */
const OURS = /^\d\d-[a-z0-9-]+\.csv$/;

/** What was written, for the last line of a command. */
export interface WrittenReport {
  readonly page: string;
  readonly pageBytes: number;
  readonly markdown: string | null;
  readonly tables: string | null;
  readonly nTables: number;
}

/**
 * Writes `x.html`, `x.md` and the folder `x-tables` with one CSV a table; `out` without an ending is a folder that gets `report.*`.
 * Each file appears whole or not at all; tables of an earlier report are replaced. @param withTables false leaves Markdown and CSV out.
 */
export async function writeReport(
  out: string,
  study: { readonly html: string; readonly document: ReportDocument },
  withTables = true,
): Promise<WrittenReport> {
  const page = reportPage(out);
  const stem = page.slice(0, -extname(page).length);
  await mkdir(dirname(page), { recursive: true });
  await writeWhole(page, study.html);
  const pageBytes = Buffer.byteLength(study.html);
  if (!withTables) return { page, pageBytes, markdown: null, tables: null, nTables: 0 };
  const tables = reportTables(study.document);
  const folder = `${stem}-tables`;
  await mkdir(folder, { recursive: true });
  const before = (await readdir(folder)).filter((name) => OURS.test(name));
  for (const table of tables) await writeWhole(join(folder, `${table.id}.csv`), tableToCsv(table));
  for (const name of before) {
    if (!tables.some(({ id }) => `${id}.csv` === name)) await rm(join(folder, name));
  }
  await writeWhole(`${stem}.md`, renderMarkdown(study.document));
  return { page, pageBytes, markdown: `${stem}.md`, tables: folder, nTables: tables.length };
}

/** The page's path: `out` itself where it ends with .html or .htm, else `report.html` within it. */
export const reportPage = (out: string): string => (/\.html?$/i.test(out) ? out : join(out, "report.html"));
