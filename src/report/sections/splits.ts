// The same question under all four splits: what was held out together decides how much a score is worth.
import type { Score, TaskRun } from "../../schema/index.ts";
import { figure, formatScore, INTERVAL } from "../format.ts";
import { groupedDots } from "../grouped-dots.ts";
import { type Html, html } from "../html.ts";
import { metricsOf, overallScores, type Question } from "../questions.ts";
import { scoreCell, scrollingTable } from "./parts.ts";

/** What is held out, from the most flattering to the hardest, and what that lets a classifier have seen. */
export const SPLITS = [
  { held: "random images held out", seen: "other images of the same wells" },
  { held: "random wells held out", seen: "other wells of the same plates" },
  { held: "plates held out", seen: "other plates" },
  { held: "experiments held out", seen: "other experiments" },
] as const;
type Held = (typeof SPLITS)[number]["held"];

const SUFFIX = new RegExp(`^(.*), (${SPLITS.map(({ held }) => held).join("|")})$`);

/** The metric that was also scored under other splits, and the split; null for any other metric. */
export function splitOfMetric(metric: string): { readonly metric: string; readonly held: Held } | null {
  const [, base, held] = SUFFIX.exec(metric) ?? [];
  return base === undefined ? null : { metric: base, held: held as Held };
}

/** A run's score of `metric` under one split; the split that the run is named by goes without a suffix. */
export function scoreUnder(run: TaskRun, metric: string, held: Held): Score | undefined {
  const scores = overallScores(run);
  const own = run.split.startsWith("leave-plate-out") && held === "plates held out" ? metric : null;
  return scores.find((s) => s.metric === `${metric}, ${held}`) ?? scores.find((s) => s.metric === own);
}

/** The metric that a question scored under several splits, or null. */
export function splitMetricOf(question: Question): string | null {
  const candidates = metricsOf(question.runs).flatMap((name) => splitOfMetric(name)?.metric ?? []);
  const isSplit = (metric: string) => {
    const made = SPLITS.filter(({ held }) => question.runs.some((run) => scoreUnder(run, metric, held)));
    return made.length > 1;
  };
  return candidates.find(isSplit) ?? null;
}

/** Table and chart of the metric that has further splits; empty where there is none. */
export function splitsOf(question: Question): Html {
  const metric = splitMetricOf(question);
  if (metric === null) return html``;
  const chance = question.runs.flatMap(overallScores).find((s) => s.metric === metric)?.chance ?? null;
  const rows = SPLITS.map(({ held, seen }) => {
    const scores = question.runs.map((run) => scoreUnder(run, metric, held));
    const reason = scores.every((s) => s === undefined) ? refusalOf(question, held) : null;
    const isMain = held === "plates held out";
    const name = html`<th scope="row">${held}<span class="interval">learned from ${seen}</span></th>`;
    if (reason !== null)
      return html`<tr>${name}<td colspan="${question.runs.length}" class="absent">${reason}</td></tr>`;
    return html`<tr${isMain ? html` class="main"` : null}>${name}${scores.map((score) => scoreCell(score))}</tr>`;
  });
  return html`<h4>All four splits</h4><p class="reading">The further down, the less the classifier may have seen of what it is tested on; the figure to quote is the one with plates held out, in bold.</p><div class="pair">${scrollingTable(
    {
      caption: html`${metric} by what was held out <span class="aside">with ${INTERVAL}s; chance ${figure(chance, formatScore)}</span>`,
      label: `${metric} under four splits: ${question.question}`,
      head: html`<tr><th scope="col">Held out</th>${question.runs.map((run) => html`<th scope="col" class="number">${run.encoder}</th>`)}</tr>`,
      body: rows,
    },
  )}${groupedDots({
    metric,
    rows: SPLITS.map(({ held }) => held),
    series: question.runs.map((run) => run.encoder),
    scores: SPLITS.map(({ held }) => question.runs.map((run) => scoreUnder(run, metric, held))),
  })}</div>`;
}

/** Why a split has no figure, in the words of the task's own note. */
function refusalOf({ runs }: Question, held: Held): string {
  const note = runs.flatMap((run) => run.notes).find((text) => text.startsWith(`No figure with ${held}`));
  return note ?? `No figure with ${held}: it was not asked for.`;
}
