// One table as CSV (RFC 4180).
import type { ReportTable } from "./tables-of.ts";

/** Text that a spreadsheet would run as a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const QUOTED = /[",\r\n]/;

/**
 * A table as CSV: UTF-8, lines end with CR LF, numbers unrounded, empty where there is no value.
 *
 * Text that a spreadsheet would take for a formula (`=`, `+`, `-`, `@` first) gets an apostrophe before it.
 * @example
 * ```ts
 * import { tableToCsv } from "gan-dl/report";
 * const csv = tableToCsv({ id: "a", title: "A", columns: ["name", "x"], rows: [['5" pipe, blue', 0.1], ["=1+1", null]] });
 * console.assert(csv === 'name,x\r\n"5"" pipe, blue",0.1\r\n\'=1+1,\r\n');
 * ```
 */
export function tableToCsv({ columns, rows }: ReportTable): string {
  return [columns, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(value: string | number | null): string {
  if (value === null || (typeof value === "number" && !Number.isFinite(value))) return "";
  if (typeof value === "number") return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
