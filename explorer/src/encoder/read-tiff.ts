// TIFF to its stored grey levels: the plain kinds that microscopes write (TIFF 6.0), all others refused by name.
import { unreadableFile, unsupportedFile } from "./errors.ts";
import { deinterleave, type Raster } from "./image-planes.ts";
import { inflate } from "./inflate.ts";
import { unpackBits, unpackLzw } from "./unpack.ts";

/** Bytes of a value, by TIFF's type; only whole numbers are needed here. */
const TYPE_BYTES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4 };
const TAGS = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripBytes: 279,
  planar: 284,
  predictor: 317,
  tileWidth: 322,
  sampleFormat: 339,
} as const;
const COMPRESSIONS = [1, 5, 8, 32773, 32946];

type Tag = keyof typeof TAGS;
type Directory = (tag: Tag) => readonly number[];

export const isTiff = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0x49 && bytes[1] === 0x49 && bytes[2] === 42) ||
  (bytes[0] === 0x4d && bytes[1] === 0x4d && bytes[3] === 42);

/**
 * Decodes a TIFF of 8 or 16 bits, grey (one plane a page) or RGB, in strips; uncompressed, LZW, deflate or PackBits.
 * @throws GanDlError `unreadable-image`, `unsupported-image`.
 */
export async function readTiff(bytes: Uint8Array, file: string): Promise<Raster> {
  try {
    return await readPages(bytes, file);
  } catch (error) {
    if (error instanceof RangeError) throw unreadableFile(file, "it is cut short.", error);
    throw error;
  }
}

async function readPages(bytes: Uint8Array, file: string): Promise<Raster> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const pages: Raster[] = [];
  const seen = new Set<number>();
  for (let at = view.getUint32(4, little); at !== 0; ) {
    if (seen.has(at)) throw unreadableFile(file, "its pages point at each other in a circle.");
    seen.add(at);
    const { directory, next } = readDirectory(view, at, little);
    pages.push(await readPage(bytes, directory, little, file));
    at = next;
  }
  const [first] = pages;
  if (!first) throw unreadableFile(file, "it has no page.");
  if (pages.length > 1 && first.isRgb) throw unsupportedFile(file, "a TIFF of several RGB pages");
  if (
    pages.some(
      (page) => page.heightPx !== first.heightPx || page.widthPx !== first.widthPx || page.isRgb !== first.isRgb,
    )
  )
    throw unsupportedFile(file, "a TIFF of pages that differ in size or kind");
  return { ...first, planes: pages.flatMap(({ planes }) => planes) };
}

function readDirectory(view: DataView, at: number, little: boolean): { directory: Directory; next: number } {
  const n = view.getUint16(at, little);
  const values = new Map<number, readonly number[]>();
  for (let i = 0; i < n; i++) {
    const entry = at + 2 + 12 * i;
    const type = view.getUint16(entry + 2, little);
    const count = view.getUint32(entry + 4, little);
    const size = TYPE_BYTES[type];
    if (size === undefined) continue; // text and fractions: nothing that pixels depend on
    const from = size * count <= 4 ? entry + 8 : view.getUint32(entry + 8, little);
    const read = (k: number) =>
      size === 1
        ? view.getUint8(from + k)
        : size === 2
          ? view.getUint16(from + 2 * k, little)
          : view.getUint32(from + 4 * k, little);
    if (from + size * count > view.byteLength) throw new RangeError("a tag reaches beyond the file");
    values.set(
      view.getUint16(entry, little),
      Array.from({ length: count }, (_, k) => read(k)),
    );
  }
  return { directory: (tag) => values.get(TAGS[tag]) ?? [], next: view.getUint32(at + 2 + 12 * n, little) };
}

interface PageForm {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bitDepth: 8 | 16;
  readonly samples: number;
  readonly isRgb: boolean;
  readonly compression: number;
  readonly differs: boolean;
}

