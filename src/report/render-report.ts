// The page itself: one HTML file that needs nothing else, not even a script.
import type { ReportDocument } from "../schema/index.ts";
import { formatDate } from "./format.ts";
import { Html, html } from "./html.ts";
import { batchSection } from "./sections/batch.ts";
import { citeSection, limitsSection } from "./sections/closing.ts";
import { comparisonSection } from "./sections/comparison.ts";
import { mapSection } from "./sections/map.ts";
import type { Section } from "./sections/parts.ts";
import { picturesSection } from "./sections/pictures.ts";
import { platesSection } from "./sections/plates.ts";
import { runSection } from "./sections/run.ts";
import { summarySection } from "./sections/summary.ts";
import { questionPart, tasksSection } from "./sections/tasks.ts";
import { trainingSection } from "./sections/training.ts";
import { truthsSection } from "./sections/truths.ts";
import { STYLE } from "./style.ts";

/** Nothing may be loaded and nothing may run, whatever a name in the data tries. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/**
 * A report as one self-contained HTML file: no script, no network, no external font; it can be mailed and printed.
 *
 * Equal documents give equal bytes. Every figure of `summaryOf(document)` stands in it as `<data value>`, unrounded.
 * @param document plain data; borrowed. Text in it is escaped: names cannot become markup.
 * @example
 * ```ts
 * import { renderReport } from "gan-dl/report";
 * const page = renderReport({
 *   title: "A <small> screen", createdAt: "2026-01-01T00:00:00Z", synthetic: true, private: false, summary: ["It ran."],
 *   facts: [], stages: [], training: [], stains: [], pictures: [], map: null, tasks: [], truths: [],
 *   commands: ["gandl demo"], provenance: {}, citations: [],
 * });
 * console.assert(page.startsWith("<!doctype html>") && page.includes("A &lt;small&gt; screen") && !page.includes("<script"));
 * ```
 */
export function renderReport(document: ReportDocument): string {
  const sections = sectionsOf(document);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="gan-dl">
<title>${document.title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<a class="skip" href="#summary">Skip to the summary</a>
<header><h1>${document.title}</h1><p class="aside">Made by gan-dl on <time datetime="${document.createdAt}">${formatDate(document.createdAt)}</time></p>${banners(document)}</header>
<nav aria-label="Contents"><ol>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>
<main>
${sections.map(({ id, title, body }) => html`<section id="${id}" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${title}</h2>${body}</section>\n`)}</main>
<footer><p>Self-contained: this file holds every picture and figure it shows, runs no script and loads nothing.</p></footer>
</body>
</html>
`;
  return page.text;
}

function sectionsOf(document: ReportDocument): Section[] {
  return [
    { id: "summary", title: "In short", body: summarySection(document) },
    { id: "truth", title: document.synthetic ? "Planted truth" : "Known truth", body: truthsSection(document) },
    { id: "results", title: "Results", body: tasksSection(document) },
    { id: "encoders", title: "Encoders compared", body: comparisonSection(document) },
    { id: "batch", title: "Batch effects", body: batchSection(document, questionPart) },
    { id: "plates", title: "Plates", body: platesSection(document) },
    { id: "map", title: "Map of the embedding", body: mapSection(document) },
    { id: "pictures", title: "Real and generated images", body: picturesSection(document) },
    { id: "training", title: "Training", body: trainingSection(document) },
    { id: "run", title: "What was run", body: runSection(document) },
    { id: "limits", title: "Limits", body: limitsSection(document) },
    { id: "cite", title: "How to cite", body: citeSection(document) },
  ];
}

function banners(document: ReportDocument): Html {
  return html`${
    document.synthetic &&
    html`<p class="banner" role="note"><strong>Synthetic data.</strong> These images were drawn by a program, not taken by a microscope. No figure here says anything about a real virus, cell or compound.</p>`
  }${
    document.private &&
    html`<p class="banner" role="note"><strong>Private data.</strong> Made from images that may not be passed on. Do not share or publish this file.</p>`
  }`;
}
