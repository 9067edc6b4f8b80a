// What was asked of the embeddings and what came out, question by question.
import type { ReportDocument, Score, TaskRun } from "../../schema/index.ts";
import { counted, figure, formatScore, INTERVAL, intervalFigure } from "../format.ts";
import { type Html, html } from "../html.ts";
import { hitsCalled, metricsOf, overallScores, type Question, questionsOf, resultsOf } from "../questions.ts";
import { isAboutBatches } from "./batch.ts";
import { doseResponseOf } from "./dose-response.ts";
import { absent, scrollingTable } from "./parts.ts";
import { scoresOf } from "./scores.ts";
import { splitsOf } from "./splits.ts";
import { confusionsOf, tablesOf } from "./tables.ts";

/** Every question with its tables, charts and what to distrust. */
export function tasksSection(document: ReportDocument): Html {
  const questions = questionsOf(document).filter((question) => !isAboutBatches(question));
  if (questions.length === 0) return absent("No question was asked of the embedding, so there are no scores.");
  return html`${questions.map(questionPart)}`;
}

/** One question: scores, splits, confusion, curves, tables, and what to distrust. */
export function questionPart(question: Question): Html {
  const seeds = [...new Set(question.runs.map((run) => run.seed))];
  return html`<article class="question" aria-labelledby="${question.id}"><h3 id="${question.id}">${question.question}</h3><p class="aside wide">${question.title} · split: ${question.split} · task <code>${question.task}</code> · seed ${seeds.join(", ")}</p>${scoresOf(question)}${splitsOf(question)}${confusionsOf(question)}${doseResponseOf(question)}${tablesOf(question)}${notesOf(question)}</article>`;
}

/** What to distrust, each note once; a note that only some encoders carry names them. */
function notesOf(question: Question): Html {
  const notes = [...new Set(question.runs.flatMap((run) => run.notes))];
  if (notes.length === 0) return html``;
  const named = (note: string) => {
    const of = question.runs.filter((run) => run.notes.includes(note));
    return (
      of.length < question.runs.length && html` <span class="aside">(${of.map((run) => run.encoder).join(", ")})</span>`
    );
  };
  return html`<div class="notes"><h4>What to distrust</h4><ul>${notes.map((note) => html`<li>${note}${named(note)}</li>`)}</ul></div>`;
}

/** One line a question, encoders as columns. Empty where there is nothing to compare. */
export function overview(document: ReportDocument): Html {
  const questions = questionsOf(document).filter(
    ({ runs }) => metricsOf(runs).length > 0 || runs.some((run) => hasCurves(run) || hitsCalled(run) !== null),
  );
  if (questions.length === 0) return html``;
  const encoders = [...new Set(questions.flatMap((question) => question.runs.map((run) => run.encoder)))];
  return scrollingTable({
    caption: html`At a glance <span class="aside">The first score of each question, with its ${INTERVAL} beneath.</span>`,
    label: "At a glance",
    head: html`<tr><th scope="col">Question</th>${encoders.map((name) => html`<th scope="col" class="number">${name}</th>`)}<th scope="col" class="number">Chance</th></tr>`,
    body: questions.map((question) => {
      if (question.runs.some((run) => hitsCalled(run) !== null)) return hitsRow(question, encoders);
      return (question.runs.some(hasCurves) ? curvesRow : scoreRow)(question, encoders);
    }),
  });
}

const hasCurves = (run: TaskRun) => resultsOf(run, "curve").length > 0;

function scoreRow(question: Question, encoders: readonly string[]): Html {
  const metric = metricsOf(question.runs)[0]!;
  const scoreBy = (encoder: string) =>
    question.runs
      .filter((run) => run.encoder === encoder)
      .flatMap(overallScores)
      .find((s) => s.metric === metric);
  const cell = (score: Score | undefined, i: number) =>
    html`<td class="number${i === 0 ? " main" : ""}">${figure(score?.value ?? null, formatScore)}${score?.ci95 ? html`<span class="interval">${intervalFigure(score.ci95, formatScore)}</span>` : null}</td>`;
  const scores = encoders.map(scoreBy);
  const chance = scores.find((score) => score !== undefined)?.chance ?? null;
  return html`<tr>${questionHead(question, `${metric}, ${question.split}`)}${scores.map(cell)}<td class="number">${figure(chance, formatScore)}</td></tr>`;
}

function curvesRow(question: Question, encoders: readonly string[]): Html {
  const cell = (encoder: string, i: number) => {
    const curves = question.runs.filter((run) => run.encoder === encoder).flatMap((run) => resultsOf(run, "curve"));
    const nGiven = curves.filter((curve) => curve.ec50Um !== null).length;
    return html`<td class="number${i === 0 ? " main" : ""}">${figure(curves.length > 0 ? nGiven : null)}${curves.length > 0 ? html`<span class="interval">of ${counted(curves.length, "treatment")}</span>` : null}</td>`;
  };
  return html`<tr>${questionHead(question, "treatments with an EC50")}${encoders.map(cell)}<td class="number">${figure(null)}</td></tr>`;
}

function hitsRow(question: Question, encoders: readonly string[]): Html {
  const cell = (encoder: string, i: number) => {
    const called = question.runs.filter((run) => run.encoder === encoder).map(hitsCalled)[0] ?? null;
    return html`<td class="number${i === 0 ? " main" : ""}">${figure(called?.nHits ?? null)}${called && html`<span class="interval">of ${counted(called.nAll, "treatment")}</span>`}</td>`;
  };
  return html`<tr>${questionHead(question, "treatments called hits")}${encoders.map(cell)}<td class="number">${figure(null)}</td></tr>`;
}

function questionHead(question: Question, measure: string): Html {
  return html`<th scope="row"><a href="#${question.id}">${question.question}</a><span class="interval">${measure}</span></th>`;
}
