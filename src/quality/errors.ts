// Errors of the quality room.
import { GanDlError } from "../core/errors.ts";

export const badFeatureNetwork = (file: string, why: string, cause?: unknown) =>
  new GanDlError("bad-feature-network", {
    what: `${file} cannot serve as a feature network.`,
    why,
    fix: "give a network that takes float32 images [n,3,h,w] and gives one row of features an image; see --input-size and --stains.",
    cause,
  });

export const otherExtractor = (reference: string, given: string) =>
  new GanDlError("other-extractor", {
    what: `the real images were described by ${reference}, the generated ones would be by ${given}.`,
    why: "distances between features of different networks mean nothing.",
    fix: "score with the extractor that the reference was made with.",
  });

export const imagesDoNotFit = (what: string, given: readonly number[], wanted: readonly number[]) =>
  new GanDlError("images-do-not-fit", {
    what: `${what} are ${given.join("×")} (channels×height×width); ${wanted.join("×")} are needed.`,
    why: "real and generated images must be of one form to be compared.",
    fix: "use the data set, the run and the extractor that belong together.",
  });

export const missingChannels = (missing: readonly string[], have: readonly string[]) =>
  new GanDlError("missing-channels", {
    what: `the data set has no channel ${missing.map((name) => `'${name}'`).join(", ")}.`,
    why: `the generator draws it; the data set has ${have.join(", ")}.`,
    fix: "name the data set that the run was trained on, or one of the same stains.",
  });

export const tooFewImages = (have: number, need: number) =>
  new GanDlError("too-few-images", {
    what: `${have} real images are too few; ${need} are needed.`,
    why: "each half must be large enough to be compared with the other.",
    fix: "import more images, leave fewer plates out, or ask for more with -n.",
  });

export const unknownFeatures = (given: string) =>
  new GanDlError("unknown-features", {
    what: `'${given}' names no features.`,
    why: "they are random-conv, onnx:FILE or torchscript:FILE.",
    fix: "write e.g. --features random-conv or --features torchscript:inception.pt.",
  });