function formOf(directory: Directory, file: string): PageForm {
  const one = (tag: Tag, otherwise: number) => directory(tag)[0] ?? otherwise;
  const [widthPx, heightPx, samples] = [one("width", 0), one("height", 0), one("samples", 1)];
  const [bits, photometric] = [one("bits", 1), one("photometric", 1)];
  const compression = one("compression", 1);
  if (widthPx < 1 || heightPx < 1) throw unreadableFile(file, "it does not say how large it is.");
  if (one("sampleFormat", 1) !== 1) throw unsupportedFile(file, "a TIFF of numbers that are not whole or have a sign");
  if (bits !== 8 && bits !== 16) throw unsupportedFile(file, `a TIFF of ${bits} bits a pixel`);
  if (photometric !== 1 && photometric !== 2)
    throw unsupportedFile(
      file,
      photometric === 3 ? "a TIFF with a colour palette" : "a TIFF of other colours than grey or RGB",
    );
  if (directory("tileWidth").length > 0) throw unsupportedFile(file, "a TIFF in tiles");
  if (samples > 1 && one("planar", 1) !== 1) throw unsupportedFile(file, "a TIFF whose colours lie apart");
  if (!COMPRESSIONS.includes(compression)) throw unsupportedFile(file, `a TIFF of compression ${compression}`);
  const isRgb = photometric === 2;
  if (samples < (isRgb ? 3 : 1)) throw unreadableFile(file, `it has ${samples} values a pixel.`);
  const predictor = one("predictor", 1);
  if (predictor > 2) throw unsupportedFile(file, `a TIFF of predictor ${predictor}`);
  return { widthPx, heightPx, bitDepth: bits, samples, isRgb, compression, differs: predictor === 2 };
}

async function readPage(bytes: Uint8Array, directory: Directory, little: boolean, file: string): Promise<Raster> {
  const form = formOf(directory, file);
  const { widthPx, heightPx, bitDepth, samples, isRgb } = form;
  const perRow = widthPx * samples;
  const bytesPerRow = (perRow * bitDepth) / 8;
  const rowsPerStrip = Math.min(directory("rowsPerStrip")[0] ?? heightPx, heightPx);
  const [offsets, sizes] = [directory("stripOffsets"), directory("stripBytes")];
  const values = bitDepth === 8 ? new Uint8Array(perRow * heightPx) : new Uint16Array(perRow * heightPx);
  for (let strip = 0, row = 0; row < heightPx; strip++, row += rowsPerStrip) {
    const [offset, size] = [offsets[strip], sizes[strip]];
    if (offset === undefined || size === undefined || offset + size > bytes.length)
      throw unreadableFile(file, "it is cut short.");
    const rows = Math.min(rowsPerStrip, heightPx - row);
    const packed = bytes.subarray(offset, offset + size);
    const raw = await unpacked(packed, form.compression, rows * bytesPerRow, file);
    if (raw.length < rows * bytesPerRow) throw unreadableFile(file, "it holds fewer pixels than it says.");
    putRows(raw, values, row * perRow, rows * perRow, little);
  }
  if (form.differs) undoDifferences(values, perRow, samples);
  return { heightPx, widthPx, planes: deinterleave(values, samples, isRgb ? 3 : 1), isRgb };
}

async function unpacked(packed: Uint8Array, compression: number, nBytes: number, file: string): Promise<Uint8Array> {
  if (compression === 1) return packed;
  if (compression === 5) return unpackLzw(packed, nBytes);
  if (compression === 32773) return unpackBits(packed, nBytes);
  return inflate([packed], file);
}

function putRows(raw: Uint8Array, values: Uint8Array | Uint16Array, at: number, n: number, little: boolean): void {
  if (values instanceof Uint8Array) {
    values.set(raw.subarray(0, n), at);
    return;
  }
  const [low, high] = little ? [0, 1] : [1, 0];
  for (let i = 0; i < n; i++) values[at + i] = raw[2 * i + low]! | (raw[2 * i + high]! << 8);
}

/** Each value was stored as its difference to the one before it in the row and colour. */
function undoDifferences(values: Uint8Array | Uint16Array, perRow: number, samples: number): void {
  for (let start = 0; start < values.length; start += perRow)
    for (let i = start + samples; i < start + perRow; i++) values[i] = values[i]! + values[i - samples]!;
}
