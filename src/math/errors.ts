// Every error of this room that a user may see.
import { GanDlError } from "../core/errors.ts";

export const notFinite = (what: string, row: number, column: number): GanDlError =>
  new GanDlError("not-finite", {
    what: `${what} has a value that is not a finite number at row ${row}, column ${column}.`,
    why: "one NaN or infinity would silently spread over the whole solution.",
    fix: "drop or fill that row or feature first; an embedding with NaN usually means a checkpoint that diverged.",
  });

export const oneClassOnly = (classes: readonly string[]): GanDlError =>
  new GanDlError("one-class-only", {
    what: `a classifier needs two classes; these rows hold ${classes.length === 0 ? "none" : classes.join(", ")} only.`,
    why: "there is nothing to separate.",
    fix: "widen the selection so that both classes have rows.",
  });

export const tooManyDimensions = (smaller: number, limit: number): GanDlError =>
  new GanDlError("too-many-dimensions", {
    what: `principal components of a table whose smaller side is ${smaller} are not computed.`,
    why: `the exact eigenproblem grows with its cube; the limit is ${limit}.`,
    fix: "take a random subset of rows, or a narrower tap of the encoder.",
  });

export const featureWidthsDiffer = (a: number, b: number): GanDlError =>
  new GanDlError("feature-widths-differ", {
    what: `one side has ${a} features a row, the other ${b}.`,
    why: "two sets of images can only be compared in the same features.",
    fix: "take both sides' features from the same extractor.",
  });

export const tooFewRows = (what: string, have: number, need: number): GanDlError =>
  new GanDlError("too-few-rows", {
    what: `${what} needs at least ${need} rows; there ${have === 1 ? "is" : "are"} ${have}.`,
    why: "it would be made of chance alone.",
    fix: "draw more images.",
  });
