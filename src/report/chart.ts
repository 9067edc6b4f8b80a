// Charts as inline SVG: Observable Plot draws into linkedom's document, so that no browser is needed.
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { Html, html } from "./html.ts";
import { type Shape, seriesColour } from "./theme.ts";

/** The little of a DOM element that is used here; the report's types know no browser. */
interface SvgElement {
  readonly outerHTML: string;
  readonly attributes: Iterable<{ name: string; value: string }>;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
  querySelectorAll(selector: string): Iterable<SvgElement>;
}

const { document } = parseHTML("<!doctype html><html><body></body></html>");
const COORDINATES = new Set(["d", "cx", "cy", "r", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "transform"]);

/** Text for readers who cannot see the chart, and what Plot should draw. */
export interface ChartOptions {
  readonly label: string;
  readonly plot: Plot.PlotOptions;
}

/**
 * Draws one chart; colours may be CSS variables, so that it follows light and dark.
 * @param options.label what the chart shows, in a sentence; becomes its accessible name.
 */
export function chart({ label, plot }: ChartOptions): Html {
  const svg = Plot.plot({
    document,
    className: "plot",
    ...plot,
    style: { background: "transparent", fontFamily: "inherit", fontSize: "12px" },
  }) as unknown as SvgElement;
  // Plot repeats the same rules in each chart; the page's style sheet holds them once.
  for (const style of svg.querySelectorAll("style")) style.remove();
  for (const element of svg.querySelectorAll("*")) {
    // Names such as "y-axis tick label" are for Plot's own users; the chart is one image with one name.
    element.removeAttribute("aria-label");
    for (const { name, value } of [...element.attributes]) {
      if (COORDINATES.has(name)) element.setAttribute(name, roundCoordinates(value));
    }
  }
  // linkedom escapes only quotes in attributes, so text from the data goes in by our own template.
  return html`<svg role="img" aria-label="${label}"${new Html(svg.outerHTML.slice("<svg".length))}`;
}

/** Hundredths of a pixel are enough, and a map of thousands of points is half the size. */
function roundCoordinates(value: string): string {
  return value.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(Math.round(Number(number) * 100) / 100));
}

/** One entry of a legend. */
export interface LegendEntry {
  readonly label: string;
  /** A CSS colour or variable. */
  readonly colour: string;
  readonly mark: Shape | "line" | "dashes";
}

const SHAPE_PATH: Readonly<Record<LegendEntry["mark"], string>> = {
  circle: "M2 6a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
  triangle: "M6 1.5L11 10.5H1z",
  square: "M2 2h8v8h-8z",
  diamond: "M6 .5L10.5 6L6 11.5L1.5 6z",
  cross: "M4.3 1h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3v-3.4h3.3z",
  star: "M6 .5L7.5 4.4L11.7 4.6L8.4 7.2L9.5 11.3L6 9L2.5 11.3L3.6 7.2L.3 4.6L4.5 4.4z",
  line: "M0 6h22",
  dashes: "M0 6h6m4 0h6m4 0h2",
};

/** A legend in words and marks, drawn beside a chart. */
export function legend(entries: readonly LegendEntry[]): Html {
  const mark = ({ mark, colour }: LegendEntry) =>
    mark === "line" || mark === "dashes"
      ? html`<svg width="22" height="12" aria-hidden="true"><path d="${SHAPE_PATH[mark]}" fill="none" stroke="${colour}" stroke-width="2"/></svg>`
      : html`<svg width="12" height="12" aria-hidden="true"><path d="${SHAPE_PATH[mark]}" fill="${colour}"/></svg>`;
  return html`<ul class="legend">${entries.map((entry) => html`<li>${mark(entry)}<span>${entry.label}</span></li>`)}</ul>`;
}

/** Colours of the first, second … line of a chart; the second is dashed. */
export const LINE_STYLES = [
  { stroke: seriesColour(0), strokeDasharray: null, mark: "line" },
  { stroke: seriesColour(1), strokeDasharray: "6,4", mark: "dashes" },
] as const;
