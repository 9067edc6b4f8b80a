// Pieces that several sections share.
import type { Score } from "../../schema/index.ts";
import { figure, formatScore, intervalFigure } from "../format.ts";
import { type Fragment, type Html, html } from "../html.ts";

/** A section of the report: its place in the contents, its heading and its body. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

/** Says in one sentence what is not there, so that an empty part is never mistaken for a forgotten one. */
export function absent(sentence: string): Html {
  return html`<p class="absent">${sentence}</p>`;
}

/** A table that scrolls inside itself where the page is narrow; reachable by keyboard for that reason. */
export function scrollingTable(table: {
  readonly caption: Fragment;
  readonly label: string;
  readonly head: Html;
  readonly body: readonly Html[];
}): Html {
  return html`<div class="scroll" role="region" aria-label="${table.label}" tabindex="0"><table><caption>${table.caption}</caption><thead>${table.head}</thead><tbody>${table.body}</tbody></table></div>`;
}

/** A part that opens on demand, by mouse or keyboard; printed open. */
export function details(summary: Fragment, body: Fragment): Html {
  return html`<details><summary>${summary}</summary>${body}</details>`;
}

/** A score with its interval beneath. */
export function scoreCell(score: Score | undefined, isMain = false): Html {
  if (!score) return html`<td class="number"><span class="missing">–</span></td>`;
  const interval = score.ci95
    ? html`<span class="interval">${intervalFigure(score.ci95, formatScore)}</span>`
    : html`<span class="interval missing">no interval</span>`;
  return html`<td class="number${isMain ? " main" : ""}">${figure(score.value, formatScore)}${interval}</td>`;
}
