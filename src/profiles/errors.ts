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

export const wellOnTwoPlates = (well: string, plates: readonly [string, string], nWells: number): GanDlError =>
  new GanDlError("well-on-two-plates", {
    what: `${nWells} values of well_id stand on more than one plate; the first is "${well}", on ${plates[0]} and ${plates[1]}.`,
    why: "well_id names a well among all plates: rows that share it are averaged, held out together and counted as one independent unit.",
    fix: "make it of plate and well, e.g. --columns well_id=plate_id+well_id.",
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

export const leakingTransform = (leaks: readonly string[]): GanDlError =>
  new GanDlError("leaking-transform", {
    what: `these profiles were transformed by what is about to be tested: ${leaks.join("; ")}.`,
    why: "a transform that has seen the tested rows flatters their score: it centres a class, or removes what only they show.",
    fix: "fit it on other rows (training plates, or controls kept out of the test), test rows that were not learned from (`learned_from=` in a selection), fit each plate on all its rows whatever their class, or hand the steps to the task, which fits them anew in every fold. `--allow-leak` runs it all the same and says so.",
  });

export const rankDeficient = (nRows: number, nFeatures: number): GanDlError =>
  new GanDlError("rank-deficient", {
    what: `${nRows} reference rows cannot whiten ${nFeatures} features.`,
    why: "their covariance has directions without any variance, which whitening would blow up without bound.",
    fix: 'set shrinkage to "ledoit-wolf", or reduce the features by principal components first.',
  });

export const wrongFeatures = (got: number, want: number): GanDlError =>
  new GanDlError("wrong-features", {
    what: `this transform was fitted on ${want} features; the table has ${got}, or others.`,
    why: "its numbers belong to those features in that order.",
    fix: "apply it to the table it was fitted for, after the same steps.",
  });

export const nothingSelected = (nFeatures: number): GanDlError =>
  new GanDlError("nothing-selected", {
    what: `none of the ${nFeatures} features passes the selection.`,
    why: "every one hardly varies, or repeats another.",
    fix: "loosen the thresholds, or select before normalising.",
  });

export const badStep = (text: string, why: string): GanDlError =>
  new GanDlError("bad-step", {
    what: `"${text}" is not a step of a profile pipeline.`,
    why,
    fix: "write e.g. standardise:by=plate_id, mad:by=plate_id, sphere:method=ZCA-cor,shrinkage=ledoit-wolf, tvn:by=plate_id, coral:by=plate_id, inverse-normal, select, harmony:by=plate_id.",
  });

export const badMap = (nRows: number, needed: number): GanDlError =>
  new GanDlError("bad-map", {
    what: `${nRows} rows are too few for this map.`,
    why: `it needs ${needed}.`,
    fix: "map images instead of wells, or draw a map of principal components.",
  });
