// Errors of image generation.
import { GanDlError } from "../../core/errors.ts";

export const badLayers = (layers: string, nLayers: number) =>
  new GanDlError("bad-layers", {
    what: `the generator has no layers '${layers}' to mix at.`,
    why: `it reads a style at ${nLayers} layers, 0 (coarsest) to ${nLayers - 1} (finest).`,
    fix: `name some of those, for example 0-3, or coarse (0-3), middle (4-7) or fine (8 and up) where it has them.`,
  });

export const pictureTooLarge = (widthPx: number, heightPx: number) =>
  new GanDlError("picture-too-large", {
    what: `the picture would be ${widthPx} × ${heightPx} px.`,
    why: "PNG readers and memory end long before that.",
    fix: "ask for fewer images at a time, or for a file each with --each.",
  });

export const imageNotFinite = (name: string) =>
  new GanDlError("image-not-finite", {
    what: `the image ${name} has pixels that are no numbers.`,
    why: "the generator of this checkpoint has diverged; its pictures would be black.",
    fix: "choose an earlier one with --checkpoint.",
  });
