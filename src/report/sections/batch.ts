// How much of plate and experiment the profiles still tell.
import type { ReportDocument, Score } from "../../schema/index.ts";
import { figure, formatScore } from "../format.ts";
import { groupedDots } from "../grouped-dots.ts";
import { type Html, html } from "../html.ts";
import { metricsOf, overallScores, type Question, questionsOf } from "../questions.ts";
import { absent, scoreCell, scrollingTable } from "./parts.ts";

/** Tasks whose figures are better the nearer they are to chance. */
const BATCH_TASKS: readonly string[] = ["plate-identity", "batch-effects"];

/** Whether a question is about plates and experiments, not about what was done to cells. */
export const isAboutBatches = ({ task }: Pick<Question, "task">): boolean => BATCH_TASKS.includes(task);

/** The panel: all encoders against chance; then each question in full, by `part`. */
export function batchSection(document: ReportDocument, part: (question: Question) => Html): Html {
  const questions = questionsOf(document).filter(isAboutBatches);
  if (questions.length === 0)
    return absent("No batch effect was measured: nobody asked whether plate or experiment can be named.");
  return html`<p>A plate that can be named from wells that should look alike is an effect of the plate. <strong>Here, the nearer to chance the better.</strong> The map below, coloured by plate, shows the same.</p>${panel(questions)}${questions.map(part)}`;
}

/** Questions that all share a metric and were put to several encoders, in one picture. */
function panel(questions: readonly Question[]): Html {
  const [metric] = metricsOf(questions[0]!.runs);
  const shared = questions.filter(({ runs }) => runs.length > 1 && metricsOf(runs)[0] === metric);
  if (metric === undefined || shared.length === 0) return html``;
  const encoders = [...new Set(shared.flatMap(({ runs }) => runs.map((run) => run.encoder)))];
  const scores = shared.map(({ runs }) =>
    encoders.map((encoder) =>
      runs
        .filter((r) => r.encoder === encoder)
        .flatMap(overallScores)
        .find(named(metric)),
    ),
  );
  const chanceOf = (row: readonly (Score | undefined)[]) => row.find((score) => score !== undefined)?.chance ?? null;
  return html`<div class="pair">${scrollingTable({
    caption: "Naming the batch, all encoders",
    label: "Naming the batch, all encoders",
    head: html`<tr><th scope="col">Question</th>${encoders.map((name) => html`<th scope="col" class="number">${name}</th>`)}<th scope="col" class="number">Chance</th></tr>`,
    body: shared.map(
      ({ question, id }, i) =>
        html`<tr><th scope="row"><a href="#${id}">${question}</a></th>${scores[i]!.map((score) => scoreCell(score))}<td class="number">${figure(chanceOf(scores[i]!), formatScore)}</td></tr>`,
    ),
  })}${groupedDots({ metric, rows: shared.map(({ question }) => question), series: encoders, scores })}</div>`;
}

const named = (metric: string) => (score: Score) => score.metric === metric;
