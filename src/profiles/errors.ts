// Every error of this room that a user may see.
import { GanDlError } from "../core/errors.ts";

export const raggedTable = (what: string, got: number, want: number): GanDlError =>
  new GanDlError("ragged-table", {
    what: `${what} has ${got} values; this profile table needs ${want}.`,
    why: "every metadata column needs one value a row, and the feature matrix one value a row and feature.",
    fix: "write the table again; a file cut short is the usual cause.",
  });

export const featureNotFinite = (feature: string, row: number, nBad: number): GanDlError =>
  new GanDlError("not-finite", {
    what: `${nBad} feature values are not finite numbers; the first is ${feature} in row ${row}.`,
    why: "one NaN would silently spread over every normalised value and classifier.",
    fix: "drop those rows or features. In an embedding it means that the checkpoint diverged or an image was empty.",
  });

export const noFeatureColumns = (columns: readonly string[]): GanDlError =>
  new GanDlError("no-features", {
    what: "the table has no feature columns.",
    why: `features are the numeric columns named feature_0, feature_1, …; this one has ${columns.join(", ") || "no columns"}.`,
    fix: "name the feature columns so, or say which columns are features.",
  });

export const unknownMetadata = (name: string, known: readonly string[]): GanDlError =>
  new GanDlError("unknown-column", {
    what: `there is no metadata column "${name}".`,
    why: `this table has ${known.join(", ") || "none"}.`,
    fix: "use one of those, or join the metadata of the data set to the embedding by site_id.",
  });

export const noReferenceRows = (group: string | null): GanDlError =>
  new GanDlError("no-reference-rows", {
    what:
      group === null
        ? "no reference rows to standardise on."
        : `"${group}" has fewer than two reference rows to standardise on.`,
    why: "a mean and a standard deviation need at least two rows.",
    fix: "widen the reference (for example all wells of the plate), or leave that plate out.",
  });

export const unfittedGroup = (by: string, group: string): GanDlError =>
  new GanDlError("unfitted-group", {
    what: `rows of ${by} "${group}" cannot be standardised.`,
    why: "that group was not among the rows that the standardisation was fitted on.",
    fix: "fit it on reference rows of every group it will be applied to.",
  });
