// What can be wrong with a table of embeddings that others have published.
import { GanDlError } from "../core/errors.ts";

const listed = (columns: readonly string[]): string =>
  columns.length <= 12 ? columns.join(", ") : `${columns.slice(0, 12).join(", ")} and ${columns.length - 12} more`;

export const noKey = (file: string, key: string, columns: readonly string[]) =>
  new GanDlError("no-join", {
    what: `${file} has no column ${key}.`,
    why: `its rows cannot be told to sites without it; it has ${listed(columns)}.`,
    fix: "choose the layout that the table has with --set format=…, or rename the column.",
  });

export const noFeatures = (file: string, columns: readonly string[]) =>
  new GanDlError("no-features", {
    what: `${file} has no feature columns.`,
    why: `they are called feature_0, feature_1, … in this layout; it has ${listed(columns)}.`,
    fix: "choose the layout that the table has with --set format=…, or rename the columns.",
  });

export const featureWidth = (file: string, got: number, want: number, format: string) =>
  new GanDlError("wrong-width", {
    what: `${file} has ${got} feature columns; ${format} has ${want}.`,
    why: "it is another table, or was cut short.",
    fix: "get the whole table, or read it as --set format=table if it is of another kind.",
  });

export const duplicateRow = (file: string, key: string, name: string, first: number, second: number) =>
  new GanDlError("duplicate-row", {
    what: `${file} has ${key} ${name} twice, in rows ${first + 1} and ${second + 1}.`,
    why: "which of them is the image's cannot be told.",
    fix: "keep one of them.",
  });

export const noCommonRows = (file: string, key: string, theirs: string, ours: string) =>
  new GanDlError("no-join", {
    what: `${file} and the data set have no ${key} in common.`,
    why: `the table's first is '${theirs}', the data set's '${ours}'; they are compared as they are written.`,
    fix: "use the embedding of this data set, and import the data set by its own metadata, so that ids are kept.",
  });
