// Dose–response curves as small multiples: one panel a treatment, the same axes in all.
import * as Plot from "@observablehq/plot";
import { extent } from "../../core/extent.ts";
import type { Curve, TaskRun } from "../../schema/index.ts";
import { chart, legend } from "../chart.ts";
import { counted, figure, formatNumber, INTERVAL, intervalFigure, withoutStop } from "../format.ts";
import { type Html, html } from "../html.ts";
import { type Question, resultsOf } from "../questions.ts";
import { SHAPES, seriesColour } from "../theme.ts";
import { details, scrollingTable } from "./parts.ts";

const CURVE_STEPS = 64;
/** Curves that are drawn; tasks give the most telling first. */
const MAX_PANELS = 24;
/** Plates beyond this many share one mark: more signs than this cannot be told apart. */
const MAX_PLATE_MARKS = SHAPES.length;

/** The axes that all panels of a run share, so that panels can be compared by eye. */
interface Axes {
  /** Smallest and largest dose above zero, µM. */
  readonly doses: readonly [number, number];
  /** Where dose 0 is drawn, µM: a step below the smallest, since a logarithm has no zero. */
  readonly zeroAt: number;
  readonly hasZero: boolean;
  readonly responses: readonly [number, number];
  readonly ticks: readonly number[];
  readonly plates: readonly string[];
}

/** Curves of a question: the main encoder's in full, the others' folded away. */
export function doseResponseOf(question: Question): Html {
  const [main, ...others] = question.runs.filter((run) => resultsOf(run, "curve").length > 0);
  if (!main) return html``;
  return html`${panelsOf(main)}${others.map((run) => details(`Dose–response by ${run.encoder}`, panelsOf(run)))}`;
}

function panelsOf(run: TaskRun): Html {
  const curves = resultsOf(run, "curve");
  const axes = axesOf(curves);
  const responseName = curves.find((curve) => curve.responseName)?.responseName;
  const marks = axes && axes.plates.length > 1 && axes.plates.length <= MAX_PLATE_MARKS;
  return html`<p class="reading">Each point is one measurement at its dose (µM, logarithmic)${axes?.hasZero ? ", untreated at 0" : ""}; the line is the fitted curve, dashed where no EC50 is given; the band is the EC50’s ${INTERVAL}.${curves.some((curve) => curve.setAsideUm) ? " Hollow points were set aside: their wells leave the axis (toxic, or other biology), so the curve does not use them." : ""}${responseName ? ` Response: ${responseName}.` : ""} Encoder: ${run.encoder}. ${counted(curves.filter((curve) => curve.ec50Um !== null).length, "EC50")} for ${counted(curves.length, "treatment")}.</p>${
    marks && legend(axes.plates.map((label, i) => ({ label, colour: seriesColour(i), mark: SHAPES[i]! })))
  }<div class="panels">${curves.slice(0, MAX_PANELS).map((curve) => panel(curve, axes))}</div>${curves.length > MAX_PANELS && restOf(curves.slice(MAX_PANELS), run.encoder)}`;
}

/** A screen may hold a thousand compounds: those beyond the first panels are told in a table. */
function restOf(curves: readonly Curve[], encoder: string): Html {
  const row = (curve: Curve) =>
    html`<tr><th scope="row">${curve.name}</th><td class="number">${figure(curve.ec50Um)}</td><td class="number">${curve.ec50Ci95Um ? intervalFigure(curve.ec50Ci95Um) : figure(null)}</td>${[curve.fit?.bottom, curve.fit?.top, curve.fit?.hill].map((value) => html`<td class="number">${figure(value ?? null)}</td>`)}<td>${curve.ec50Um === null ? reasonOf(curve) : ""}</td></tr>`;
  return details(
    `${counted(curves.length, "further treatment")}, without a picture`,
    scrollingTable({
      caption: html`Further treatments <span class="aside">${encoder}</span>`,
      label: `Further treatments, ${encoder}`,
      head: html`<tr><th scope="col">Treatment</th>${["EC50 (µM)", INTERVAL, "From", "To", "Hill slope"].map((name) => html`<th scope="col" class="number">${name}</th>`)}<th scope="col">Why no EC50</th></tr>`,
      body: curves.map(row),
    }),
  );
}

function panel(curve: Curve, axes: Axes | null): Html {
  const drawing = axes
    ? chart({ label: `Dose–response of ${curve.name}: ${spoken(curve)}`, plot: panelPlot(curve, axes) })
    : html`<p class="absent">No point at a dose above 0.</p>`;
  return html`<figure class="panel"><figcaption><strong>${curve.name}</strong><span>${ec50Text(curve)}</span></figcaption>${drawing}${fitText(curve)}</figure>`;
}

function ec50Text(curve: Curve): Html {
  if (curve.ec50Um === null) return html`<span class="refused">No EC50: ${reasonOf(curve)}.</span>`;
  const interval = curve.ec50Ci95Um
    ? html` <span class="aside">(95 %: ${intervalFigure(curve.ec50Ci95Um)})</span>`
    : html` <span class="aside">(no interval)</span>`;
  return html`EC50 ${figure(curve.ec50Um)} µM${interval}`;
}

function reasonOf({ refused }: Curve): string {
  return withoutStop(refused ?? "no reason given");
}

