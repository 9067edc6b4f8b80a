// Errors of the models room that weights from elsewhere can cause.
import { GanDlError } from "../core/errors.ts";

const few = (names: readonly string[]): string =>
  names.length <= 4 ? names.join(", ") : `${names.slice(0, 4).join(", ")} and ${names.length - 4} more`;

export const weightsLack = (file: string, network: string, names: readonly string[]) =>
  new GanDlError("weights-mismatch", {
    what: `${file} lacks ${names.length} tensors of ${network}: ${few(names)}.`,
    why: "a network of which part is random would give numbers that mean nothing.",
    fix: `save the state dict of torchvision's ${network} as safetensors, under its own names.`,
  });

export const weightsUnknown = (file: string, network: string, names: readonly string[]) =>
  new GanDlError("weights-mismatch", {
    what: `${file} holds ${names.length} tensors that ${network} does not have: ${few(names)}.`,
    why: "they are the weights of another network, or are stored under other names.",
    fix: `give the weights of ${network}, or choose the network that they belong to.`,
  });

export const weightsShape = (
  file: string,
  network: string,
  name: string,
  got: readonly number[],
  want: readonly number[],
) =>
  new GanDlError("weights-mismatch", {
    what: `${name} of ${file} has shape [${got.join(", ")}]; ${network} wants [${want.join(", ")}].`,
    why: "they are the weights of a network of another size.",
    fix: `give the weights of ${network}; only the stem and the classifier can be drawn anew.`,
  });

export const imageTooSmallForBackbone = (network: string, heightPx: number, widthPx: number, leastPx: number) =>
  new GanDlError("images-too-small", {
    what: `${network} cannot take images of ${heightPx} × ${widthPx} px.`,
    why: "it halves them five times, and nothing would be left.",
    fix: `give patches of ${leastPx} px or more.`,
  });
