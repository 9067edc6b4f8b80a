// Faults of stacks, plates and tables in formats that carry their own description.
import { GanDlError } from "../core/errors.ts";

export const badStack = (file: string, reason: string, cause?: unknown) =>
  new GanDlError("bad-stack", {
    what: `${file} cannot be taken apart: ${reason}.`,
    why: "its planes are found by what it says of itself: one image of one time point, each channel and z plane once, in this file.",
    fix: "export it as one file an image (bioformats2raw, bfconvert), or leave its site out with --skip-bad.",
    cause,
  });

export const zNotChosen = (file: string, sizeZ: number) =>
  new GanDlError("z-not-chosen", {
    what: `${file} is a stack of ${sizeZ} planes in z.`,
    why: "an image has one plane a channel, and which stands for the stack is a decision about the data.",
    fix: `choose z: "max" for the maximum over all planes, or the number of one, from 1 to ${sizeZ}.`,
  });

export const badZ = (file: string, z: string | number, sizeZ: number) =>
  new GanDlError("bad-z", {
    what: `${file} has no plane ${z}: it has ${sizeZ} in z.`,
    why: "planes are counted from 1, up to 10,000.",
    fix: `choose z from 1 to ${sizeZ}, or "max".`,
  });

export const noJpeg2000 = (file: string) =>
  new GanDlError("unsupported-image", {
    what: `${file} is a JPEG 2000, which this installation cannot decode.`,
    why: "the image library that comes with it (libvips, through sharp) is built without OpenJPEG.",
    fix: "convert the images to PNG without loss (`opj_decompress -i a.jp2 -o a.png`), under the same names, or build sharp against a libvips that has OpenJPEG.",
  });

export const badPlate = (file: string, reason: string, cause?: unknown) =>
  new GanDlError("bad-plate", {
    what: `${file} is no OME-Zarr that can be read: ${reason}.`,
    why: "versions 0.4 and 0.5 are read: plates, or single images, of uint8 or uint16 with axes among t, c, z, y, x.",
    fix: "check the store (`ome_zarr info`), or write it again with bioformats2raw.",
    cause,
  });

export const badLevel = (file: string, level: number, nLevels: number) =>
  new GanDlError("bad-level", {
    what: `${file} has no level ${level}: it has ${nLevels}.`,
    why: "level 0 is the image at its full size, each next one is smaller.",
    fix: `choose a whole number from 0 to ${nLevels - 1}.`,
  });

export const notThisLayout = (source: string, layout: string) =>
  new GanDlError("unknown-dataset", {
    what: `${source} is not laid out as ${layout}.`,
    why: "nothing that belongs to that layout was found at its top, or one folder below.",
    fix: "check --dataset and the path; without --dataset the layout is recognised.",
  });

export const mixedChannels = (file: string, got: readonly string[], want: readonly string[], reference: string) =>
  new GanDlError("image-mismatch", {
    what: `${file} has the channels ${got.join(", ")}; the data set has ${want.join(", ")}.`,
    why: `all images of a data set share their channels, which were taken from ${reference}.`,
    fix: "import images of one panel at a time.",
  });

export const badLoadData = (file: string, reason: string) =>
  new GanDlError("bad-load-data", {
    what: `${file} cannot be used as load-data: ${reason}.`,
    why: "each stain needs a column FileName_… (beside PathName_…) or URL_…, and each row Metadata_Well.",
    fix: "export it again from CellProfiler's LoadData, or describe the table with --images and --channels.",
  });
