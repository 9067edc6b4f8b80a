// PNG: gray, RGB and RGBA of 8 and 16 bits. Header: PNG specification (W3C, third edition), §11.2.1.

import { unreadableImage, unsupportedImage } from "../errors.ts";
import { grayPng, isPlainGrayPng } from "./gray-png.ts";
import type { DecodedImage, ImageFormat } from "./image-format.ts";
import { checkDensity, checkSize, DEFLATE_RATIO } from "./limits.ts";
import { sharpPlanes } from "./sharp-planes.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47] as const;
const SAMPLES: Record<number, number> = { 0: 1, 2: 3, 4: 2, 6: 4 };

export const pngFormat: ImageFormat = {
  name: "PNG",
  recognises: (bytes) => bytes.length > 8 && SIGNATURE.every((value, i) => bytes[i] === value),
  decode: decodePng,
};

/** Reads IHDR ourselves: sharp's metadata() would cost as much as decoding a small crop. */
async function decodePng(bytes: Uint8Array, file: string): Promise<DecodedImage> {
  if (bytes.length < 33) throw unreadableImage(file, "it ends inside its header.");
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [width, height, bitDepth, colourType] = [header.getUint32(16), header.getUint32(20), bytes[24], bytes[25]!];
  if (colourType === 3) throw unsupportedImage(file, "an image with a colour palette");
  if (bitDepth !== 8 && bitDepth !== 16) throw unsupportedImage(file, `an image of ${bitDepth} bits a pixel`);
  const samples = SAMPLES[colourType];
  if (samples === undefined)
    throw unreadableImage(file, `its header names no kind of image (colour type ${colourType}).`);
  const bytesPerSample = bitDepth / 8;
  checkSize({ height, width, planes: samples, bytesPerSample }, file);
  checkDensity(height * width * samples * bytesPerSample, bytes.length, DEFLATE_RATIO, file);
  const planes = samples < 3 ? 1 : 3;
  const image = isPlainGrayPng(bytes)
    ? grayPng(bytes, { height, width, bitDepth }, file)
    : await sharpPlanes(bytes, { bitDepth, planes }, file);
  return { ...image, channels: planes, bitDepth };
}
