// Errors of the systems that learn from labels.
import { GanDlError } from "../../core/errors.ts";

export const workDiffers = (file: string, names: readonly string[]) =>
  new GanDlError("work-differs", {
    what: `${file} is of a training with other settings: ${names.join(", ")}.`,
    why: "a training that goes on must equal an unbroken one.",
    fix: "give the same settings to go on, or another --work (or delete the file) to start anew.",
  });

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

export const unknownPlates = (names: readonly string[], known: readonly string[]) =>
  new GanDlError("unknown-plate", {
    what: `there is no plate ${names.join(", ")} to hold out.`,
    why: `the data set has ${known.join(", ")}.`,
    fix: "write plate_id values, separated by commas.",
  });

export const weightsUnreadable = (file: string, cause: unknown) =>
  new GanDlError("weights-unreadable", {
    what: `the weights ${file} cannot be read.`,
    why: `the system says: ${(cause as Error).message}.`,
    fix: "name a .safetensors file, or set weights=null to train from scratch.",
    cause,
  });
