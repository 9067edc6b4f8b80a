// Gray PNG of 8 and 16 bits, the form that screens come in: unpacked by Node's zlib, unfiltered here, because libvips takes
// 2.5 times as long for it (docs/performance.md). Source: PNG specification (W3C, third edition), §5.3, §9.2 and §10.
import { crc32, inflateSync } from "node:zlib";
import { firstLine, unreadableImage } from "../errors.ts";
import type { Planes } from "./sharp-planes.ts";

const SIGNATURE_BYTES = 8;
/** Length, type and checksum of a chunk, beside its data. */
const CHUNK_BYTES = 12;
/** Bytes of the whole file at which the header names its ways to compress, filter and interlace; each 0 is what this file reads. */
const METHODS_AT = [26, 27, 28] as const;
/** Node takes buffers smaller than this from a pool that others share. */
const OWN_BYTES = 4096;
const KNOWN_CRITICAL = ["IHDR", "PLTE", "IDAT", "IEND"];

/** Whether {@link grayPng} reads this PNG: gray without alpha, not interlaced. @param bytes a PNG with a whole header. */
export const isPlainGrayPng = (bytes: Uint8Array): boolean =>
  bytes[25] === 0 && METHODS_AT.every((at) => bytes[at] === 0);

/**
 * Decodes a plain gray PNG; every checksum on the way to its last pixel is checked.
 * @param form as its header says, within bounds.
 * @throws GanDlError `unreadable-image` for what is cut, damaged, or other than its header says.
 */
export function grayPng(
  bytes: Uint8Array,
  form: { readonly height: number; readonly width: number; readonly bitDepth: 8 | 16 },
  file: string,
): Planes {
  const { height, width, bitDepth } = form;
  const bytesPerPixel = bitDepth / 8;
  const rowBytes = width * bytesPerPixel;
  const rows = inflated(pixelChunks(bytes, file), height * (rowBytes + 1), file);
  for (let y = 0; y < height; y++) {
    if (rows[y * (rowBytes + 1)]! > 4) throw unreadableImage(file, `row ${y + 1} has a filter that there is not.`);
  }
  unfilter(rows, height, rowBytes, bytesPerPixel);
  if (bitDepth === 8) return { data: new Uint8Array(rows.buffer, rows.byteOffset, height * width), height, width };
  rows.subarray(0, height * rowBytes).swap16(); // the file's numbers begin with their high byte
  return { data: new Uint16Array(rows.buffer, rows.byteOffset, height * width), height, width };
}

/** The compressed pixels, piece by piece. */
function pixelChunks(bytes: Uint8Array, file: string): Uint8Array[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pieces: Uint8Array[] = [];
  for (let at = SIGNATURE_BYTES; at + CHUNK_BYTES <= view.length; ) {
    const end = at + CHUNK_BYTES + view.readUInt32BE(at);
    const type = view.toString("latin1", at + 4, at + 8);
    if (pieces.length > 0 && type !== "IDAT") return pieces; // what follows the pixels changes none of them
    if (end > view.length) break;
    if (crc32(view.subarray(at + 4, end - 4)) !== view.readUInt32BE(end - 4))
      throw unreadableImage(file, `its chunk ${JSON.stringify(type)} does not match its checksum.`);
    if ((view[at + 4]! & 32) === 0 && !KNOWN_CRITICAL.includes(type))
      throw unreadableImage(
        file,
        `its chunk ${JSON.stringify(type)} changes what its pixels mean, in a way not known.`,
      );
    if (type === "IDAT") pieces.push(view.subarray(at + 8, end - 4));
    at = end;
  }
  if (pieces.length === 0) throw unreadableImage(file, "it ends before its pixels.");
  return pieces;
}

/** Exactly `nBytes` unpacked, in memory of their own. */
function inflated(pieces: readonly Uint8Array[], nBytes: number, file: string): Buffer {
  const room = nBytes + 1; // one more than wanted: zlib then knows that it is done, and so do we
  let rows: Buffer;
  try {
    rows = inflateSync(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces), {
      chunkSize: Math.max(OWN_BYTES, room),
      maxOutputLength: room,
    });
  } catch (error) {
    const isTooMuch = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    const reason = isTooMuch
      ? "it holds more pixels than its header says"
      : `its pixels do not unpack, ${firstLine(error)}`;
    throw unreadableImage(file, `${reason}.`, error);
  }
  if (rows.length === nBytes) return rows;
  throw unreadableImage(file, `it holds ${rows.length} bytes of pixels, and its header says ${nBytes}.`);
}

/**
 * Undoes the filters, in place: `[h, 1 + rowBytes]`, each row led by its filter, becomes `[h, rowBytes]`.
 *
 * A row is the one before it and the pixel before in the file's own arithmetic, modulo 256, byte by byte.
 */
function unfilter(rows: Uint8Array, height: number, rowBytes: number, bytesPerPixel: number): void {
  let above = new Uint8Array(rowBytes);
  for (let y = 0; y < height; y++) {
    const from = y * (rowBytes + 1);
    const filter = rows[from]!;
    rows.copyWithin(y * rowBytes, from + 1, from + 1 + rowBytes);
    const row = rows.subarray(y * rowBytes, (y + 1) * rowBytes);
    if (filter === 1) addLeft(row, bytesPerPixel);
    else if (filter === 2) addAbove(row, above);
    else if (filter === 3) addMean(row, above, bytesPerPixel);
    else if (filter === 4) addNearest(row, above, bytesPerPixel);
    above = row as Uint8Array<ArrayBuffer>;
  }
}

function addLeft(row: Uint8Array, step: number): void {
  for (let lane = 0; lane < step; lane++) {
    let left = 0;
    for (let x = lane; x < row.length; x += step) {
      left = (row[x]! + left) & 255;
      row[x] = left;
    }
  }
}

function addAbove(row: Uint8Array, above: Uint8Array): void {
  for (let x = 0; x < row.length; x++) row[x] = row[x]! + above[x]!;
}

function addMean(row: Uint8Array, above: Uint8Array, step: number): void {
  for (let lane = 0; lane < step; lane++) {
    let left = 0;
    for (let x = lane; x < row.length; x += step) {
      left = (row[x]! + ((left + above[x]!) >> 1)) & 255;
      row[x] = left;
    }
  }
}

/** Paeth's filter: of left, above and corner the one nearest to left + above − corner; in this order when equal. */
function addNearest(row: Uint8Array, above: Uint8Array, step: number): void {
  for (let lane = 0; lane < step; lane++) {
    let left = 0;
    let corner = 0;
    for (let x = lane; x < row.length; x += step) {
      const up = above[x]!;
      const toLeft = Math.abs(up - corner);
      const toUp = Math.abs(left - corner);
      const toCorner = Math.abs(left + up - 2 * corner);
      const nearest = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
      left = (row[x]! + nearest) & 255;
      corner = up;
      row[x] = left;
    }
  }
}