function fitText({ fit }: Curve): Html {
  if (!fit) return html`<p class="fit">No curve fitted.</p>`;
  return html`<p class="fit">From ${figure(fit.bottom)} to ${figure(fit.top)}, Hill slope ${figure(fit.hill)}</p>`;
}

function spoken(curve: Curve): string {
  if (curve.ec50Um === null) return `no EC50, ${reasonOf(curve)}`;
  const interval = curve.ec50Ci95Um ? ` (95 % interval ${curve.ec50Ci95Um.map(formatNumber).join(" to ")})` : "";
  return `EC50 ${formatNumber(curve.ec50Um)} micromolar${interval}`;
}

function axesOf(curves: readonly Curve[]): Axes | null {
  const points = curves.flatMap((curve) => curve.points);
  const positive = points.map((p) => p.doseUm).filter((dose) => dose > 0);
  if (positive.length === 0) return null;
  const doses = extent(positive);
  const fitted = curves.flatMap((curve) => fitLine(curve, doses).map((p) => p.response));
  const responses = [...points.map((p) => p.response), ...fitted];
  const [low, high] = extent(responses);
  const margin = 0.06 * (high - low || 1);
  const [first, last] = [Math.log10(doses[0]), Math.log10(doses[1])];
  const decades = Array.from(
    { length: Math.floor(last) - Math.ceil(first) + 1 },
    (_, i) => 10 ** (Math.ceil(first) + i),
  );
  return {
    doses,
    zeroAt: doses[0] / 10 ** Math.max(0.3, 0.14 * (last - first)),
    hasZero: points.some((p) => p.doseUm <= 0),
    responses: [low - margin, high + margin],
    ticks: decades.length >= 2 ? decades : [...new Set(doses)],
    plates: [...new Set(points.flatMap((p) => (p.plate === null ? [] : [p.plate])))],
  };
}

/** `bottom + (top − bottom) / (1 + (EC50/dose)^hill)`, docs/methods.md §6; a falling curve has a negative hill. */
function fitLine({ fit }: Curve, [from, to]: readonly [number, number]): { doseUm: number; response: number }[] {
  if (!fit) return [];
  return Array.from({ length: CURVE_STEPS + 1 }, (_, i) => {
    const doseUm = from * (to / from) ** (i / CURVE_STEPS);
    return { doseUm, response: fit.bottom + (fit.top - fit.bottom) / (1 + (fit.ec50Um / doseUm) ** fit.hill) };
  });
}

type Point = Curve["points"][number];

function panelPlot(curve: Curve, axes: Axes): Plot.PlotOptions {
  const left = axes.hasZero ? axes.zeroAt : axes.doses[0];
  const [low, high] = [left / 1.25, axes.doses[1] * 1.25];
  const inside = (dose: number) => Math.min(high, Math.max(low, dose));
  const band = curve.ec50Um !== null && curve.ec50Ci95Um ? [curve.ec50Ci95Um] : [];
  const mark = (plate: string | null) => (plate === null ? 0 : axes.plates.indexOf(plate) % MAX_PLATE_MARKS);
  const isMarked = axes.plates.length <= MAX_PLATE_MARKS;
  const isGiven = curve.ec50Um !== null;
  const isFitted = ({ doseUm }: Point) => !curve.setAsideUm?.includes(doseUm);
  const colour = ({ plate }: Point) => (isMarked ? seriesColour(mark(plate)) : "var(--muted)");
  return {
    width: 264,
    height: 196,
    marginLeft: 40,
    marginRight: 8,
    marginTop: 8,
    marginBottom: 34,
    x: { type: "log", domain: [low, high] },
    y: { domain: [...axes.responses], label: null, ticks: 4, grid: true },
    marks: [
      // As a mark, since Plot leaves out labels that are no power of ten when they come from the scale.
      Plot.axisX([...(axes.hasZero ? [axes.zeroAt] : []), ...axes.ticks], {
        text: (dose: number) => (dose === axes.zeroAt ? "0" : formatNumber(Number(dose.toPrecision(6)))),
        label: "µM",
        labelArrow: "none",
        labelOffset: 32,
      }),
      Plot.rectX(band, {
        x1: (b) => inside(b[0]),
        x2: (b) => inside(b[1]),
        y1: axes.responses[0],
        y2: axes.responses[1],
        fill: "var(--accent)",
        fillOpacity: 0.16,
      }),
      Plot.ruleX(curve.ec50Um !== null && inside(curve.ec50Um) === curve.ec50Um ? [curve.ec50Um] : [], {
        stroke: "var(--accent)",
        strokeWidth: 1.5,
      }),
      Plot.dot(curve.points, {
        x: (p) => (p.doseUm > 0 ? p.doseUm : axes.zeroAt),
        y: "response",
        r: 2.8,
        fillOpacity: (p) => (isFitted(p) ? 0.8 : 0),
        fill: colour,
        stroke: (p) => (isFitted(p) ? "none" : colour(p)),
        strokeWidth: 1.2,
        symbol: (p: Point) => (isMarked ? SHAPES[mark(p.plate)] : "circle"),
      }),
      Plot.line(fitLine(curve, axes.doses), {
        x: "doseUm",
        y: "response",
        stroke: isGiven ? "var(--ink)" : "var(--muted)",
        strokeWidth: 2,
        ...(isGiven ? {} : { strokeDasharray: "4,4" }),
      }),
    ],
    color: { type: "identity" },
    opacity: { type: "identity" },
    symbol: { type: "identity" },
  };
}
