// NumPy arrays of grey levels: one plane [h,w], or one a channel [c,h,w].

import { unreadableImage, unsupportedImage } from "../errors.ts";
import { bytesPerValue, parseNpyHeader } from "../npy.ts";
import type { DecodedImage, ImageFormat } from "./image-format.ts";
import { checkSize } from "./limits.ts";

export const npyFormat: ImageFormat = {
  name: "NumPy",
  recognises: (bytes) => bytes.length > 6 && Buffer.from(bytes.subarray(0, 6)).toString("latin1") === "\x93NUMPY",
  decode: async (bytes, file) => decodeNpy(bytes, file),
};

function decodeNpy(bytes: Uint8Array, file: string): DecodedImage {
  const { dtype, shape, dataOffset } = headerOf(bytes, file);
  if (shape.length !== 2 && shape.length !== 3)
    throw unsupportedImage(file, `an array of ${shape.length} dimensions, not [h,w] or [c,h,w]`);
  const [channels, height, width] = shape.length === 2 ? [1, shape[0]!, shape[1]!] : [shape[0]!, shape[1]!, shape[2]!];
  const bytesPerSample = bytesPerValue(dtype);
  checkSize({ height, width, planes: channels, bytesPerSample }, file);
  const end = dataOffset + channels * height * width * bytesPerSample;
  if (bytes.length < end) throw unreadableImage(file, `it has ${bytes.length} bytes, not ${end}.`);
  const body = bytes.slice(dataOffset, end); // a copy, so that 16-bit values stand at an even address
  const data = dtype === "uint8" ? body : new Uint16Array(body.buffer, body.byteOffset, body.length / 2);
  return { data, channels, height, width, bitDepth: dtype === "uint8" ? 8 : 16 };
}

function headerOf(bytes: Uint8Array, file: string) {
  try {
    return parseNpyHeader(bytes, file);
  } catch (error) {
    throw unsupportedImage(file, "an array of another type than uint8 or little-endian uint16 in C order", error);
  }
}
