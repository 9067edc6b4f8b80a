// The figures as people read them.
import type { RowResult } from "./measure.ts";
import type { Bar } from "./row.ts";

const HEADERS = [
  "row",
  "median",
  "spread",
  "unit",
  "rate",
  "at the floor",
  "of peak",
  "against",
  "peer",
  "memory",
  "bar",
];

/** Three significant digits, without exponents. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return "?";
  const digits = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.max(0, Math.min(6, 2 - digits)));
}

const FIGURES: Record<Bar["of"], string> = {
  median: "median",
  ratio: "against",
  peerRatio: "peer",
  shareOfPeak: "of peak",
  peakGb: "memory",
};

/** `peer ≥ 1.25 ✓`. */
function barText({ of, atLeast, atMost, met }: Bar & { readonly met: boolean }): string {
  const limits = [...(atLeast === undefined ? [] : [`≥ ${atLeast}`]), ...(atMost === undefined ? [] : [`≤ ${atMost}`])];
  return `${FIGURES[of]} ${limits.join(", ")} ${met ? "✓" : "✗"}`;
}

function cellsOf(row: RowResult): string[] {
  const optional = (value: number | undefined, ending = "") =>
    value === undefined ? "" : `${shortNumber(value)}${ending}`;
  return [
    ...[row.name, shortNumber(row.median), shortNumber(row.spread), row.unit],
    ...[optional(row.rate, ` ${row.rateUnit}`), optional(row.floor), optional(row.shareOfPeak)],
    ...[
      optional(row.ratio, "×"),
      optional(row.peerRatio, "×"),
      optional(row.peakGb, " GB"),
      (row.bars ?? []).map(barText).join("; "),
    ],
  ];
}

/** What a column of ratios stands for, once for all rows that are held against the same. */
function remarkOn(rows: readonly RowResult[], against: string): string {
  const names = rows.filter((row) => row.against === against).map((row) => row.name);
  const shared = names[0]?.split("/").filter((part, i) => names.every((name) => name.split("/")[i] === part)) ?? [];
  return `${shared.join("/")}: against ${against}`;
}

/** A line of headers and a line for each row, in columns; notes and what `against` stands for come below. */
export function tableText(rows: readonly RowResult[]): string {
  const cells = [HEADERS, ...rows.map(cellsOf)];
  const used = HEADERS.map((_, column) => cells.slice(1).some((line) => line[column] !== ""));
  const widths = HEADERS.map((_, column) => Math.max(...cells.map((line) => (line[column] ?? "").length)));
  const lines = cells.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .filter((_, column) => used[column])
      .join("  ")
      .trimEnd(),
  );
  const remarks = [
    ...[...new Set(rows.flatMap((row) => row.against ?? []))].map((name) => remarkOn(rows, name)),
    ...rows.flatMap((row) => (row.note === undefined ? [] : [`${row.name}: ${row.note}`])),
  ];
  return [...lines, ...(remarks.length > 0 ? ["", ...remarks] : [])].join("\n");
}
