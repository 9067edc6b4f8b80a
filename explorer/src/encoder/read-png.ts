// PNG to its stored grey levels. A browser's own decoder would convert colours and cut 16 bits to 8.
import { unreadableFile, unsupportedFile } from "./errors.ts";
import { deinterleave, type Raster } from "./image-planes.ts";
import { inflate } from "./inflate.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Values a pixel, by colour type: grey, RGB, grey and alpha, RGB and alpha. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 4: 2, 6: 4 };

export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, i) => bytes[i] === byte);

interface Header {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bitDepth: 8 | 16;
  readonly samples: number;
}

/**
 * Decodes a PNG of 8 or 16 bits, grey or RGB, bit for bit; alpha is dropped.
 * @throws GanDlError `unreadable-image`, `unsupported-image` (palette, 1…4 bits, interlaced).
 */
export async function readPng(bytes: Uint8Array, file: string): Promise<Raster> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let header: Header | null = null;
  let isWhole = false;
  for (let at = 8; at + 12 <= bytes.length && !isWhole; ) {
    const length = view.getUint32(at);
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (body.length < length) break;
    if (kind === "IHDR") header = headerOf(body, file);
    if (kind === "IDAT") parts.push(body);
    isWhole = kind === "IEND";
    at += 12 + length;
  }
  if (!header || !isWhole) throw unreadableFile(file, "it is cut short.");
  const { widthPx, heightPx, bitDepth, samples } = header;
  const data = await inflate(parts, file);
  const values = unfilter(data, heightPx, (widthPx * samples * bitDepth) / 8, (samples * bitDepth) / 8, file);
  const levels = bitDepth === 8 ? values : bigEndian16(values);
  const isRgb = samples >= 3;
  return { heightPx, widthPx, planes: deinterleave(levels, samples, isRgb ? 3 : 1), isRgb };
}

function headerOf(body: Uint8Array, file: string): Header {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  if (body.length < 13) throw unreadableFile(file, "its header is cut short.");
  const [bitDepth, colourType, , , interlaced] = body.subarray(8, 13);
  if (colourType === 3) throw unsupportedFile(file, "an image with a colour palette");
  if (bitDepth !== 8 && bitDepth !== 16) throw unsupportedFile(file, `an image of ${bitDepth} bits a pixel`);
  if (interlaced !== 0) throw unsupportedFile(file, "an interlaced PNG");
  const samples = SAMPLES[colourType ?? -1];
  if (samples === undefined) throw unreadableFile(file, `its colour type ${colourType} is none that PNG knows.`);
  return { widthPx: view.getUint32(0), heightPx: view.getUint32(4), bitDepth, samples };
}

/** Undoes the five filters of PNG (ISO/IEC 15948 §9), row by row. */
function unfilter(data: Uint8Array, rows: number, rowBytes: number, step: number, file: string): Uint8Array {
  if (data.length < rows * (rowBytes + 1)) throw unreadableFile(file, "it holds fewer pixels than its header says.");
  const out = new Uint8Array(rows * rowBytes);
  for (let y = 0; y < rows; y++) {
    const filter = data[y * (rowBytes + 1)]!;
    const from = y * (rowBytes + 1) + 1;
    const to = y * rowBytes;
    if (filter > 4) throw unreadableFile(file, `row ${y} has the filter ${filter}, which PNG does not know.`);
    for (let x = 0; x < rowBytes; x++) {
      const left = x >= step ? out[to + x - step]! : 0;
      const up = y > 0 ? out[to + x - rowBytes]! : 0;
      const corner = x >= step && y > 0 ? out[to + x - rowBytes - step]! : 0;
      out[to + x] = data[from + x]! + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4:
      return paeth(left, up, corner);
    default:
      return 0;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

function bigEndian16(bytes: Uint8Array): Uint16Array {
  const out = new Uint16Array(bytes.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = (bytes[2 * i]! << 8) | bytes[2 * i + 1]!;
  return out;
}
