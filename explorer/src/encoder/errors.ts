// What the page says about files that it cannot take.
import { GanDlError } from "../../../src/core/errors.ts";

export const unreadableFile = (file: string, why: string, cause?: unknown) =>
  new GanDlError("unreadable-image", {
    what: `${file} cannot be read.`,
    why,
    fix: "open it in an image program and save it as a PNG or a plain TIFF.",
    cause,
  });

export const unsupportedFile = (file: string, what: string) =>
  new GanDlError("unsupported-image", {
    what: `${file} is ${what}.`,
    why: "this page reads PNG and TIFF of 8 or 16 bits, grey or RGB, and JPEG; nothing is converted by guess.",
    fix: "save it as an 8- or 16-bit grey PNG or TIFF, one file a stain.",
  });

export const unequalSizes = (first: string, firstSize: string, other: string, otherSize: string) =>
  new GanDlError("image-mismatch", {
    what: `${other} is ${otherSize}, ${first} is ${firstSize}.`,
    why: "the stains of one image have one size.",
    fix: "drop the files of one image only.",
  });

export const imageTooSmall = (side: string, needs: number) =>
  new GanDlError("images-too-small", {
    what: `the image is ${side}; the encoder needs at least ${needs} × ${needs} px of it.`,
    why: "it sees squares of the size that it was trained on.",
    fix: "drop the whole field of view, at the pixel size of the screen.",
  });

export const wrongDepth = (got: string, needs: string) =>
  new GanDlError("image-mismatch", {
    what: `the image has ${got} grey levels; the screen was stored with ${needs}.`,
    why: "grey levels of another range would be taken for another brightness.",
    fix: "drop images as the microscope wrote them, of the screen's bit depth.",
  });

export const pageBroken = (file: string, why: string, cause?: unknown) =>
  new GanDlError("page-broken", {
    what: `the page's file ${file} cannot be used.`,
    why,
    fix: "open the page over http, from a folder that `gandl export page` wrote; write it again if this stays.",
    cause,
  });
