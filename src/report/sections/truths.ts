// Planted or published truths beside what was found.
import type { ReportDocument, TruthCheck } from "../../schema/index.ts";
import { counted, figure, INTERVAL, intervalFigure } from "../format.ts";
import { type Html, html } from "../html.ts";
import { absent, scrollingTable } from "./parts.ts";

/** The truth table, or why there is none. */
export function truthsSection({ truths, synthetic }: ReportDocument): Html {
  if (truths.length === 0) {
    return absent(
      synthetic
        ? "The images are synthetic, but no planted truth was handed to this report."
        : "These images carry no planted truth, so nothing here can be marked right or wrong; compare the encoders instead.",
    );
  }
  const nMet = truths.filter((truth) => truth.verdict === "met").length;
  return html`<p>${html`<strong>${nMet} of ${counted(truths.length, "truth")} met.</strong>`} ${
    synthetic
      ? "Each was planted by the program that drew the images; the encoder never saw it."
      : "Each was known before; the encoder never saw it."
  }</p>${scrollingTable({
    caption: "Truth beside finding",
    label: "Truth beside finding",
    head: html`<tr><th scope="col">What</th><th scope="col" class="number">${synthetic ? "Planted" : "Known"}</th><th scope="col" class="number">Found</th><th scope="col" class="number">${INTERVAL}</th><th scope="col">Verdict</th><th scope="col" class="words">Why</th></tr>`,
    body: truths.map(row),
  })}`;
}

function row(truth: TruthCheck): Html {
  return html`<tr><th scope="row">${truth.what}</th>${shown(truth.planted)}${shown(truth.found)}<td class="number">${truth.interval ? intervalFigure(truth.interval) : figure(null)}</td><td>${verdict(truth.verdict)}</td><td>${truth.explanation}</td></tr>`;
}

/** Figures stand on one line; names may need several, or they would push the reasons out of sight. */
function shown(value: number | string | null): Html {
  return typeof value === "string"
    ? html`<td class="number name">${value}</td>`
    : html`<td class="number">${figure(value)}</td>`;
}

/** Word and sign together: colour only repeats what they say. */
function verdict(verdict: TruthCheck["verdict"]): Html {
  return verdict === "met"
    ? html`<span class="verdict met"><span aria-hidden="true">✓</span> met</span>`
    : html`<span class="verdict missed"><span aria-hidden="true">✗</span> missed</span>`;
}
