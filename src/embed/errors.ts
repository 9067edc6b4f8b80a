// Errors of the embedding room.
import { GanDlError } from "../core/errors.ts";

export const noSuchCheckpoint = (run: string, wanted: string, have: readonly string[]) =>
  new GanDlError("no-such-checkpoint", {
    what: `${run} has no checkpoint '${wanted}'.`,
    why: have.length === 0 ? "it holds no whole checkpoint." : `it holds those at ${have.join(", ")} kimg.`,
    fix: "choose latest, first or one of those kimg, or train the run first.",
  });

export const badOnnx = (file: string, why: string, cause?: unknown) =>
  new GanDlError("bad-onnx", {
    what: `${file} is not an encoder written by gan-dl.`,
    why,
    fix: "write it again with `gandl export`, or name the run folder instead.",
    cause,
  });

export const channelMismatch = (dataset: readonly string[], encoder: readonly string[], missing: readonly string[]) =>
  new GanDlError("channel-mismatch", {
    what: `the data set has no channel ${missing.map((name) => `'${name}'`).join(", ")}.`,
    why: `the encoder was trained on ${encoder.join(", ")}; the data set has ${dataset.join(", ")}.`,
    fix: "import the data set with the encoder's channel names, or train on this panel.",
  });

export const checkpointMismatch = (file: string) =>
  new GanDlError("checkpoint-mismatch", {
    what: `${file} is not the file that its header was written for.`,
    why: "the hashes differ: it was cut short, changed, or copied from another run.",
    fix: "restore it from a copy, or use another checkpoint of the run.",
  });

export const encoderFailed = (cause: Error) =>
  new GanDlError("encoder-failed", {
    what: `the encoder failed: ${cause.message.split("\n")[0]}`,
    why: "ONNX Runtime could not load or run it.",
    fix: "run `npx gandl doctor`; with little memory, use a smaller --batch.",
    cause,
  });
