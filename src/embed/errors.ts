// Every error of this room that a user may see.
import { GanDlError } from "../core/errors.ts";
import type { PanelChannel } from "./stain-names.ts";

export const noSuchCheckpoint = (run: string, wanted: string, have: readonly string[]) =>
  new GanDlError("no-such-checkpoint", {
    what: `${run} has no checkpoint '${wanted}'.`,
    why: have.length === 0 ? "it holds no whole checkpoint." : `it holds those at ${have.join(", ")} kimg.`,
    fix: "choose latest, first, best (of a run that scores its checkpoints) or one of those kimg, or train the run first.",
  });

export const badCheckpointHeader = (file: string, cause: unknown) =>
  new GanDlError("bad-file-content", {
    what: `${file} is not JSON.`,
    why: cause instanceof Error ? cause.message : String(cause),
    fix: "delete it with its .safetensors, or restore both.",
    cause,
  });

export const checkpointMismatch = (file: string) =>
  new GanDlError("checkpoint-mismatch", {
    what: `${file} is not the file that its header was written for.`,
    why: "the hashes differ: it was cut short, changed, or copied from another run.",
    fix: "restore it from a copy, or use another checkpoint of the run.",
  });

export const unreadableCheckpoint = (file: string, cause: unknown) =>
  new GanDlError("checkpoint-mismatch", {
    what: `${file} cannot be read.`,
    why: `its header is there, but the weights are not: ${(cause as Error).message}.`,
    fix: "restore it from a copy, or use another checkpoint of the run.",
    cause,
  });

export const weightsDoNotFit = (file: string, reason: string) =>
  new GanDlError("checkpoint-mismatch", {
    what: `${file} does not hold the discriminator that its header describes.`,
    why: reason,
    fix: "use the .json and .safetensors of one checkpoint, written by one version of gan-dl.",
  });

export const badOnnx = (file: string, why: string, cause?: unknown) =>
  new GanDlError("bad-onnx", {
    what: `${file} is not an encoder written by gan-dl.`,
    why,
    fix: "write it again with `gandl export`, or name the run folder instead.",
    cause,
  });

export const cannotWrite = (file: string, cause: unknown) =>
  new GanDlError("cannot-write", {
    what: `${file} cannot be written.`,
    why: `the system says: ${(cause as Error).message}.`,
    fix: "check the folder, its rights and the space on its disk; encoders go beside their checkpoint, so copy a read-only run first.",
    cause,
  });

const panelOf = (channels: readonly PanelChannel[]): string =>
  channels.map(({ name, stain }) => (stain === name ? name : `${name} (${stain})`)).join(", ");

export const channelMismatch = (
  dataset: readonly PanelChannel[],
  encoder: readonly PanelChannel[],
  missing: readonly PanelChannel[],
) =>
  new GanDlError("channel-mismatch", {
    what: `the data set has no channel ${missing.map(({ name }) => `'${name}'`).join(", ")}.`,
    why: `the encoder was trained on ${panelOf(encoder)}; the data set has ${panelOf(dataset)}. Channels match by name, or by the structure that is stained.`,
    fix: `say which it is with --channel-map '${missing[0]?.name}=${dataset[0]?.name}', fill stains that are not there with --missing zero or mean, or train on this panel.`,
  });

export const ambiguousChannel = (channel: string, candidates: readonly string[]) =>
  new GanDlError("ambiguous-channel", {
    what: `${channel} could be ${candidates.map((name) => `'${name}'`).join(" or ")}.`,
    why: "their names or stains mean the same structure.",
    fix: "say which it is with --channel-map 'ENCODER=DATASET'.",
  });

export const unknownMapChannel = (name: string, whose: "encoder" | "data set", panel: readonly PanelChannel[]) =>
  new GanDlError("channel-mismatch", {
    what: `the channel map names '${name}', which is no channel of the ${whose}, or not one alone.`,
    why: `the ${whose} has ${panelOf(panel)}.`,
    fix: "write the map as 'ENCODER=DATASET,…' with names or stains of those lists.",
  });

export const imagesSmallerThanTile = (heightPx: number, widthPx: number, tilePx: number) =>
  new GanDlError("images-too-small", {
    what: `images of ${heightPx} × ${widthPx} px hold no tile of ${tilePx} × ${tilePx} px.`,
    why: "the encoder sees squares of the size that it was trained on.",
    fix: `enlarge them with --resize ${Math.ceil((100 * tilePx) / Math.min(heightPx, widthPx)) / 100} or more if their cells are that much smaller, or train at a smaller resolution.`,
  });

export const strideWithoutGrid = (layout: string) =>
  new GanDlError("bad-tiles", {
    what: `a stride was given for tiles '${layout}'.`,
    why: "only a grid has one: centre takes one tile, and cover spreads the fewest evenly.",
    fix: "use --tiles grid, or leave --stride out.",
  });

export const badResize = (factor: unknown) =>
  new GanDlError("bad-resize", {
    what: `${factor} is no factor to resize by.`,
    why: "it is the number of new pixels per old along a side: 0.5 halves, 2 doubles.",
    fix: "use a number up to 16 that leaves a pixel of every image, or auto.",
  });

export const unknownPixelSize = (whose: readonly string[]) =>
  new GanDlError("unknown-pixel-size", {
    what: `the pixel size of ${whose.join(" and of ")} is not recorded, so that the resize factor cannot be computed.`,
    why: "auto divides the data set's pixel size by the one that the encoder was trained at.",
    fix: "give the factor as a number: --resize 0.5 halves the images.",
  });

export const wrongImageShape = (got: number, n: number, [channels, side]: readonly [number, number]) =>
  new GanDlError("wrong-image-shape", {
    what: `${got} values are not ${n} images for this encoder.`,
    why: `it takes float32 [n, ${channels}, ${side}, ${side}]: ${channels * side * side} values an image, ${n * channels * side * side} in all.`,
    fix: "give it the channels it was trained on, in that order, cut to its training size.",
  });

export const deviceNeedsLibtorch = (device: string) =>
  new GanDlError("device-needs-libtorch", {
    what: `ONNX Runtime does not embed on ${device}.`,
    why: "the one that comes with this package runs on the CPU alone.",
    fix: "add --runtime libtorch, or leave --device out.",
  });

export const encoderFailed = (runtime: "onnxruntime" | "libtorch", cause: Error) =>
  new GanDlError("encoder-failed", {
    what: `the encoder failed: ${cause.message.split("\n")[0]}`,
    why: `${runtime === "onnxruntime" ? "ONNX Runtime" : "LibTorch"} could not load or run it.`,
    fix: "run `npx gandl doctor`; with little memory, embed fewer images at a time.",
    cause,
  });

export const encoderClosed = () =>
  new GanDlError("encoder-closed", {
    what: "the encoder is closed.",
    why: "it was closed, or its worker ended after an error.",
    fix: "open it again.",
  });

export const featuresNotFinite = (site: string, tap: string, feature: number, kimg: number) =>
  new GanDlError("not-finite", {
    what: `feature_${feature} of ${tap} of image ${site} is not a finite number.`,
    why: `the checkpoint at ${kimg} kimg diverged, or its numbers overflow float32.`,
    fix: "use an earlier checkpoint (--checkpoint), and look at the run's losses.",
  });
