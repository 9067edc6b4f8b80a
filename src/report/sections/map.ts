// The embedding in two dimensions, once for each label it is coloured by.
import * as Plot from "@observablehq/plot";
import { extent } from "../../core/extent.ts";
import type { ReportDocument } from "../../schema/index.ts";
import { chart, legend } from "../chart.ts";
import { colourLabels } from "../colour-labels.ts";
import { counted, formatNumber } from "../format.ts";
import { type Html, html } from "../html.ts";
import { absent } from "./parts.ts";

type EmbeddingMap = NonNullable<ReportDocument["map"]>;
const PANEL_PX = 352;
const GOLDEN = 0.618_033_988_75;

/** One panel a label, or why there is no map. */
export function mapSection({ map }: ReportDocument): Html {
  if (!map) return absent("No map of the embedding was drawn for this report.");
  if (map.points.length === 0) return absent("The map of the embedding holds no points.");
  const shown =
    map.nShown < map.nTotal
      ? `${formatNumber(map.nShown)} of ${counted(map.nTotal, "image")}, drawn at random`
      : `all ${counted(map.nTotal, "image")}`;
  const labels = map.colourBy.length > 0 ? map.colourBy : [""];
  return html`<p class="reading">${map.encoder}, ${map.method}: ${shown}. Every panel holds the same points. Near means alike to the encoder; distances between far groups mean little, and no score is computed on this map.</p><div class="panels three">${labels.map((name) => panel(map, name))}</div>`;
}

function panel(map: EmbeddingMap, name: string): Html {
  const colours = colourLabels(
    name,
    map.points.map((point) => point.labels[name]),
  );
  const points = map.points.map(({ x, y, labels }, i) => ({ x, y, at: (i * GOLDEN) % 1, ...colours.of(labels[name]) }));
  // In file order the last plate would cover the others. A fixed shuffle lets every label show; unknown ones lie below.
  points.sort((a, b) => Number(b.isOther) - Number(a.isOther) || a.at - b.at);
  const radius = points.length > 1500 ? 1.7 : points.length > 400 ? 2.2 : 3;
  const title = name === "" ? "All points" : `Coloured by ${name}`;
  const drawing = chart({
    label: `Two-dimensional map of the embedding, ${title.toLowerCase()}: ${colours.legend.map((entry) => entry.label).join(", ")}.`,
    plot: {
      width: PANEL_PX,
      height: PANEL_PX,
      margin: 8,
      inset: 6,
      x: { axis: null, ...domainOf(points.map((p) => p.x)) },
      y: { axis: null, ...domainOf(points.map((p) => p.y)) },
      color: { type: "identity" },
      symbol: { type: "identity" },
      marks: [
        Plot.frame({ stroke: "var(--line)" }),
        Plot.dot(points, {
          x: "x",
          y: "y",
          r: radius,
          fill: "colour",
          symbol: "shape",
          fillOpacity: (p) => (p.isOther ? 0.35 : 0.8),
        }),
      ],
    },
  });
  return html`<figure class="panel"><figcaption><strong>${title}</strong></figcaption>${drawing}${legend(colours.legend)}</figure>`;
}

/** A domain that also serves where all values are equal. */
function domainOf(values: readonly number[]): { domain: [number, number] } {
  const [low, high] = extent(values);
  return { domain: low === high ? [low - 1, high + 1] : [low, high] };
}
