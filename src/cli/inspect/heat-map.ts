// Plates as pictures: one square a well, coloured by a number. Edge effects, gradients and bad wells are seen at once.
import sharp from "sharp";
import { extent } from "../../core/index.ts";
import { escapeHtml, rowName } from "../../report/index.ts";
import type { PlateValues } from "./plate-statistics.ts";

const WELL_PX = 16;
const MARGIN_PX = 36;
const PLATES_ACROSS = 3;
/** Viridis at five places (Smith & van der Walt 2015), read off its definition; light reads as high, also in grey. */
const COLOURS = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
] as const;

/** A colour for `share` between 0 and 1. */
export function heatColour(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (COLOURS.length - 1);
  const low = Math.min(COLOURS.length - 2, Math.floor(at));
  const mixed = COLOURS[low]!.map((v, k) => Math.round(v + (COLOURS[low + 1]![k]! - v) * (at - low)));
  return `rgb(${mixed.join(",")})`;
}

/** All plates on one scale as an SVG drawing; wells without images stay empty. */
export function heatMapSvg(plates: readonly PlateValues[], statistic: string): string {
  const all = plates.flatMap(({ values }) => [...values].filter(Number.isFinite));
  const [low, high] = extent(all);
  const [{ nRows, nColumns }] = plates as [PlateValues];
  const width = nColumns * WELL_PX + 2 * MARGIN_PX;
  const height = nRows * WELL_PX + 2 * MARGIN_PX;
  const across = Math.min(PLATES_ACROSS, plates.length);
  const total = { width: Math.max(across * width, 420), height: Math.ceil(plates.length / across) * height + 70 };
  const drawn = plates.map((plate, i) => {
    const at = `translate(${(i % across) * width + MARGIN_PX},${Math.floor(i / across) * height + MARGIN_PX + 20})`;
    return `<g transform="${at}">${plateSvg(plate, (v) => heatColour(high > low ? (v - low) / (high - low) : 0.5))}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${total.width}" height="${total.height}" font-family="sans-serif">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${MARGIN_PX}" y="24" font-size="16">${escapeHtml(statistic)}, mean of each well</text>
${drawn.join("\n")}
${legendSvg(low, high, total.height - 34)}
</svg>`;
}

/** The drawing as PNG bytes. */
export const heatMapPng = (plates: readonly PlateValues[], statistic: string): Promise<Buffer> =>
  sharp(Buffer.from(heatMapSvg(plates, statistic)), { density: 144 })
    .png()
    .toBuffer();

function plateSvg({ plateId, nRows, nColumns, values }: PlateValues, colour: (value: number) => string): string {
  const wells = [...values].map((value, at) => {
    const [row, column] = [Math.floor(at / nColumns), at % nColumns];
    const look = Number.isFinite(value) ? `fill="${colour(value)}"` : 'fill="#fff" stroke="#ddd"';
    return `<rect x="${column * WELL_PX}" y="${row * WELL_PX}" width="${WELL_PX - 1}" height="${WELL_PX - 1}" ${look}/>`;
  });
  const every = nRows > 16 ? 4 : nRows > 8 ? 2 : 1;
  const rowNames = Array.from({ length: nRows }, (_, row) =>
    row % every === 0
      ? `<text x="-6" y="${row * WELL_PX + 12}" font-size="11" text-anchor="end" fill="#555">${rowName(row)}</text>`
      : "",
  );
  const columnNames = Array.from({ length: nColumns }, (_, column) =>
    column % (2 * every) === 0
      ? `<text x="${column * WELL_PX + 8}" y="-4" font-size="11" text-anchor="middle" fill="#555">${column + 1}</text>`
      : "",
  );
  const title = `<text x="0" y="${nRows * WELL_PX + 16}" font-size="13">${escapeHtml(plateId)}</text>`;
  return [...wells, ...rowNames, ...columnNames, title].join("");
}

function legendSvg(low: number, high: number, y: number): string {
  const steps = Array.from(
    { length: 60 },
    (_, i) => `<rect x="${MARGIN_PX + i * 4}" y="${y}" width="4" height="12" fill="${heatColour(i / 59)}"/>`,
  );
  const text = (x: number, anchor: string, value: number) =>
    `<text x="${x}" y="${y + 27}" font-size="12" text-anchor="${anchor}">${Number(value.toPrecision(4))}</text>`;
  return `${steps.join("")}${text(MARGIN_PX, "start", low)}${text(MARGIN_PX + 240, "end", high)}`;
}
