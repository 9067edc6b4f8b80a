// Faults of what a user asks of an import: selections, settings, an import that is already running.
import { GanDlError } from "../core/errors.ts";

const listed = (items: readonly string[], limit = 40) =>
  items.slice(0, limit).join(", ") + (items.length > limit ? ` and ${items.length - limit} more` : "");

export const badWhere = (where: string, reason: string, columns: readonly string[], cause?: unknown) =>
  new GanDlError("bad-where", {
    what: `--where "${where}" cannot be applied: ${reason.replace(/\.$/, "")}.`,
    why: `it is an SQL condition over the metadata, whose columns are ${listed(columns)}.`,
    fix: `correct it, for example --where "plate = 1 and treatment = 'Remdesivir'"; names with spaces stand in double quotes.`,
    cause,
  });

export const nothingSelected = (where: string, nRows: number) =>
  new GanDlError("no-sites", {
    what: `--where "${where}" is true for none of the metadata's ${nRows.toLocaleString("en")} rows.`,
    why: "names match exactly: upper and lower case, hyphens and spaces count.",
    fix: "look at the values in the table, or leave --where out.",
  });

export const unknownFields = (names: readonly string[], known: readonly string[]) =>
  new GanDlError("unknown-field", {
    what: `no well has a field ${names.map((name) => `"${name}"`).join(", ")}.`,
    why: `the fields are ${listed(known)}.`,
    fix: "name fields as the metadata's site column does, as in `--sites 1 2`.",
  });

export const badCount = (option: string, value: number) =>
  new GanDlError("bad-count", {
    what: `${option} ${value} is not a count of one or more.`,
    why: "it says how many images to take.",
    fix: `give a whole number above zero, or leave ${option} out.`,
  });
