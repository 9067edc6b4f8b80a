// Errors of what `gandl generate` is asked for.
import { GanDlError } from "../../core/index.ts";

export const badList = (option: string, text: string, why: string, example: string) =>
  new GanDlError("bad-list", {
    what: `${option} ${text} cannot be read.`,
    why,
    fix: `write it like ${option} ${example}.`,
  });

export const badRange = (text: string, why: string) =>
  new GanDlError("bad-range", {
    what: `--range ${text} cannot be read.`,
    why,
    fix: "write auto, full, percentiles of generated images like p0.5-p99.5, or grey levels like 200-4000.",
  });

export const clashingOptions = (options: readonly string[], why: string) =>
  new GanDlError("clashing-options", {
    what: `${options.join(" and ")} do not go together.`,
    why,
    fix: `leave ${options.length > 2 ? "all but one of them" : "one of them"} out.`,
  });

export const unknownPanel = (name: string, channels: readonly string[]) =>
  new GanDlError("unknown-panel", {
    what: `--show ${name}: the run has no such stain.`,
    why: `its stains are ${channels.join(", ")}.`,
    fix: "choose composite, stains, all, or names of stains with commas between them.",
  });

export const folderNotEmpty = (folder: string) =>
  new GanDlError("folder-not-empty", {
    what: `${folder} holds files already.`,
    why: "images of two runs would lie between each other.",
    fix: "choose another --out, or add --overwrite to write over files of the same names.",
  });

export const channelsDiffer = (folder: string, have: readonly string[], want: readonly string[]) =>
  new GanDlError("channels-differ", {
    what: `${folder} has other channels than the run: ${have.join(", ")}.`,
    why: `its grey levels are to set the display of ${want.join(", ")}.`,
    fix: "name the data set that the run was trained on, or leave --data out.",
  });

export const cannotWritePicture = (file: string, cause: unknown) =>
  new GanDlError("cannot-write-picture", {
    what: `${file} could not be written.`,
    why: `${cause instanceof Error ? cause.message : String(cause)}. Pictures written before it are whole.`,
    fix: "free some disk space or mend the permissions, or choose another --out.",
    cause,
  });

export const unknownClass = (
  name: string,
  labels: { readonly column: string; readonly classes: readonly string[] } | null,
) =>
  new GanDlError("unknown-class", {
    what: `this run has no class '${name}'.`,
    why: labels
      ? `its networks were told the ${labels.column}: ${labels.classes.join(", ")}.`
      : "its networks were trained without labels.",
    fix: labels ? "give one of those to --class." : "leave --class out, or train with --set model.labels=<column>.",
  });

export const noSuchCondition = (name: string, conditions: readonly string[], fewest: number) =>
  new GanDlError("no-such-condition", {
    what: `the data set has no ${fewest} images of the condition '${name}'.`,
    why: `a direction is found on images of both ends; enough are there of ${conditions.length > 0 ? conditions.join(", ") : "no condition"}.`,
    fix: "choose two of those.",
  });

export const noTrainingData = (run: string) =>
  new GanDlError("no-training-data", {
    what: `the data set that ${run} was trained on is not among the folders served.`,
    why: "where a condition lies is found on real images of it.",
    fix: "serve the data set's folder too: gandl serve RUN DATASET.",
  });
