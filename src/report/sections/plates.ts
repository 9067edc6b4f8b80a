// Plate heat maps: every well in its place, so that gradients and rims are seen before compounds are believed.
import { extent } from "../../core/extent.ts";
import type { PlateMap, ReportDocument } from "../../schema/index.ts";
import { counted, formatNumber } from "../format.ts";
import { type Html, html } from "../html.ts";
import { median } from "../median.ts";
import { LIGHT, rampColour } from "../theme.ts";
import { absent } from "./parts.ts";

type Wells = PlateMap["plates"][number]["wells"];
/** Plates that are drawn; the tables beside the report hold all. */
const MAX_PLATES = 12;
const N_STEPS = LIGHT.ramp.length;
/** Rows and columns of the plates that are sold, smallest first. */
const FORMATS = [
  [2, 3],
  [4, 6],
  [8, 12],
  [16, 24],
  [32, 48],
] as const;

/** One row of small maps a statistic, or why there are none. */
export function platesSection({ plateMaps = [] }: ReportDocument): Html {
  const drawn = plateMaps.filter((map) => map.plates.length > 0);
  if (drawn.length === 0)
    return absent("No plate was drawn: the rows and columns of the wells are not known to this data set.");
  return html`${drawn.map(mapPart)}`;
}

function mapPart(map: PlateMap): Html {
  const values = map.plates.flatMap(({ wells }) => wells.flatMap(({ value }) => (value === null ? [] : [value])));
  if (values.length === 0) return html`<h3>${map.name}</h3>${absent("No well has a value.")}`;
  const limits = percentileLimits(values);
  const shown = map.plates.slice(0, MAX_PLATES);
  const more =
    map.plates.length > shown.length
      ? ` The first ${shown.length} of ${counted(map.plates.length, "plate")}; all are in the tables beside this file.`
      : "";
  return html`<h3>${map.name}</h3><p class="reading">${map.reading} One scale for all plates, from the 2nd to the 98th percentile; wells beyond it have the end's colour; outlined wells have no value.${more}</p>${scaleLegend(limits)}<div class="panels plates">${shown.map((plate) => plateFigure(plate, map.name, limits))}</div>`;
}

/** Limits that one odd well cannot stretch. */
function percentileLimits(values: readonly number[]): [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return [at(0.02), at(0.98)];
}

function stepOf(value: number, [low, high]: readonly [number, number]): number {
  const share = high > low ? (value - low) / (high - low) : 0.5;
  return Math.min(N_STEPS - 1, Math.max(0, Math.floor(share * N_STEPS)));
}

function scaleLegend([low, high]: readonly [number, number]): Html {
  const edge = (step: number) => formatNumber(low + ((high - low) * step) / N_STEPS);
  return html`<ul class="legend scale">${Array.from({ length: N_STEPS }, (_, step) => html`<li><svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" fill="${rampColour(step)}"/></svg><span>${edge(step)} to ${edge(step + 1)}</span></li>`)}</ul>`;
}

function plateFigure(
  { plate, wells }: PlateMap["plates"][number],
  name: string,
  limits: readonly [number, number],
): Html {
  const [nRows, nColumns] = formatOf(wells);
  const letters = Math.max(5, Math.round(nColumns * 0.42)); // of one size on the page, whatever the plate
  const rim = rimWords(wells, nRows, nColumns);
  const known = wells.flatMap(({ value }) => (value === null ? [] : [value]));
  if (known.length === 0)
    return html`<figure class="panel"><figcaption><strong>${plate}</strong></figcaption>${absent("No well has a value.")}</figure>`;
  const summary = `${counted(known.length, "well")}, median ${formatNumber(median(known))}, from ${formatNumber(extent(known)[0])} to ${formatNumber(extent(known)[1])}${rim}`;
  return html`<figure class="panel"><figcaption><strong>${plate}</strong></figcaption><svg class="plot plate" role="img" aria-label="${name} on plate ${plate}: ${summary}." viewBox="${-2 * letters} ${-1.6 * letters} ${nColumns * 10 + 2.1 * letters} ${nRows * 10 + 1.7 * letters}">${axisNames(nRows, nColumns, letters)}<rect width="${nColumns * 10}" height="${nRows * 10}" fill="none" stroke="var(--line)"/>${cells(wells, limits)}</svg><p class="fit">${summary}.</p></figure>`;
}

/** One path a colour: a plate of 1,536 wells is a few kilobytes. */
function cells(wells: Wells, limits: readonly [number, number]): Html[] {
  const square = ({ row, column }: Wells[number]) => `M${column * 10 + 0.5} ${row * 10 + 0.5}h9v9h-9z`;
  const steps = Array.from({ length: N_STEPS }, () => "");
  let missing = "";
  for (const well of wells) {
    if (well.value === null) missing += square(well);
    else steps[stepOf(well.value, limits)] += square(well);
  }
  return [
    ...steps.flatMap((path, step) => (path === "" ? [] : [html`<path d="${path}" fill="${rampColour(step)}"/>`])),
    ...(missing === "" ? [] : [html`<path d="${missing}" fill="none" stroke="var(--other)"/>`]),
  ];
}

function axisNames(nRows: number, nColumns: number, letters: number): Html[] {
  const every = nColumns > 24 ? 8 : nColumns > 12 ? 4 : 2;
  const text = (x: number, y: number, anchor: string, name: string | number) =>
    html`<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${letters}" fill="var(--muted)">${name}</text>`;
  const shown = (n: number) => Array.from({ length: n }, (_, i) => i).filter((i) => i === 0 || (i + 1) % every === 0);
  return [
    ...shown(nColumns).map((i) => text(i * 10 + 5, -0.4 * letters, "middle", i + 1)),
    ...shown(nRows).map((i) => text(-0.4 * letters, i * 10 + 5 + 0.35 * letters, "end", rowName(i))),
  ];
}

/** `A` … `Z`, `AA` … as on the plate. */
export function rowName(row: number): string {
  const letter = (i: number) => String.fromCharCode(65 + i);
  return row < 26 ? letter(row) : `A${letter(row - 26)}`;
}

/** The smallest plate that is sold and holds the wells; a larger one than any is drawn as it is. */
function formatOf(wells: Wells): readonly [number, number] {
  const nRows = 1 + Math.max(...wells.map(({ row }) => row));
  const nColumns = 1 + Math.max(...wells.map(({ column }) => column));
  return FORMATS.find(([r, c]) => r >= nRows && c >= nColumns) ?? [nRows, nColumns];
}

/** Rim against inner wells, where both are there; the wells used rarely reach the plate's own rim. */
function rimWords(wells: Wells, nRows: number, nColumns: number): string {
  const isRim = ({ row, column }: Wells[number]) =>
    row === 0 || column === 0 || row === nRows - 1 || column === nColumns - 1;
  const of = (rim: boolean) =>
    wells.flatMap((well) => (well.value !== null && isRim(well) === rim ? [well.value] : []));
  const [rim, inner] = [of(true), of(false)];
  if (rim.length < 4 || inner.length < 4) return "";
  return `; outer wells ${formatNumber(median(rim))}, inner wells ${formatNumber(median(inner))}`;
}
