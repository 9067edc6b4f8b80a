// PNG and TIFF to planes of measured grey levels: nothing here may change a pixel's value.
import sharp from "sharp";
import { isGanDlError } from "../core/errors.ts";
import { firstLine, unreadableImage, unsupportedImage } from "./errors.ts";

/** A decoded file: planar pixels, one plane a channel (or page). */
export interface DecodedImage {
  /** `[c,h,w]`; Uint8Array for 8-bit files, Uint16Array for 16-bit ones. Owned by the caller. */
  readonly data: Uint8Array | Uint16Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly bitDepth: 8 | 16;
}

/** What must be known of a file before sharp may touch it. */
interface ImageForm {
  readonly bitDepth: 8 | 16;
  /** Gray (one plane) or RGB (three); alpha is dropped. */
  readonly planes: 1 | 3;
  readonly pages: number;
}

/**
 * Decodes a PNG or TIFF to its stored grey levels, bit for bit: no colour conversion, profile, gamma, scaling or rotation.
 *
 * Gray files give 1 channel, RGB and RGBA files 3, a TIFF of several gray pages one channel a page.
 * @param file names the file in errors.
 * @throws GanDlError `unreadable-image` (truncated, damaged, not an image), `unsupported-image` (palette, 1…4-bit, float,
 * pages of different sizes).
 * @example
 * ```ts
 * import { decodeImage } from "gan-dl/data";
 * import sharp from "sharp";
 * const raw = { width: 2, height: 1, channels: 1 } as const;
 * const file = await sharp(Uint8Array.of(7, 200), { raw }).toColourspace("b-w").png().toBuffer();
 * console.assert((await decodeImage(file, "a.png")).data.join() === "7,200");
 * ```
 */
export async function decodeImage(bytes: Uint8Array, file: string): Promise<DecodedImage> {
  try {
    const form = isPng(bytes) ? pngForm(bytes, file) : await tiffForm(bytes, file);
    return await decode(bytes, form, file);
  } catch (error) {
    if (isGanDlError(error)) throw error;
    throw unreadableImage(file, firstLine(error), error);
  }
}

const isPng = (bytes: Uint8Array) => bytes.length > 8 && bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e;

/** Reads IHDR ourselves: sharp's metadata() would cost as much as decoding a small crop. */
function pngForm(bytes: Uint8Array, file: string): ImageForm {
  if (bytes.length < 33) throw unreadableImage(file, "it ends inside its header.");
  const bitDepth = bytes[24];
  const colourType = bytes[25];
  if (colourType === 3) throw unsupportedImage(file, "an image with a colour palette");
  if (bitDepth !== 8 && bitDepth !== 16) throw unsupportedImage(file, `an image of ${bitDepth} bits a pixel`);
  return { bitDepth, planes: colourType === 0 || colourType === 4 ? 1 : 3, pages: 1 };
}

async function tiffForm(bytes: Uint8Array, file: string): Promise<ImageForm> {
  const meta = await sharp(bytes, READ_OPTIONS).metadata();
  if (meta.format !== "tiff") throw unsupportedImage(file, `a ${meta.format ?? "file of unknown format"}`);
  if (meta.isPalette) throw unsupportedImage(file, "an image with a colour palette");
  const bitDepth = meta.depth === "uchar" ? 8 : meta.depth === "ushort" ? 16 : null;
  if (bitDepth === null || (meta.bitsPerSample ?? bitDepth) < 8)
    throw unsupportedImage(file, `an image of ${meta.depth} values, ${meta.bitsPerSample ?? "unknown"} bits each`);
  const channels = meta.channels - (meta.hasAlpha ? 1 : 0);
  const pages = meta.pages ?? 1;
  if (channels !== 1 && (channels !== 3 || pages > 1))
    throw unsupportedImage(file, `an image of ${pages} page(s) with ${channels} channels each`);
  return { bitDepth, planes: channels, pages };
}

const READ_OPTIONS = {
  failOn: "warning", // a warning is a pixel that libvips had to guess
  ignoreIcc: true, // a colour profile would move grey levels
  sequentialRead: true,
} as const;

async function decode(bytes: Uint8Array, form: ImageForm, file: string): Promise<DecodedImage> {
  const { bitDepth, planes, pages } = form;
  const space = planes === 1 ? (bitDepth === 16 ? "grey16" : "b-w") : bitDepth === 16 ? "rgb16" : "srgb";
  const { data, info } = await sharp(bytes, { ...READ_OPTIONS, pages })
    .toColourspace(space) // the space it is in: without this, sharp turns 16-bit gray into 8-bit colour
    .raw({ depth: bitDepth === 16 ? "ushort" : "uchar" })
    .toBuffer({ resolveWithObject: true });
  const height = info.height / pages;
  if (!Number.isInteger(height)) throw unsupportedImage(file, `an image of ${pages} pages of different sizes`);
  const pixels = bitDepth === 16 ? as16Bit(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const plane = info.height * info.width; // pages lie one below the other, so gray pages are planes already
  const planar = info.channels === 1 ? pixels : deinterleave(pixels, plane, info.channels, planes);
  return { data: planar, channels: planes * pages, height, width: info.width, bitDepth };
}

/** A view where the address allows it, a copy where it is odd. */
function as16Bit(data: Buffer): Uint16Array {
  const whole = data.byteOffset % 2 === 0 ? data : Buffer.from(new Uint8Array(data).buffer);
  return new Uint16Array(whole.buffer, whole.byteOffset, whole.byteLength / 2);
}

function deinterleave<T extends Uint8Array | Uint16Array>(pixels: T, plane: number, stride: number, keep: number): T {
  const out = (pixels instanceof Uint8Array ? new Uint8Array(plane * keep) : new Uint16Array(plane * keep)) as T;
  for (let c = 0; c < keep; c++) {
    for (let i = 0; i < plane; i++) out[c * plane + i] = pixels[i * stride + c]!;
  }
  return out;
}
