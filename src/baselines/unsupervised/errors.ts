// Errors of the systems that learn from images alone.
import { GanDlError } from "../../core/errors.ts";

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

export const perceptualTensor = (file: string, name: string, got: readonly number[] | null, want: readonly number[]) =>
  new GanDlError("weights-mismatch", {
    what: got
      ? `'${name}' of ${file} has shape [${got.join(", ")}], not [${want.join(", ")}].`
      : `${file} has no tensor '${name}'.`,
    why: "the perceptual loss runs the first stages of ResNet-50, whose tensors are called as torchvision calls them.",
    fix: "export torchvision's resnet50 to safetensors, or leave perceptualWeights out to compare pixels.",
  });
