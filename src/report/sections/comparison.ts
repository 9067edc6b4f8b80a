// The encoders beside each other: paired differences from the main one, each with its interval.
import * as Plot from "@observablehq/plot";
import { extent } from "../../core/extent.ts";
import type { ComparedFigure, ReportDocument } from "../../schema/index.ts";
import { chart } from "../chart.ts";
import { counted, figure, formatScore, INTERVAL, intervalFigure, shorten } from "../format.ts";
import { type Html, html } from "../html.ts";
import { absent, scrollingTable } from "./parts.ts";

/** What an interval of a difference says, in words. */
export function differenceWords(row: ComparedFigure): string {
  if (row.difference === null) return "compared with";
  if (row.differenceCi95 === null) return "no interval, so no difference is claimed";
  const [low, high] = row.differenceCi95;
  if (low > 0) return "higher";
  return high < 0 ? "lower" : "no difference told";
}

/** One table and chart a question and metric, or why there is nothing to compare. */
export function comparisonSection({ comparison = [] }: ReportDocument): Html {
  if (comparison.length === 0)
    return absent("No two encoders answered the same question about the same wells, so none can be compared.");
  const groups = new Map<string, ComparedFigure[]>();
  for (const row of comparison) {
    const key = JSON.stringify([row.task, row.question, row.metric]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return html`<p class="reading">Differences from ${comparison[0]!.encoder}, the same wells drawn for both, so that what wells have in common drops out. An interval that holds 0 is no difference, however far apart two figures look. For naming a plate, lower is better. Intervals here have draws of their own and may differ in the last digits from those above.</p>${[...groups.values()].map(comparisonPart)}`;
}

function comparisonPart(rows: readonly ComparedFigure[]): Html {
  const [first] = rows as [ComparedFigure, ...ComparedFigure[]];
  const difference = (row: ComparedFigure) =>
    html`<td class="number">${row.difference === null ? "–" : signed(row.difference)}${
      row.differenceCi95 && html`<span class="interval">${intervalFigure(row.differenceCi95, formatScore)}</span>`
    }</td>`;
  return html`<h3>${first.question}</h3><div class="pair">${scrollingTable({
    caption: html`${first.metric} <span class="aside">${counted(first.nUnits, "independent unit")}, ${INTERVAL}s beneath</span>`,
    label: `Encoders compared, ${first.metric}: ${first.question}`,
    head: html`<tr><th scope="col">Encoder</th><th scope="col" class="number">${first.metric}</th><th scope="col" class="number">Difference</th><th scope="col">In words</th></tr>`,
    body: rows.map(
      (row, i) =>
        html`<tr${i === 0 ? html` class="main"` : null}><th scope="row">${row.encoder}</th><td class="number">${figure(row.value, formatScore)}${row.ci95 && html`<span class="interval">${intervalFigure(row.ci95, formatScore)}</span>`}</td>${difference(row)}<td>${differenceWords(row)}</td></tr>`,
    ),
  })}${differenceChart(rows.slice(1), first.metric)}</div>`;
}

function signed(value: number): Html {
  return figure(value, (v) => `${(v ?? 0) > 0 ? "+" : ""}${formatScore(v)}`);
}

function differenceChart(rows: readonly ComparedFigure[], metric: string): Html {
  if (rows.length === 0) return html``;
  const ends = extent(rows.flatMap((row) => [0, row.difference ?? 0, ...(row.differenceCi95 ?? [])]));
  const margin = 0.08 * (ends[1] - ends[0] || 1);
  const names = rows.map((row) => shorten(row.encoder, 36));
  const told = (row: ComparedFigure) =>
    /^(higher|lower)$/.test(differenceWords(row)) ? "var(--accent)" : "var(--muted)";
  const indexed = rows.map((row, at) => ({ ...row, at, colour: told(row) }));
  const drawing = chart({
    label: `Differences in ${metric}: ${rows.map((row) => `${row.encoder} ${formatScore(row.difference)}, ${differenceWords(row)}`).join("; ")}.`,
    plot: {
      ...{
        width: 400,
        height: 36 * rows.length + 56,
        marginLeft: 132,
        marginRight: 14,
        marginTop: 8,
        marginBottom: 40,
      },
      x: {
        domain: [ends[0] - margin, ends[1] + margin],
        ...{ label: `difference in ${metric}`, labelArrow: "none", labelAnchor: "center", grid: true, ticks: 4 },
      },
      y: { type: "point", domain: [...rows.keys()], padding: 0.5 },
      color: { type: "identity" },
      marks: [
        Plot.axisY({ text: (row: number) => names[row], label: null, tickSize: 0, lineWidth: 10 }),
        Plot.ruleX([0], { stroke: "var(--muted)", strokeDasharray: "4,3" }),
        Plot.ruleY(
          indexed.filter((row) => row.differenceCi95 !== null),
          {
            x1: (r) => r.differenceCi95![0],
            x2: (r) => r.differenceCi95![1],
            y: "at",
            stroke: "colour",
            strokeWidth: 3,
          },
        ),
        Plot.dot(indexed, { x: "difference", y: "at", r: 5, fill: "colour" }),
      ],
    },
  });
  return html`<figure class="wide">${drawing}<figcaption>Dot: difference; bar: ${INTERVAL}; dashed: no difference. Blue where the interval leaves 0 out.</figcaption></figure>`;
}
