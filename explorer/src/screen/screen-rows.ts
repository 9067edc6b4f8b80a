// Answers about compounds as one table: a line a treatment, its curve beside it.

import type { Curve, TaskRun } from "../../../src/schema/task-result.ts";
import { powerText } from "../parts/power-text.ts";

export type Cell = string | number | null;

/** A table of treatments from one task's run. */
export interface ScreenTable {
  readonly run: TaskRun;
  readonly columns: readonly string[];
  readonly rows: readonly ScreenRow[];
}

export interface ScreenRow {
  readonly treatment: string;
  readonly cells: readonly Cell[];
  readonly curve: Curve | null;
}

/**
 * The tables of hits and dose-response among some runs, each row with the curve of its treatment: from its own run, else from another
 * run of the same encoder.
 */
export function screenTables(runs: readonly TaskRun[]): ScreenTable[] {
  return runs.flatMap((run) => {
    const table = run.results.find((result) => result.kind === "table" && result.columns.includes("treatment"));
    if (table?.kind !== "table") return [];
    const at = table.columns.indexOf("treatment");
    const order = leading(table.columns);
    const others = runs.filter((other) => other !== run && other.encoder === run.encoder);
    const curves = curvesOf([run, ...others]);
    const rows = table.rows.map((cells): ScreenRow => {
      const treatment = String(cells[at] ?? "");
      return { treatment, cells: order.map((k) => cells[k] ?? null), curve: curves.get(treatment) ?? null };
    });
    return [{ run, columns: order.map((k) => table.columns[k]!), rows }];
  });
}

/** What decides stands in sight beside an open curve; counts stand last. */
const FIRST = ["treatment", "verdict"];
const LAST = ["p", "wells", "plates"];
const [LOWER, UPPER] = ["95 % from", "95 % to"];

/** Positions of the columns as they are shown: name and verdict, figures with q after the interval of the first, then p and counts. */
function leading(columns: readonly string[]): number[] {
  const apart = [...FIRST, ...LAST, "q"];
  const figures = columns.filter((name) => !apart.includes(name));
  const after = 1 + figures.indexOf(UPPER);
  const names = [...FIRST, ...figures.slice(0, after), "q", ...figures.slice(after), ...LAST];
  return names.map((name) => columns.indexOf(name)).filter((k) => k >= 0);
}

/** A column of the page: one of the table's, or the two ends of an interval together. */
export interface ShownColumn {
  readonly name: string;
  /** Position in the table; it is sorted by this one. */
  readonly at: number;
  /** Position of an interval's upper end; null for a column by itself. */
  readonly upTo: number | null;
}

/** The columns as people read them: an interval is one thing. */
export function shownColumns(columns: readonly string[]): ShownColumn[] {
  return columns.flatMap((name, at): ShownColumn[] => {
    if (name === UPPER && columns[at - 1] === LOWER) return [];
    if (name === LOWER && columns[at + 1] === UPPER) return [{ name: "95 % interval", at, upTo: at + 1 }];
    return [{ name, at, upTo: null }];
  });
}

/** What stands in a shown column. */
export function shownText(cells: readonly Cell[], { at, upTo }: ShownColumn): string {
  const own = cells[at] ?? null;
  if (upTo === null || own === null) return cellText(own);
  return `${cellText(own)} to ${cellText(cells[upTo] ?? null)}`;
}

/** The first curve of each name. */
function curvesOf(runs: readonly TaskRun[]): Map<string, Curve> {
  const found = new Map<string, Curve>();
  for (const run of runs)
    for (const result of run.results)
      if (result.kind === "curve" && !found.has(result.name)) found.set(result.name, result);
  return found;
}

/** How a table is shown. */
export interface Order {
  /** Position of the column; null leaves the rows as they came. */
  readonly column: number | null;
  readonly descending: boolean;
}

/** The rows that hold every word of `search` somewhere, in the order asked for; empty cells are last either way. */
export function arranged(rows: readonly ScreenRow[], search: string, { column, descending }: Order): ScreenRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rows.filter(({ cells }) => {
    const text = cells
      .filter((cell) => typeof cell === "string")
      .join(" ")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
  if (column === null) return found;
  return found
    .map((row, i) => ({ row, i }))
    .sort((a, b) => compare(a.row.cells[column] ?? null, b.row.cells[column] ?? null, descending) || a.i - b.i)
    .map(({ row }) => row);
}

function compare(a: Cell, b: Cell, descending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order =
    typeof a === "number" && typeof b === "number"
      ? a - b
      : String(a).localeCompare(String(b), "en", { numeric: true });
  return descending ? -order : order;
}

/** A number with three digits, as people read it; a dash for nothing. */
export function cellText(cell: Cell): string {
  if (cell === null) return "–";
  if (typeof cell === "string") return cell;
  if (Number.isInteger(cell)) return String(cell);
  if (Math.abs(cell) < 1e-3) return powerText(cell, 1);
  return String(Number(cell.toPrecision(3))).replace("-", "−");
}

/** Names that were ticked, for the address; null for none. A bar in a name is escaped. */
export const writeSelected = (names: readonly string[]): string | null =>
  names.length === 0 ? null : names.map(encodeURIComponent).join("|");

/** What {@link writeSelected} wrote; addresses are typed too, so that what cannot be decoded is left out. */
export function readSelected(text: string | null): ReadonlySet<string> {
  const names = (text ?? "").split("|").flatMap((name) => {
    try {
      return [decodeURIComponent(name)];
    } catch {
      return [];
    }
  });
  return new Set(names.filter((name) => name !== ""));
}

/** Rows as CSV (RFC 4180), numbers in full precision; text that a spreadsheet would compute is made text. */
export function toCsv(columns: readonly string[], rows: readonly ScreenRow[]): string {
  const field = (cell: Cell): string => {
    if (cell === null) return "";
    if (typeof cell === "number") return String(cell);
    const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [columns, ...rows.map(({ cells }) => cells)].map((line) => `${line.map(field).join(",")}\r\n`).join("");
}
