// Every error of this room that a user may see.
import { GanDlError } from "../core/errors.ts";

export const unknownBaseline = (id: string, known: readonly string[]) =>
  new GanDlError("unknown-baseline", {
    what: `there is no system '${id}'.`,
    why: `there are ${known.join(", ")}.`,
    fix: "use one of those; `gandl baseline --list` tells what each does.",
  });

export const badBaselineParams = (id: string, faults: string, known: readonly string[]) =>
  new GanDlError("bad-baseline-params", {
    what: `these are no parameters of ${id}.`,
    why: faults,
    fix: `it has ${known.join(", ") || "none"}; \`gandl baseline --list\` tells what each does.`,
  });

export const cannotWrite = (file: string, cause: unknown) =>
  new GanDlError("cannot-write", {
    what: `${file} cannot be written.`,
    why: `the system says: ${(cause as Error).message}.`,
    fix: "check the folder, its rights and the space on its disk.",
    cause,
  });

export const featureNotFinite = (id: string, feature: string, site: string) =>
  new GanDlError("not-finite", {
    what: `${feature} of image ${site} is not a finite number.`,
    why: `${id} diverged, or its numbers overflow float32.`,
    fix: "lower its learning rate or train it for less long; look at the image if the system learns nothing.",
  });

export const imagesTooSmall = (heightPx: number, widthPx: number, distancePx: number) =>
  new GanDlError("images-too-small", {
    what: `images of ${heightPx} × ${widthPx} px hold no two pixels ${distancePx} px apart in every direction.`,
    why: "texture compares pixels at that distance.",
    fix: "choose shorter distances, e.g. --set distancesPx=[1,3].",
  });

export const workDiffers = (file: string, names: readonly string[]) =>
  new GanDlError("work-differs", {
    what: `${file} is of a training with other settings: ${names.join(", ")}.`,
    why: "a training that goes on must equal an unbroken one.",
    fix: "give the same settings to go on, or another --work (or delete the file) to start anew.",
  });

export const notATraining = (file: string) =>
  new GanDlError("not-a-training", {
    what: `${file} is not a training that can be gone on from.`,
    why: "a checkpoint tells its settings and where it stands; this file tells neither.",
    fix: "name another --work folder, or delete the file to start anew.",
  });

/** @param without what a user without the file may do. */
export const weightsUnreadable = (file: string, without: string, cause: unknown) =>
  new GanDlError("weights-unreadable", {
    what: `the weights ${file} cannot be read.`,
    why: cause instanceof GanDlError ? cause.say.why : `the system says: ${(cause as Error).message}.`,
    fix: `name a .safetensors file (docs/baselines.md tells how to write one from torchvision's .pth), or ${without}.`,
    cause,
  });
