// Results that are plain tables, and confusion matrices.
import type { TaskResult, TaskRun } from "../../schema/index.ts";
import { counted, figure } from "../format.ts";
import { type Html, html } from "../html.ts";
import { type Question, resultsOf } from "../questions.ts";
import { details, scrollingTable } from "./parts.ts";
import { rankedChart } from "./ranked.ts";

type TableResult = Extract<TaskResult, { kind: "table" }>;
type ConfusionResult = Extract<TaskResult, { kind: "confusion" }>;

/** Rows in sight, and rows on the page at all: a screen of thousands must still open from a mail. */
const MAX_OPEN_ROWS = 30;
const MAX_ROWS = 400;

/** Tables of a question: those of the main encoder in full, the others' folded away. */
export function tablesOf(question: Question): Html {
  const [main, ...others] = question.runs;
  const named = (run: TaskRun) => resultsOf(run, "table").map((table) => resultTable(table, run.encoder, question));
  return html`${main ? named(main) : null}${others.map((run) => {
    const tables = named(run);
    return tables.length > 0 && details(`The same tables for ${run.encoder}`, tables);
  })}`;
}

function resultTable(table: TableResult, encoder: string, question: Question): Html {
  const isNumber = table.columns.map((_, i) => table.rows.some((row) => typeof row[i] === "number"));
  const cell = (value: string | number | null | undefined, column: number) => {
    const shown = typeof value === "string" ? value : figure(value ?? null);
    if (column === 0) return html`<th scope="row">${shown}</th>`;
    return html`<td${isNumber[column] ? html` class="number"` : null}>${shown}</td>`;
  };
  const rows = table.rows
    .slice(0, MAX_ROWS)
    .map((row) => html`<tr>${table.columns.map((_, i) => cell(row[i], i))}</tr>`);
  const part = (label: string, body: readonly Html[]) =>
    scrollingTable({
      caption: html`${table.name} <span class="aside">${encoder}</span>`,
      label: `${label}, ${encoder}: ${question.question}`,
      head: html`<tr>${table.columns.map((name, i) => html`<th scope="col"${isNumber[i] && i > 0 ? html` class="number"` : null}>${name}</th>`)}</tr>`,
      body,
    });
  const more = rows.slice(MAX_OPEN_ROWS);
  const left = table.rows.length - rows.length;
  return html`${rankedChart(table)}${part(table.name, rows.slice(0, MAX_OPEN_ROWS))}${
    more.length > 0 &&
    details(`${counted(more.length, "further row")} of the same`, part(`${table.name}, continued`, more))
  }${left > 0 && html`<p class="aside">${counted(left, "row")} more stand in the tables beside this file.</p>`}`;
}

/** Confusion matrices of a question, side by side. */
export function confusionsOf(question: Question): Html {
  const all = question.runs.flatMap((run) => resultsOf(run, "confusion").map((result) => ({ run, result })));
  if (all.length === 0) return html``;
  const [first, ...others] = all;
  const isSmall = first!.result.classes.length <= 3 && all.length <= 4;
  const shown = isSmall ? all : [first!];
  return html`<p class="reading">What was called what. Rows: the truth; columns: what it was called; shares of a row.</p><div class="matrices">${shown.map(({ run, result }) => matrix(result, run.encoder, question))}</div>${
    !isSmall &&
    others.length > 0 &&
    details(
      "Confusion of the other encoders",
      html`<div class="matrices">${others.map(({ run, result }) => matrix(result, run.encoder, question))}</div>`,
    )
  }`;
}

function matrix({ classes, counts }: ConfusionResult, encoder: string, question: Question): Html {
  const cell = (count: number, total: number, isRight: boolean) => {
    const share = total > 0 ? count / total : 0;
    return html`<td class="number${isRight ? " right" : ""}" style="--share:${share.toFixed(3)}">${figure(count)}<span class="interval">${total > 0 ? `${(share * 100).toFixed(1)} %` : "–"}</span></td>`;
  };
  return scrollingTable({
    caption: encoder,
    label: `Confusion, ${encoder}: ${question.question}`,
    head: html`<tr><td></td>${classes.map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr>`,
    body: counts.map((row, i) => {
      const total = row.reduce((sum, count) => sum + count, 0);
      return html`<tr><th scope="row">${classes[i] ?? ""}</th>${row.map((count, j) => cell(count, total, i === j))}</tr>`;
    }),
  });
}
