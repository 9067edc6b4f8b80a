// sharp's pixels as planes of measured grey levels: nothing here may change a value.
import sharp from "sharp";
import { unsupportedImage } from "../errors.ts";

/** What must be known of a file before sharp may touch it. */
export interface ImageForm {
  readonly bitDepth: 8 | 16;
  /** Gray (one plane) or RGB (three); alpha is dropped. */
  readonly planes: 1 | 3;
  /** The first page to read. @default 0 */
  readonly page?: number;
}

/** One page, planar. */
export interface Planes {
  readonly data: Uint8Array | Uint16Array;
  readonly height: number;
  readonly width: number;
}

const READ_OPTIONS = {
  failOn: "warning", // a warning is a pixel that libvips had to guess
  ignoreIcc: true, // a colour profile would move grey levels
  sequentialRead: true,
} as const;

/** Decodes one page to `[planes,h,w]`: no colour conversion, profile, gamma, scaling or rotation. */
export async function sharpPlanes(bytes: Uint8Array, form: ImageForm, file: string): Promise<Planes> {
  const { bitDepth, planes, page = 0 } = form;
  const space = planes === 1 ? (bitDepth === 16 ? "grey16" : "b-w") : bitDepth === 16 ? "rgb16" : "srgb";
  const { data, info } = await sharp(bytes, { ...READ_OPTIONS, ...(page > 0 ? { page } : {}) })
    .toColourspace(space) // the space it is in: without this, sharp turns 16-bit gray into 8-bit colour
    .raw({ depth: bitDepth === 16 ? "ushort" : "uchar" })
    .toBuffer({ resolveWithObject: true });
  const pixels = bitDepth === 16 ? as16Bit(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (info.channels < planes) throw unsupportedImage(file, `an image of ${info.channels} channels, not ${planes}`);
  const planar = info.channels === 1 ? pixels : deinterleave(pixels, info.height * info.width, info.channels, planes);
  return { data: planar, height: info.height, width: info.width };
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
