// Scores of several encoders under several headings: a row a heading, a mark an encoder, each with its interval.
import * as Plot from "@observablehq/plot";
import type { Score } from "../schema/index.ts";
import { chart, legend } from "./chart.ts";
import { formatScore, INTERVAL } from "./format.ts";
import { type Html, html } from "./html.ts";
import { scoreDomain } from "./score-domain.ts";
import { SHAPES, seriesColour } from "./theme.ts";

/** What is drawn; `scores[row][series]`. */
export interface GroupedDots {
  readonly metric: string;
  readonly rows: readonly string[];
  readonly series: readonly string[];
  readonly scores: readonly (readonly (Pick<Score, "value" | "ci95" | "chance"> | undefined)[])[];
}

/** A chart with its legend; series beyond the palette are left to the table beside it. */
export function groupedDots({ metric, rows, series, scores }: GroupedDots): Html {
  const nSeries = Math.min(series.length, SHAPES.length);
  const points = scores.flatMap((row, r) =>
    row.slice(0, nSeries).flatMap((score, s) => {
      // A linear axis, so that the encoders of one row lie beside each other.
      const at = r + ((s + 1) / (nSeries + 1) - 0.5) * 0.84;
      return score ? [{ ...score, at, r, s, colour: seriesColour(s), shape: SHAPES[s]! }] : [];
    }),
  );
  if (points.length === 0) return html``;
  const chances = rows.flatMap((_, r) => {
    const chance = points.find((p) => p.r === r)?.chance ?? null;
    return chance === null ? [] : [{ chance, from: r - 0.46, to: r + 0.46 }];
  });
  const spoken = points.filter((p) => p.s === 0).map((p) => `${rows[p.r]} ${formatScore(p.value)}`);
  const drawing = chart({
    label: `${metric} of ${series[0]}: ${spoken.join("; ")}.`,
    plot: {
      ...{ width: 400, height: (12 * nSeries + 12) * rows.length + 48 },
      ...{ marginLeft: 116, marginRight: 14, marginTop: 8, marginBottom: 40 },
      x: {
        domain: scoreDomain(points),
        ...{ label: metric, labelArrow: "none", grid: true, ticks: 4, labelAnchor: "center" },
      },
      y: { domain: [-0.5, rows.length - 0.5], reverse: true },
      color: { type: "identity" },
      symbol: { type: "identity" },
      marks: [
        Plot.axisY([...rows.keys()], { text: (r: number) => rows[r], label: null, tickSize: 0, lineWidth: 8.5 }),
        Plot.ruleY(
          rows.slice(1).map((_, i) => i + 0.5),
          { stroke: "var(--line)" },
        ),
        Plot.ruleX(chances, { x: "chance", y1: "from", y2: "to", stroke: "var(--muted)", strokeDasharray: "4,3" }),
        Plot.link(
          points.filter((p) => p.ci95 !== null),
          { x1: (p) => p.ci95![0], x2: (p) => p.ci95![1], y1: "at", y2: "at", stroke: "colour", strokeWidth: 2 },
        ),
        Plot.dot(points, { x: "value", y: "at", r: 4, fill: "colour", symbol: "shape" }),
      ],
    },
  });
  const key = series.slice(0, nSeries).map((label, s) => ({ label, colour: seriesColour(s), mark: SHAPES[s]! }));
  return html`<figure class="wide">${drawing}${legend(key)}<figcaption>Mark: all together; line: ${INTERVAL}; dashed: chance.</figcaption></figure>`;
}
