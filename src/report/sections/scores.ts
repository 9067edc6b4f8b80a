// Scores of one question: a table with encoders as rows, and the same as dots and intervals against chance.
import * as Plot from "@observablehq/plot";
import type { Score, TaskRun } from "../../schema/index.ts";
import { chart } from "../chart.ts";
import { figure, formatScore, INTERVAL, shorten } from "../format.ts";
import { type Fragment, type Html, html } from "../html.ts";
import { metricsOf, overallScores, type Question, resultsOf } from "../questions.ts";
import { scoreDomain } from "../score-domain.ts";
import { details, scoreCell, scrollingTable } from "./parts.ts";
import { splitMetricOf, splitOfMetric } from "./splits.ts";

/** Names wrap to two lines beside their row; a longer one is cut, and stands in full in the table. */
const AXIS_NAME_LENGTH = 36;
const NAME_WIDTH_EM = 10;
const ROW_HEIGHT_PX = 36;

/** Table, chart and per-plate table of a question; empty where no run holds a score. */
export function scoresOf(question: Question): Html {
  const split = splitMetricOf(question); // has a table of its own
  const metrics = metricsOf(question.runs).filter((name) => split === null || splitOfMetric(name)?.metric !== split);
  if (metrics.length === 0) return html`${partTables(question)}`;
  return html`<div class="pair">${scoreTable(question, metrics)}${scoreChart(question, metrics[0]!)}</div>${partTables(question)}`;
}

/** More metrics than this stand below each other, or the table would be wider than a page. */
const MAX_METRIC_COLUMNS = 3;

function scoreTable(question: Question, metrics: readonly string[]): Html {
  if (metrics.length > MAX_METRIC_COLUMNS) return tableByMetric(question, metrics);
  const head = html`<tr><th scope="col">Encoder</th>${metrics.map((m) => html`<th scope="col" class="number">${m}</th>`)}<th scope="col" class="number">Wells</th><th scope="col" class="number">Images</th><th scope="col" class="number">Plates</th></tr>`;
  const rows = question.runs.map((run, i) => {
    const scores = overallScores(run);
    return html`<tr${i === 0 && question.runs.length > 1 ? html` class="main"` : null}><th scope="row">${run.encoder}</th>${metrics.map(
      (metric) => scoreCell(scores.find((score) => score.metric === metric)),
    )}${[run.nWells, run.nImages, run.nPlates].map((n) => html`<td class="number count">${figure(n)}</td>`)}</tr>`;
  });
  return scrollingTable({
    caption: html`Scores <span class="aside">with their ${INTERVAL}s beneath</span>`,
    label: `Scores: ${question.question}`,
    head,
    body: [...rows, chanceRow(question.runs, metrics)],
  });
}

/** The same figures with a row a metric and a column an encoder; chance is the last column. */
function tableByMetric({ question, runs }: Question, metrics: readonly string[]): Html {
  const isMain = (i: number) => i === 0 && runs.length > 1;
  const scores = runs.map(overallScores);
  const cellOf = (metric: string, i: number) =>
    scoreCell(
      scores[i]!.find((score) => score.metric === metric),
      isMain(i),
    );
  const row = (metric: string) =>
    html`<tr><th scope="row">${metric}</th>${runs.map((_, i) => cellOf(metric, i))}<td class="number">${chanceOf(runs, metric)}</td></tr>`;
  const countRow = (name: string, of: (run: TaskRun) => number) =>
    html`<tr><th scope="row">${name}</th>${runs.map((run) => html`<td class="number">${figure(of(run))}</td>`)}<td></td></tr>`;
  return scrollingTable({
    caption: html`Scores <span class="aside">with their ${INTERVAL}s beneath; chance: what knowing nothing scores</span>`,
    label: `Scores: ${question}`,
    head: html`<tr><th scope="col">Metric</th>${runs.map((run) => html`<th scope="col" class="number">${run.encoder}</th>`)}<th scope="col" class="number">Chance</th></tr>`,
    body: [
      ...metrics.map(row),
      countRow("Wells", (run) => run.nWells),
      countRow("Images", (run) => run.nImages),
      countRow("Plates", (run) => run.nPlates),
    ],
  });
}

/** What knowing nothing scores, so that no figure stands without its zero. */
function chanceRow(runs: readonly TaskRun[], metrics: readonly string[]): Html {
  if (runs.every((run) => overallScores(run).every((score) => score.chance === null))) return html``;
  const cells = metrics.map((metric) => html`<td class="number">${chanceOf(runs, metric)}</td>`);
  return html`<tr class="chance"><th scope="row">Chance (knowing nothing)</th>${cells}<td></td><td></td><td></td></tr>`;
}

