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

export const badFlatField = (file: string, reason: string) =>
  new GanDlError("bad-flat-field", {
    what: `${file} cannot be used as a flat field: ${reason}.`,
    why: "a flat field is a .npy file of floats [height, width] above zero, in the proportions of the images, which are divided by it.",
    fix: "export it again (CellProfiler: SaveImages, npy), or let the import estimate it with `--illumination estimate`.",
  });

export const noFlatField = (folder: string, wanted: readonly string[], cause?: unknown) =>
  new GanDlError("no-flat-field", {
    what:
      cause === undefined ? `${folder} holds none of ${wanted.join(", ")}.` : `the folder ${folder} cannot be read.`,
    why: "every channel of every plate needs its flat field.",
    fix: "add the file under one of these names, or let the import estimate them with `--illumination estimate`.",
    cause,
  });

export const badLevels = (what: string) =>
  new GanDlError("bad-levels", {
    what,
    why: "grey levels are mapped from a lower to a higher end onto 0…255.",
    fix: "write --levels 0..4095 for all channels, or --levels DNA=0..4095 actin=100..2000; --percentiles 0.5..99.5.",
  });

export const importRunning = (folder: string, pid: number, host: string) =>
  new GanDlError("import-running", {
    what: `the same import is already running (process ${pid} on ${host}).`,
    why: `it writes into ${folder}; two at a time would spoil each other.`,
    fix: "wait for it; if that process is another program or long gone, delete this folder's file `lock`.",
  });
