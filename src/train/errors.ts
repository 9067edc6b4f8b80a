// Errors of the training room.
import { GanDlError } from "../core/errors.ts";

export const badConfig = (source: string, why: string) =>
  new GanDlError("bad-config", {
    what: `${source} is not a training configuration.`,
    why,
    fix: "mend the keys above; `gandl train --help` shows an example.",
  });

export const badOverride = (text: string, why: string) =>
  new GanDlError("bad-override", {
    what: `--set ${text} cannot be applied.`,
    why,
    fix: "write --set part.key=value, for example --set schedule.batchSize=16.",
  });

export const runExists = (folder: string) =>
  new GanDlError("run-exists", {
    what: `${folder} already holds a run.`,
    why: "training into it would mix two runs.",
    fix: "add --resume to go on with it, or choose another --out.",
  });

export const noRun = (folder: string) =>
  new GanDlError("no-run", {
    what: `${folder} holds no run to resume.`,
    why: "it has no config.resolved.json.",
    fix: "leave --resume out to start a run there.",
  });

export const noCheckpoint = (folder: string, ignored: readonly string[]) =>
  new GanDlError("no-checkpoint", {
    what: `${folder} has no whole checkpoint.`,
    why:
      ignored.length === 0 ? "the run was stopped before it wrote one." : `these are not whole: ${ignored.join(", ")}.`,
    fix: "start the run again in another folder.",
  });

export const configChanged = (folder: string, keys: readonly string[]) =>
  new GanDlError("config-changed", {
    what: `${folder} was trained with another configuration: ${keys.join(", ")}.`,
    why: "a resumed run must equal an unbroken one.",
    fix: "leave those settings out to go on as before, or start a new run in another folder.",
  });

export const datasetChanged = (folder: string) =>
  new GanDlError("dataset-changed", {
    what: `${folder} was trained on another data set than the one there now.`,
    why: "the fingerprints differ, so a resumed run would not equal an unbroken one.",
    fix: "import the same data again, or start a new run in another folder.",
  });

export const runLocked = (folder: string, pid: number, host: string) =>
  new GanDlError("run-locked", {
    what: `process ${pid} on ${host} is training in ${folder}.`,
    why: "two processes would overwrite each other's checkpoints.",
    fix: "wait for it or stop it, or choose another --out; if it is long gone, delete run.lock in that folder.",
  });

export const cannotWrite = (file: string, cause: unknown) =>
  new GanDlError("cannot-write", {
    what: `${file} could not be written.`,
    why: `${cause instanceof Error ? cause.message : String(cause)}. Earlier checkpoints are whole.`,
    fix: "free some disk space or mend the permissions, then go on with --resume.",
    cause,
  });

export const diverged = (steps: number, tensor: string) =>
  new GanDlError("diverged", {
    what: `${steps} steps in a row had gradients that are not finite (last: ${tensor}).`,
    why: "the run has diverged; going on would only waste time. Its last checkpoint is whole.",
    fix: "lower optimiser.learningRate or raise loss.r1Gamma, and start again.",
  });

export const unknownLabelColumn = (column: string, known: readonly string[]) =>
  new GanDlError("unknown-label-column", {
    what: `the data set has no column '${column}' to take labels from.`,
    why: `its columns are ${known.join(", ")}.`,
    fix: "set model.labels to one of them, or to null for networks without labels.",
  });

export const oneClass = (column: string, name: string) =>
  new GanDlError("one-class", {
    what: `every site has the same ${column}: ${name}.`,
    why: "a label that never changes tells the networks nothing.",
    fix: "set model.labels to another column, or to null.",
  });

export const cannotStartFrom = (stem: string, why: string) =>
  new GanDlError("cannot-start-from", {
    what: `${stem} cannot be the start of this run.`,
    why,
    fix: "give networks of the same sizes (channelBase, channelMax, latentDim, styleDim, mappingLayers, resolutionPx), or leave initFrom out.",
  });

/** As many as a person reads; the doctor tells all. */
const firstOf = (texts: readonly string[]): string =>
  texts.slice(0, 2).join("; ") + (texts.length > 2 ? `; and ${texts.length - 2} more` : "");

export const kernelsWrong = (device: string, own: readonly string[], libtorch: readonly string[]) =>
  new GanDlError("kernels-wrong", {
    what: `this LibTorch gives wrong numbers on ${device}: ${firstOf(libtorch)}.`,
    why:
      own.length > 0
        ? `our own kernels are wrong there, too (${firstOf(own)}); whatever is trained on them means nothing.`
        : "our own kernels are off (cuda.kernels=false) or not built for this device, and whatever is trained on wrong operators means nothing.",
    fix: "use another LibTorch (LIBTORCH=DIR npm run setup), see that `gandl doctor` is content, and please report it with what it says.",
  });
