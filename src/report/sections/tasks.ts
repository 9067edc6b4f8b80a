// What was asked of the embeddings and what came out, question by question.
import type { ReportDocument } from "../../schema/index.ts";
import { figure, formatScore, intervalFigure } from "../format.ts";
import { type Html, html } from "../html.ts";
import { metricsOf, overallScores, type Question, questionsOf } from "../questions.ts";
import { doseResponseOf } from "./dose-response.ts";
import { absent, scrollingTable } from "./parts.ts";
import { scoresOf } from "./scores.ts";
import { confusionsOf, tablesOf } from "./tables.ts";

/** Every question with its tables, charts and what to distrust. */
export function tasksSection(document: ReportDocument): Html {
  const questions = questionsOf(document);
  if (questions.length === 0) return absent("No question was asked of the embedding, so there are no scores.");
  return html`${questions.map(questionPart)}`;
}

function questionPart(question: Question): Html {
  const seeds = [...new Set(question.runs.map((run) => run.seed))];
  return html`<article class="question" aria-labelledby="${question.id}"><h3 id="${question.id}">${question.question}</h3><p class="aside">${question.title} · split: ${question.split} · task <code>${question.task}</code> · seed ${seeds.join(", ")}</p>${scoresOf(question)}${confusionsOf(question)}${doseResponseOf(question)}${tablesOf(question)}${notesOf(question)}</article>`;
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

/** One line a question: the first score of each encoder. Empty where there is nothing to compare. */
export function overview(document: ReportDocument): Html {
  const questions = questionsOf(document).filter((question) => metricsOf(question.runs).length > 0);
  if (questions.length === 0) return html``;
  const encoders = [...new Set(questions.flatMap((question) => question.runs.map((run) => run.encoder)))];
  const row = (question: Question) => {
    const metric = metricsOf(question.runs)[0]!;
    const scores = question.runs.flatMap((run) =>
      overallScores(run)
        .filter((score) => score.metric === metric)
        .map((score) => ({ ...score, encoder: run.encoder })),
    );
    const cell = (encoder: string, i: number) => {
      const score = scores.find((s) => s.encoder === encoder);
      return html`<td class="number${i === 0 ? " main" : ""}">${figure(score?.value ?? null, formatScore)}${score?.ci95 ? html`<span class="interval">${intervalFigure(score.ci95, formatScore)}</span>` : null}</td>`;
    };
    return html`<tr><th scope="row"><a href="#${question.id}">${question.question}</a><span class="interval">${metric}, ${question.split}</span></th>${encoders.map(cell)}<td class="number">${figure(scores[0]?.chance ?? null, formatScore)}</td></tr>`;
  };
  return scrollingTable({
    caption: html`At a glance <span class="aside">The first score of each question, with its 95 % interval beneath.</span>`,
    label: "At a glance",
    head: html`<tr><th scope="col">Question</th>${encoders.map((name) => html`<th scope="col" class="number">${name}</th>`)}<th scope="col" class="number">Chance</th></tr>`,
    body: questions.map(row),
  });
}
