// Real beside generated images.
import type { ReportDocument } from "../../schema/index.ts";
import { type Html, html } from "../html.ts";
import { pngSize } from "../png-size.ts";
import { absent } from "./parts.ts";

type Picture = ReportDocument["pictures"][number];
/** A grid narrower than this is enlarged by whole pixels rather than blurred. */
const SMALL_PX = 320;
/** Only plain colours may reach a style attribute. */
const PLAIN_COLOUR = /^(#[0-9a-f]{3}|#[0-9a-f]{6}|[a-z]{3,20})$/i;

/** Pictures by group, each group side by side, under the colours of the stains. */
export function picturesSection({ pictures, stains }: ReportDocument): Html {
  if (pictures.length === 0) return html`${stainLegend(stains)}${absent("No pictures were handed to this report.")}`;
  const groups = [...new Set(pictures.map((picture) => picture.group))];
  return html`${stainLegend(stains)}${groups.map((group) => html`${groups.length > 1 && html`<h3>${group}</h3>`}<div class="pictures">${pictures.filter((picture) => picture.group === group).map(pictureFigure)}</div>`)}`;
}

function pictureFigure(picture: Picture): Html {
  const size = pngSize(picture.png);
  const attributes = size && html` width="${size.widthPx}" height="${size.heightPx}"`;
  const rows =
    picture.rows !== undefined &&
    html`<ol class="rows" aria-label="Rows of the picture, from the top">${picture.rows.map((name) => html`<li>${name}</li>`)}</ol>`;
  return html`<figure${rows && html` class="rowed"`}>${rows}<img src="${picture.png}" alt="${picture.alt}"${attributes}${size && size.widthPx < SMALL_PX && html` class="small"`}><figcaption><strong>${picture.title}</strong> ${picture.caption}</figcaption></figure>`;
}

function stainLegend(stains: ReportDocument["stains"]): Html {
  if (stains.length === 0) return html``;
  return html`<ul class="legend" aria-label="Colours of the stains">${stains.map(({ name, colour }) => html`<li>${PLAIN_COLOUR.test(colour) && html`<span class="swatch" style="background:${colour}" aria-hidden="true"></span>`}<span>${name}</span></li>`)}</ul>`;
}
