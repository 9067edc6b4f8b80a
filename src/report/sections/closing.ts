// The ends of the report: what it is not, and whom to cite.
import type { ReportDocument } from "../../schema/index.ts";
import { type Html, html } from "../html.ts";
import { absent } from "./parts.ts";

/** What no figure here can tell, whatever its value. */
export function limitsSection(document: ReportDocument): Html {
  const limits = [
    document.synthetic &&
      "The images were drawn by a program. How near the answers come to the planted truths shows that the method and the program work; it says nothing of real cells.",
    document.tasks.length > 0 &&
      "A 95 % interval speaks of wells like these on plates like these. Another laboratory, staining or cell line is not covered by it; where none is given, too few independent wells are left.",
    document.tasks.length > 0 &&
      "A high score alone proves little: brightness, plate or well position may give it. Compare it with chance and with the plainer encoders in the same table, and read what to distrust below it.",
    document.pictures.length > 0 &&
      "Generated pictures show what the network has learned to imitate. They are not data and must not be measured as if they were.",
    document.map !== null && "The map flattens many dimensions to two. Use it to find questions, not to answer them.",
  ].filter((limit) => limit !== false);
  const standing = "Nothing in this report is a claim about the safety or the effect of a medicine in people.";
  return html`<ul>${[...limits, standing].map((limit) => html`<li>${limit}</li>`)}</ul>`;
}

/** References to cite. */
export function citeSection({ citations }: ReportDocument): Html {
  if (citations.length === 0) return absent("No reference was recorded for this data set or method.");
  return html`<ul class="references">${citations.map((citation) => html`<li>${citation}</li>`)}</ul>`;
}
