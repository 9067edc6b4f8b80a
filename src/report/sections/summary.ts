// The first page: what was asked, what came out, how sure, what to distrust.
import type { ReportDocument } from "../../schema/index.ts";
import { distrustOf } from "../distrust.ts";
import { counted } from "../format.ts";
import { type Html, html } from "../html.ts";
import { questionsOf } from "../questions.ts";
import { sureWords } from "../sure-words.ts";
import { absent } from "./parts.ts";
import { overview } from "./tasks.ts";

/** Words first, then one line a question. */
export function summarySection(document: ReportDocument): Html {
  const [first, ...rest] = document.summary;
  const asked = questionsOf(document);
  const found =
    first === undefined
      ? absent("No summary was written for this report.")
      : html`<p class="lede">${first}</p>${rest.map((sentence) => html`<p>${sentence}</p>`)}`;
  if (asked.length === 0) return found;
  return html`<h3>What was asked</h3><ul class="asked">${asked.map(({ id, question }) => html`<li><a href="#${id}">${question}</a></li>`)}</ul><h3>What came out</h3>${found}${overview(document)}<h3>How sure</h3>${sureWords(document).map((sentence) => html`<p>${sentence}</p>`)}<h3>What to distrust</h3>${distrusted(document)}`;
}

function distrusted(document: ReportDocument): Html {
  const found = distrustOf(document);
  if (found.length > 0) {
    return html`<div class="notes"><p>${counted(found.length, "point")} that the results themselves raise, beside the limits at the end of this page.</p><ul>${found.map((sentence) => html`<li>${sentence}</li>`)}</ul></div>`;
  }
  return html`<p>None of the usual faults was found: too few plates, a split that flatters, a plainer encoder that does as well, wells told by their place, plates told apart, overlapping controls, refused curves. That is no proof that there are none.</p>`;
}
