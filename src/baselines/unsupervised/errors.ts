// Errors of the systems that learn from images alone.
import { GanDlError } from "../../core/errors.ts";

export const workDiffers = (file: string, names: readonly string[]) =>
  new GanDlError("work-differs", {
    what: `${file} is of a training with other settings: ${names.join(", ")}.`,
    why: "a training that goes on must equal an unbroken one.",
    fix: "give the same settings to go on, or another --work (or delete the file) to start anew.",
  });

export const trainingDiverged = (file: string, kimg: number, learningRate: number) =>
  new GanDlError("training-diverged", {
    what: `the loss is not a finite number at ${kimg.toFixed(1)} kimg.`,
    why: `the training diverged at a learning rate of ${learningRate}.`,
    fix: `lower it with --set learningRate=…, and delete ${file} if it is there.`,
  });

export const imagesBelow16 = (heightPx: number, widthPx: number) =>
  new GanDlError("images-too-small", {
    what: `images of ${heightPx} × ${widthPx} px are too small for the network.`,
    why: "its smallest size is 16 px: each block halves the image, down to 4.",
    fix: "import larger images, or leave this system out.",
  });

export const perceptualUnreadable = (file: string, cause: unknown) =>
  new GanDlError("weights-unreadable", {
    what: `the weights ${file} cannot be read.`,
    why: `the system says: ${(cause as Error).message}.`,
    fix: "name ResNet-50's weights as a .safetensors file, or leave perceptualWeights out to compare pixels.",
    cause,
  });

export const perceptualTensor = (file: string, name: string, got: readonly number[] | null, want: readonly number[]) =>
  new GanDlError("weights-mismatch", {
    what: got
      ? `'${name}' of ${file} has shape [${got.join(", ")}], not [${want.join(", ")}].`
      : `${file} has no tensor '${name}'.`,
    why: "the perceptual loss runs the first stages of ResNet-50, whose tensors are called as torchvision calls them.",
    fix: "export torchvision's resnet50 to safetensors, or leave perceptualWeights out to compare pixels.",
  });
