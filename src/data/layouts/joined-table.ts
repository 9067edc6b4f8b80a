// The rows of a layout, with what a user's own table knows of their wells beside them.
import { SourceRow } from "../datasets/define-dataset.ts";
import { badTable } from "../errors.ts";
import type { ImageSource } from "../image-source.ts";
import { type Metadata, readMetadata } from "../metadata.ts";
import type { Cell } from "../table-files.ts";
import { parseWellName } from "../well-name.ts";

/** One image that a layout found. */
export interface FoundImage {
  readonly plate: string;
  /** Empty where the image says none. */
  readonly well: string;
  readonly site: string;
  /** Path for `ImageSource.read`. */
  readonly image: string;
}

/** The columns that every layout's table has. */
export const OWN_COLUMNS = ["plate", "well", "site", "image"] as const;

/**
 * The table of `found`, one row an image; with `path`, joined with that table by well (`A1` and `A01` are one), and by
 * plate where it has such a column. Images without a row there keep empty cells.
 * @throws GanDlError as {@link readMetadata}, and `bad-table` when it has no well column or two rows of one well.
 */
export async function joinedTable(
  source: ImageSource,
  found: readonly FoundImage[],
  name: string,
  path: string | undefined,
): Promise<Metadata> {
  const columns = new Map<string, Cell[]>(OWN_COLUMNS.map((key) => [key, found.map((image) => image[key] || null)]));
  if (path === undefined) return { file: name, folder: "", table: { nRows: found.length, columns } };
  const told = await readMetadata(source, [], path);
  const rows = rowsByWell(told);
  const at = found.map(({ plate, well }) => rows.get(keyOf(plate, well)) ?? rows.get(keyOf(null, well)));
  for (const [column, cells] of told.table.columns) {
    if (columns.has(column.toLowerCase())) continue;
    columns.set(
      column,
      at.map((row) => (row === undefined ? null : (cells[row] ?? null))),
    );
  }
  return { file: told.file, folder: "", table: { nRows: found.length, columns } };
}

function keyOf(plate: string | null, well: string): string {
  const place = parseWellName(well);
  return JSON.stringify([plate, place === null ? well : [place.row, place.column]]);
}

function rowsByWell({ file, table }: Metadata): Map<string, number> {
  const column = (name: string) => [...table.columns.keys()].find((key) => key.toLowerCase() === name);
  const [well, plate] = [column("well"), column("plate")];
  if (well === undefined) throw badTable(file, "it has no column `well`, by which it would be joined to the images.");
  const rows = new Map<string, number>();
  for (let i = 0; i < table.nRows; i++) {
    const row = new SourceRow(file, table.columns, i);
    const key = keyOf(plate === undefined ? null : row.text(plate), row.text(well));
    const before = rows.get(key);
    if (before !== undefined)
      throw badTable(
        file,
        `rows ${before + 1} and ${i + 1} are both of well ${row.text(well)}; one row a well is joined.`,
      );
    rows.set(key, i);
  }
  return rows;
}
