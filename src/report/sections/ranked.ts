// Ranked hits with intervals: the first rows as dots and bars.
import * as Plot from "@observablehq/plot";
import { extent } from "../../core/extent.ts";
import type { TaskResult } from "../../schema/index.ts";
import { chart } from "../chart.ts";
import { formatNumber, INTERVAL, shorten } from "../format.ts";
import { type Html, html } from "../html.ts";

type TableResult = Extract<TaskResult, { kind: "table" }>;
/** Rows that are drawn; the table holds the others. */
const MAX_ROWS = 24;

/** A chart of the column that has an interval; empty for tables that are not of hits. */
export function rankedChart(table: TableResult): Html {
  const from = table.columns.indexOf("95 % from");
  // EC50s have intervals too, but their curves stand above, and an axis from 0 is not theirs.
  const isOfHits = table.columns.includes("q") && table.columns.includes("verdict");
  if (!isOfHits || from < 2 || table.columns[from + 1] !== "95 % to") return html``;
  const metric = table.columns[from - 1]!;
  const verdictAt = table.columns.indexOf("verdict");
  const rows = table.rows.slice(0, MAX_ROWS).flatMap((cells) => {
    const [value, low, high] = [cells[from - 1], cells[from], cells[from + 1]];
    if (typeof value !== "number") return [];
    const interval = typeof low === "number" && typeof high === "number" ? ([low, high] as const) : null;
    const verdict = verdictAt < 0 ? "" : String(cells[verdictAt] ?? "");
    return [{ name: String(cells[0] ?? ""), value, interval, verdict }];
  });
  if (rows.length === 0) return html``;
  const [low, high] = extent(rows.flatMap(({ value, interval }) => [0, value, ...(interval ?? [])]));
  const margin = 0.05 * (high - low || 1);
  const drawn = rows.map((row, at) => ({
    ...row,
    at,
    colour: row.verdict === "hit" ? "var(--accent)" : "var(--muted)",
  }));
  const drawing = chart({
    label: `${metric}, best first: ${rows.slice(0, 8).map(spoken).join("; ")}.`,
    plot: {
      ...{ width: 560, height: 24 * rows.length + 56, marginLeft: 170, marginRight: 14 },
      ...{ marginTop: 8, marginBottom: 40 },
      x: {
        domain: [low - margin, high + margin],
        ...{ label: metric, labelArrow: "none", labelAnchor: "center", grid: true, ticks: 5 },
      },
      y: { type: "point", domain: [...rows.keys()], padding: 0.5 },
      color: { type: "identity" },
      marks: [
        Plot.axisY({ text: (row: number) => shorten(rows[row]!.name, 26), label: null, tickSize: 0 }),
        Plot.ruleX([0], { stroke: "var(--muted)", strokeDasharray: "4,3" }),
        Plot.ruleY(
          drawn.filter((row) => row.interval !== null),
          { x1: (r) => r.interval![0], x2: (r) => r.interval![1], y: "at", stroke: "colour", strokeWidth: 3 },
        ),
        Plot.dot(
          drawn.filter((row) => row.verdict === "hit"),
          { x: "value", y: "at", r: 5, fill: "colour" },
        ),
        Plot.dot(
          drawn.filter((row) => row.verdict !== "hit"),
          { x: "value", y: "at", r: 4.5, fill: "var(--paper)", stroke: "colour", strokeWidth: 1.8 },
        ),
      ],
    },
  });
  const rest =
    table.rows.length > rows.length ? ` The first ${rows.length} of ${formatNumber(table.rows.length)}.` : "";
  return html`<figure class="wide">${drawing}<figcaption><strong>${metric}, best first.</strong> Bar: ${INTERVAL} over wells; filled: called a hit; hollow: not.${rest}</figcaption></figure>`;
}

function spoken({
  name,
  value,
  interval,
  verdict,
}: {
  name: string;
  value: number;
  interval: readonly [number, number] | null;
  verdict: string;
}) {
  const between = interval ? ` (${interval.map(formatNumber).join(" to ")})` : "";
  return `${name} ${formatNumber(value)}${between}${verdict === "" ? "" : `, ${verdict}`}`;
}
