// Numbers in the margins of a picture, drawn from a small table of dots: fonts differ between machines, and some have none.
import type { RgbPicture } from "./table-picture.ts";

/** Five dots wide, seven high; a row a number, the leftmost dot its highest bit. */
const GLYPHS: Readonly<Record<string, readonly number[]>> = {
  "0": [14, 17, 17, 17, 17, 17, 14],
  "1": [4, 12, 4, 4, 4, 4, 14],
  "2": [14, 17, 1, 2, 4, 8, 31],
  "3": [14, 17, 1, 6, 1, 17, 14],
  "4": [2, 6, 10, 18, 31, 2, 2],
  "5": [31, 16, 30, 1, 1, 17, 14],
  "6": [6, 8, 16, 30, 17, 17, 14],
  "7": [31, 1, 2, 4, 4, 4, 4],
  "8": [14, 17, 17, 14, 17, 17, 14],
  "9": [14, 17, 17, 15, 1, 2, 12],
  ".": [0, 0, 0, 0, 0, 12, 12],
  "-": [0, 0, 0, 14, 0, 0, 0],
};
const [GLYPH_COLUMNS, GLYPH_ROWS] = [5, 7];
const ADVANCE = GLYPH_COLUMNS + 1;
const DOT_PX = 2;
const MARGIN_PX = 4;
const GREY = 190;

/** Width of a text whose dots are `dotPx` wide. */
const textWidth = (text: string, dotPx: number): number => Math.max(0, text.length * ADVANCE - 1) * dotPx;

/** Numbers beside a picture, and where: `at` in pixels of the picture, `roomPx` up to the next one. */
export interface Margins {
  readonly rows: readonly { readonly text: string; readonly at: number; readonly roomPx: number }[];
  readonly columns: readonly { readonly text: string; readonly at: number; readonly roomPx: number }[];
}

function drawText({ data, widthPx }: RgbPicture, text: string, x: number, y: number, dotPx: number): void {
  for (const [i, character] of [...text].entries()) {
    const glyph = GLYPHS[character] ?? [];
    for (let dy = 0; dy < GLYPH_ROWS * dotPx; dy++) {
      for (let dx = 0; dx < GLYPH_COLUMNS * dotPx; dx++) {
        const isSet = ((glyph[Math.floor(dy / dotPx)] ?? 0) >> (GLYPH_COLUMNS - 1 - Math.floor(dx / dotPx))) & 1;
        const at = ((y + dy) * widthPx + x + i * ADVANCE * dotPx + dx) * 3;
        if (isSet) data.fill(GREY, at, at + 3);
      }
    }
  }
}

/** The picture, every pixel repeated `factor` times in both directions, with margins where there are numbers. */
export function withMargins(picture: RgbPicture, factor: number, { rows, columns }: Margins): RgbPicture {
  const left = Math.max(0, ...rows.map(({ text }) => textWidth(text, DOT_PX)));
  const x0 = left === 0 ? 0 : left + 2 * MARGIN_PX;
  const y0 = columns.every(({ text }) => text === "") ? 0 : GLYPH_ROWS * DOT_PX + 2 * MARGIN_PX;
  const widthPx = x0 + picture.widthPx * factor;
  const heightPx = y0 + picture.heightPx * factor;
  const whole: RgbPicture = { data: new Uint8Array(widthPx * heightPx * 3), widthPx, heightPx };
  for (let y = 0; y < picture.heightPx * factor; y++) {
    const line = Math.floor(y / factor) * picture.widthPx;
    for (let x = 0; x < picture.widthPx * factor; x++) {
      const from = (line + Math.floor(x / factor)) * 3;
      const to = ((y0 + y) * widthPx + x0 + x) * 3;
      for (let j = 0; j < 3; j++) whole.data[to + j] = picture.data[from + j]!;
    }
  }
  for (const { text, at } of rows) drawText(whole, text, MARGIN_PX, y0 + at * factor + MARGIN_PX, DOT_PX);
  for (const { text, at, roomPx } of columns) {
    const dotPx = textWidth(text, DOT_PX) <= roomPx * factor ? DOT_PX : 1;
    if (textWidth(text, dotPx) <= roomPx * factor) drawText(whole, text, x0 + at * factor, MARGIN_PX, dotPx);
  }
  return whole;
}
