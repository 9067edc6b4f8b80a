// Generated images as PNG bytes: a table with numbers in its margins, a composite, or one stain's grey levels as they would be stored.
import sharp from "sharp";
import { withMargins } from "./margin-numbers.ts";
import type { RecipeTable } from "./recipe.ts";
import type { RgbPicture } from "./table-picture.ts";
import { enlargementOf, type TablePicture } from "./table-picture.ts";

const encodeRgb = ({ data, widthPx, heightPx }: RgbPicture): Promise<Buffer> =>
  sharp(data, { raw: { width: widthPx, height: heightPx, channels: 3 } })
    .png()
    .toBuffer();

/** A table as PNG bytes, small tiles enlarged by a whole factor, with the numbers of its rows and columns beside it. */
export function encodeTable(
  table: TablePicture,
  { rowNames, columnNames }: Omit<RecipeTable, "rows">,
): Promise<Buffer> {
  const { widthPx } = table.layout;
  const rows = rowNames.map((text, row) => {
    const { y, heightPx } = table.tileAt(row, 0);
    return { text, at: y, roomPx: heightPx };
  });
  const columns = columnNames.map((text, column) => ({ text, at: table.tileAt(0, column).x, roomPx: widthPx }));
  return encodeRgb(withMargins(table.picture, enlargementOf(widthPx), { rows, columns }));
}

/** A picture as PNG bytes, pixel for pixel. */
export const encodeComposite = (picture: RgbPicture): Promise<Buffer> => encodeRgb(picture);

/** One stain's grey levels `[h,w]` as an 8- or 16-bit greyscale PNG, without loss. */
export function encodeGrey(levels: Uint8Array | Uint16Array, heightPx: number, widthPx: number): Promise<Buffer> {
  const space = levels instanceof Uint8Array ? "b-w" : "grey16";
  return sharp(levels, { raw: { width: widthPx, height: heightPx, channels: 1 } })
    .toColourspace(space)
    .png()
    .toBuffer();
}
