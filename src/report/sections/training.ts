// How training went: losses, scores of the discriminator and the R1 penalty over images shown.
import * as Plot from "@observablehq/plot";
import type { ReportDocument } from "../../schema/index.ts";
import { chart, LINE_STYLES, legend } from "../chart.ts";
import { formatNumber } from "../format.ts";
import { type Html, html } from "../html.ts";
import { absent } from "./parts.ts";

type Tick = ReportDocument["training"][number];
interface Line {
  readonly label: string;
  readonly of: (tick: Tick) => number | null;
}
interface Panel {
  readonly title: string;
  readonly reading: string;
  readonly lines: readonly Line[];
}

/** Up to this many ticks each is also marked by a dot, so that a short run does not look like a measured curve. */
const MAX_DOTS = 40;

const PANELS: readonly Panel[] = [
  {
    title: "Losses",
    reading: "Both level off in a healthy run; neither goes to zero.",
    lines: [
      { label: "discriminator", of: (tick) => tick.dLoss },
      { label: "generator", of: (tick) => tick.gLoss },
    ],
  },
  {
    title: "Mean score of real and generated images",
    reading: "The nearer the two, the harder it is to tell generated images from real ones.",
    lines: [
      { label: "real", of: (tick) => tick.realScore },
      { label: "generated", of: (tick) => tick.fakeScore },
    ],
  },
  {
    title: "R1 (squared gradient on real images)",
    reading: "A steep rise that does not come back tells of unstable training.",
    lines: [{ label: "R1, unweighted", of: (tick) => tick.r1 }],
  },
];

/** Three charts over thousands of images shown, or why there are none. */
export function trainingSection({ training }: ReportDocument): Html {
  if (training.length === 0) {
    return absent("No training history was handed to this report: the encoder was given, or training logged nothing.");
  }
  return html`<p class="reading">Against kimg, thousands of real images shown to the discriminator.</p><div class="panels three">${PANELS.map((panel) => panelFigure(panel, training))}</div>`;
}

function panelFigure(panel: Panel, training: readonly Tick[]): Html {
  const lines = panel.lines.map((line, i) => ({
    ...LINE_STYLES[i]!,
    label: line.label,
    points: training.flatMap((tick) => {
      const value = line.of(tick);
      return value === null || !Number.isFinite(value) ? [] : [{ kimg: tick.kimg, value }];
    }),
  }));
  const caption = html`<figcaption><strong>${panel.title}</strong></figcaption>`;
  if (lines.every((line) => line.points.length === 0)) {
    return html`<figure class="panel">${caption}<p class="absent">No value was logged.</p></figure>`;
  }
  const drawing = chart({
    label: `${panel.title}: ${lines.map(spoken).join("; ")}.`,
    plot: linesPlot(lines, training),
  });
  const key = lines.map((line) => ({ label: line.label, colour: line.stroke, mark: line.mark }));
  return html`<figure class="panel">${caption}${drawing}${legend(key)}<p class="fit">${panel.reading}</p></figure>`;
}

interface DrawnLine {
  readonly label: string;
  readonly stroke: string;
  readonly strokeDasharray: string | null;
  readonly points: readonly { kimg: number; value: number }[];
}

function linesPlot(lines: readonly DrawnLine[], training: readonly Tick[]): Plot.PlotOptions {
  const drawn = lines.flatMap(({ points, stroke, strokeDasharray }) => [
    Plot.line(points, {
      x: "kimg",
      y: "value",
      stroke,
      strokeWidth: 1.8,
      ...(strokeDasharray === null ? {} : { strokeDasharray }),
    }),
    ...(points.length <= MAX_DOTS ? [Plot.dot(points, { x: "kimg", y: "value", r: 2, fill: stroke })] : []),
  ]);
  return {
    width: 352,
    height: 220,
    marginLeft: 44,
    marginRight: 12,
    marginTop: 10,
    marginBottom: 38,
    x: { domain: [0, training.at(-1)?.kimg ?? 1], label: "kimg", labelArrow: "none", labelAnchor: "center", ticks: 5 },
    y: { label: null, grid: true, ticks: 5, nice: true },
    marks: drawn,
  };
}

function spoken({ label, points }: DrawnLine): string {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return `${label} not logged`;
  return `${label} from ${formatNumber(first.value)} at ${formatNumber(first.kimg)} kimg to ${formatNumber(last.value)} at ${formatNumber(last.kimg)} kimg`;
}
