// Errors of the systems that learn from labels.
import { GanDlError } from "../../core/errors.ts";

export const trainingDiverged = (stage: string, epoch: number, learningRate: number) =>
  new GanDlError("training-diverged", {
    what: `the loss of ${stage} is not a finite number in epoch ${epoch}.`,
    why: `the training diverged at a learning rate of ${learningRate}.`,
    fix: "lower it with --set learningRate=…, and delete the checkpoint of that training.",
  });

export const labelsMissing = (id: string, what: string, found: readonly string[]) =>
  new GanDlError("labels-missing", {
    what: `${id} finds no image of ${what} to learn from.`,
    why: `the data set's images are ${found.join(", ") || "none"}.`,
    fix: "run it on a screen that has both kinds of control, or import the data with a role for them.",
  });

export const patchTooLarge = (heightPx: number, widthPx: number, patchPx: number) =>
  new GanDlError("images-too-small", {
    what: `images of ${heightPx} × ${widthPx} px hold no patch of ${patchPx} × ${patchPx} px.`,
    why: "patches are cut from the images, never enlarged.",
    fix: `choose a side of at most ${Math.min(heightPx, widthPx)} px with --set patchPx=….`,
  });

export const unknownPlates = (names: readonly string[], known: readonly string[]) =>
  new GanDlError("unknown-plate", {
    what: `there is no plate ${names.join(", ")} to hold out.`,
    why: `the data set has ${known.join(", ")}.`,
    fix: "write plate_id values, separated by commas.",
  });
