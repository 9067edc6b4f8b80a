// JPEG 2000, in which RxRx3-core is released: read where this machine's libvips can, else refused by name.
import sharp from "sharp";
import { unsupportedImage } from "../errors.ts";
import { noJpeg2000 } from "../errors-formats.ts";
import type { DecodedImage, ImageFormat } from "./image-format.ts";
import { checkSize } from "./limits.ts";
import { sharpPlanes } from "./sharp-planes.ts";

const BOX = [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20]; // a file in its wrapper (ISO/IEC 15444-1, Annex I)
const CODESTREAM = [0xff, 0x4f, 0xff, 0x51];

export const jpeg2000Format: ImageFormat = {
  name: "JPEG 2000",
  recognises: (bytes) => [BOX, CODESTREAM].some((magic) => magic.every((value, i) => bytes[i] === value)),
  decode: decodeJpeg2000,
};

async function decodeJpeg2000(bytes: Uint8Array, file: string): Promise<DecodedImage> {
  if (!sharp.format.jp2.input.buffer) throw noJpeg2000(file);
  const { width, height, channels, depth } = await sharp(bytes).metadata();
  if (channels !== 1 || (depth !== "uchar" && depth !== "ushort"))
    throw unsupportedImage(file, `a JPEG 2000 of ${channels} channels of ${depth} values`);
  const bitDepth = depth === "uchar" ? 8 : 16;
  checkSize({ height, width, planes: 1, bytesPerSample: bitDepth / 8 }, file);
  return { ...(await sharpPlanes(bytes, { bitDepth, planes: 1 }, file)), channels: 1, bitDepth };
}