function chanceOf(runs: readonly TaskRun[], metric: string): Html {
  const chances = runs.flatMap((run) => overallScores(run).filter((s) => s.metric === metric)).map((s) => s.chance);
  const distinct = [...new Set(chances.filter((chance) => chance !== null))];
  if (distinct.length === 0) return figure(null);
  return html`${distinct.map((chance, i) => html`${i > 0 ? " / " : null}${figure(chance, formatScore)}`)}`;
}

/** Dots and intervals; left out where there is neither an interval nor a chance to hold them against. */
function scoreChart(question: Question, metric: string): Html {
  const all = question.runs.flatMap((run, row) =>
    resultsOf(run, "score")
      .filter((score) => score.metric === metric)
      .map((score) => ({ ...score, row, encoder: run.encoder })),
  );
  if (all.every((score) => score.ci95 === null && score.chance === null)) return html``;
  const names = question.runs.map((run) => shorten(run.encoder, AXIS_NAME_LENGTH));
  const overall = all.filter((score) => score.part === null);
  const parts = all.filter((score) => score.part !== null);
  const main = overall[0]!;
  const drawing = chart({
    label: `${metric} by encoder: ${overall.map(spoken).join("; ")}.`,
    plot: {
      width: 400,
      height: ROW_HEIGHT_PX * names.length + 56,
      marginLeft: 12 * NAME_WIDTH_EM + 12,
      marginRight: 14,
      marginTop: 8,
      marginBottom: 40,
      x: { domain: scoreDomain(all), label: metric, labelArrow: "none", grid: true, ticks: 4, labelAnchor: "center" },
      y: { domain: [...names.keys()], padding: 0 },
      marks: [
        Plot.axisY({ text: (row: number) => names[row], label: null, tickSize: 0, lineWidth: NAME_WIDTH_EM }),
        Plot.tickX(
          overall.filter((s) => s.chance !== null),
          { x: "chance", y: "row", stroke: "var(--muted)", strokeDasharray: "4,3", strokeWidth: 1.5 },
        ),
        Plot.ruleY(
          overall.filter((s) => s.ci95 !== null),
          {
            x1: (s: Score) => s.ci95![0],
            x2: (s: Score) => s.ci95![1],
            y: "row",
            stroke: (s) => (s === main ? "var(--accent)" : "var(--muted)"),
            strokeWidth: 3,
            strokeLinecap: "round",
          },
        ),
        Plot.dot(parts, { x: "value", y: "row", r: 3, dy: 9, stroke: "var(--muted)", fill: "none" }),
        Plot.dot(overall, {
          x: "value",
          y: "row",
          r: 6,
          fill: (s) => (s === main ? "var(--accent)" : "var(--muted)"),
          stroke: "var(--paper)",
          strokeWidth: 1.5,
        }),
      ],
    },
  });
  const reading: Fragment[] = [
    "Dot: all together",
    overall.some((s) => s.ci95 !== null) && `; bar: ${INTERVAL}`,
    parts.length > 0 && "; small rings: single plates",
    overall.some((s) => s.chance !== null) && "; dashed line: chance",
    ".",
  ];
  return html`<figure class="wide">${drawing}<figcaption><strong>${metric} of each encoder.</strong> ${reading}</figcaption></figure>`;
}

function spoken(score: Score & { encoder: string }): string {
  const interval = score.ci95 ? ` (95 % interval ${score.ci95.map(formatScore).join(" to ")})` : "";
  const chance = score.chance === null ? "" : `, chance ${formatScore(score.chance)}`;
  return `${score.encoder} ${formatScore(score.value)}${interval}${chance}`;
}

/** One table a metric: held-out plates as rows, encoders as columns; folded away, since there can be many. */
function partTables(question: Question): Html[] {
  const scores = question.runs.map((run) => ({ run, parts: resultsOf(run, "score").filter((s) => s.part !== null) }));
  const metrics = [...new Set(scores.flatMap(({ parts }) => parts.map((s) => s.metric)))];
  return metrics.map((metric) => {
    const parts = [...new Set(scores.flatMap((s) => s.parts.filter((p) => p.metric === metric).map((p) => p.part)))];
    const find = (i: number, part: string | null) =>
      scores[i]!.parts.find((score) => score.metric === metric && score.part === part);
    return details(
      `${metric} by plate (${parts.length})`,
      scrollingTable({
        caption: html`${metric} by plate`,
        label: `${metric} by plate: ${question.question}`,
        head: html`<tr><th scope="col">Plate</th>${question.runs.map((run) => html`<th scope="col" class="number">${run.encoder}</th>`)}</tr>`,
        body: parts.map(
          (part) =>
            html`<tr><th scope="row">${part ?? ""}</th>${question.runs.map((_, i) => scoreCell(find(i, part)))}</tr>`,
        ),
      }),
    );
  });
}
