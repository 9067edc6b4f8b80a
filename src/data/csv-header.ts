// The header of a CSV file, read by ourselves: DuckDB would rename columns that differ only by case, and guess the dialect.
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { isGanDlError } from "../core/errors.ts";
import { badTable, firstLine } from "./errors.ts";

/** A header longer than this is not a header. */
const MAX_HEADER_BYTES = 4 * 1024 * 1024;

/** How a CSV file is written. */
export interface CsvHeader {
  /** Column names exactly as in the file, a byte-order mark removed. */
  readonly names: readonly string[];
  readonly delimiter: "," | ";" | "\t";
}

/**
 * Reads the first record of the CSV file `path` (`.gz` is unpacked on the way).
 * @param name what errors call the file.
 * @throws GanDlError `bad-table` when it is empty, has no end, or names a column twice or not at all.
 */
export async function readCsvHeader(path: string, name: string): Promise<CsvHeader> {
  const text = (await firstRecord(path, name)).replace(/^\uFEFF/, "");
  if (text.trim() === "") throw badTable(name, "it is empty.");
  const counts = ([",", "\t", ";"] as const).map((delimiter) => ({ delimiter, fields: splitRecord(text, delimiter) }));
  const best = counts.reduce((a, b) => (b.fields.length > a.fields.length ? b : a));
  const seen = new Map<string, number>();
  for (const [i, field] of best.fields.entries()) {
    if (field === "") throw badTable(name, `column ${i + 1} of its header has no name.`);
    const before = seen.get(field);
    if (before !== undefined) throw badTable(name, `columns ${before + 1} and ${i + 1} are both named "${field}".`);
    seen.set(field, i);
  }
  return { names: best.fields, delimiter: best.delimiter };
}

/** The text up to the first line end outside quotes. */
async function firstRecord(path: string, name: string): Promise<string> {
  const file = createReadStream(path);
  const stream = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  file.on("error", (error) => stream.destroy(error)); // pipe() does not pass errors on
  let bytes = Buffer.alloc(0);
  try {
    for await (const part of stream) {
      bytes = Buffer.concat([bytes, part as Buffer]);
      const text = bytes.toString("utf8");
      const end = recordEnd(text);
      if (end >= 0) return text.slice(0, end);
      if (bytes.length > MAX_HEADER_BYTES) throw badTable(name, "its first row has no end.");
    }
  } catch (error) {
    if (isGanDlError(error)) throw error;
    throw badTable(name, `${firstLine(error)}.`, error);
  } finally {
    stream.destroy();
    file.destroy();
  }
  return bytes.toString("utf8");
}

function recordEnd(text: string): number {
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"') quoted = !quoted;
    else if (!quoted && (c === "\n" || c === "\r")) return i;
  }
  return -1;
}

/** The fields of one CSV record, quotes undone. */
function splitRecord(record: string, delimiter: string): string[] {
  const fields: string[] = [];
  let field = "";
  let quoted = false;
  for (let i = 0; i < record.length; i++) {
    const c = record[i]!;
    if (c === '"') {
      if (quoted && record[i + 1] === '"') field += record[++i];
      else quoted = !quoted;
    } else if (c === delimiter && !quoted) {
      fields.push(field);
      field = "";
    } else field += c;
  }
  fields.push(field);
  return fields;
}
