// The page directories of a TIFF or BigTIFF, read before libtiff sees the file. Format: TIFF 6.0 (1992), §2; BigTIFF design.
import { unreadableImage, unsupportedImage } from "../errors.ts";
import { MAX_PAGES } from "./limits.ts";

/** One page as its directory describes it. */
export interface TiffPage {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly samples: number;
  /** 1 whole numbers, 2 signed, 3 floats. */
  readonly sampleFormat: number;
  readonly compression: number;
  /** 3 is a palette. */
  readonly photometric: number;
  /** A smaller copy of another page. */
  readonly isReduced: boolean;
  /** ImageDescription: where OME-XML stands. */
  readonly description: string | null;
}

const TAG = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  description: 270,
  samples: 277,
  sampleFormat: 339,
} as const;
/** Bytes of one value by field type; 0 for types that are not read. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
/** A page has a dozen or two. */
const MAX_ENTRIES = 4096;
/** OME-XML of a whole plate is some megabytes. */
const MAX_DESCRIPTION_BYTES = 64 * 1024 ** 2;

/** Whether `bytes` begin as a TIFF (42) or BigTIFF (43) of either byte order. */
export function isTiff(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const version = bytes[0] === 0x49 ? bytes[2]! + 256 * bytes[3]! : bytes[3]! + 256 * bytes[2]!;
  return bytes[0] === bytes[1] && (bytes[0] === 0x49 || bytes[0] === 0x4d) && (version === 42 || version === 43);
}

/** Numbers of a file in its own byte order; a place outside it is a fault of the file. */
class TiffBytes {
  readonly #view: DataView;
  readonly #isLittle: boolean;
  readonly #file: string;
  readonly isBig: boolean;

  constructor(bytes: Uint8Array, file: string) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#isLittle = bytes[0] === 0x49;
    this.#file = file;
    this.isBig = this.u16(2) === 43;
  }

  get length(): number {
    return this.#view.byteLength;
  }

  /** @throws GanDlError `unreadable-image` where `[at, at + length)` is not in the file. */
  check(at: number, length: number): void {
    if (!(at >= 0 && at + length <= this.length))
      throw unreadableImage(this.#file, `its directory points to byte ${at}, behind its end at ${this.length}.`);
  }

  u16(at: number): number {
    this.check(at, 2);
    return this.#view.getUint16(at, this.#isLittle);
  }

  u32(at: number): number {
    this.check(at, 4);
    return this.#view.getUint32(at, this.#isLittle);
  }

  /** An offset or count: 4 bytes, 8 in a BigTIFF. */
  long(at: number): number {
    if (!this.isBig) return this.u32(at);
    this.check(at, 8);
    return Number(this.#view.getBigUint64(at, this.#isLittle));
  }

  number(at: number, type: number): number {
    if (type === 3) return this.u16(at);
    if (type === 4 || type === 13) return this.u32(at);
    if (type === 16) return this.long(at);
    this.check(at, 1);
    return this.#view.getUint8(at);
  }

  text(at: number, length: number): string {
    this.check(at, length);
    return Buffer.from(this.#view.buffer, this.#view.byteOffset + at, length)
      .toString("utf8")
      .replace(/\0.*$/s, "");
  }
}

/**
 * The pages of a TIFF in order; those behind a sub-directory (pyramid levels) are not among them.
 * @throws GanDlError `unreadable-image` (cut, pointing outside or in a circle), `unsupported-image` (too many pages).
 */
export function tiffPages(bytes: Uint8Array, file: string): TiffPage[] {
  const tiff = new TiffBytes(bytes, file);
  const pages: TiffPage[] = [];
  const seen = new Set<number>();
  for (let at = tiff.long(tiff.isBig ? 8 : 4); at !== 0; ) {
    if (seen.has(at)) throw unreadableImage(file, "its pages point in a circle.");
    if (pages.length === MAX_PAGES) throw unsupportedImage(file, `a TIFF of more than ${MAX_PAGES} pages`);
    seen.add(at);
    const { page, next } = readPage(tiff, at, file, pages.length === 0);
    pages.push(page);
    at = next;
  }
  if (pages.length === 0) throw unreadableImage(file, "it has no page.");
  return pages;
}

function readPage(tiff: TiffBytes, at: number, file: string, isFirst: boolean): { page: TiffPage; next: number } {
  const countBytes = tiff.isBig ? 8 : 2;
  const entryBytes = tiff.isBig ? 20 : 12;
  const n = tiff.isBig ? tiff.long(at) : tiff.u16(at);
  if (n > MAX_ENTRIES) throw unreadableImage(file, `a page claims ${n} fields, more than the ${MAX_ENTRIES} read.`);
  const fields = new Map<number, number>();
  for (let i = 0; i < n; i++) fields.set(tiff.u16(at + countBytes + i * entryBytes), at + countBytes + i * entryBytes);
  const place = (entry: number) => {
    const bytes = (TYPE_BYTES[tiff.u16(entry + 2)] ?? 0) * tiff.long(entry + 4);
    const inline = entry + (tiff.isBig ? 12 : 8);
    return { at: bytes <= (tiff.isBig ? 8 : 4) ? inline : tiff.long(inline), bytes };
  };
  const value = (tag: number, missing: number) => {
    const entry = fields.get(tag);
    return entry === undefined ? missing : tiff.number(place(entry).at, tiff.u16(entry + 2));
  };
  const described = isFirst ? fields.get(TAG.description) : undefined;
  const { at: textAt, bytes: textBytes } = described === undefined ? { at: 0, bytes: 0 } : place(described);
  if (textBytes > MAX_DESCRIPTION_BYTES) throw unsupportedImage(file, `a TIFF with ${textBytes} bytes of description`);
  const page = {
    width: value(TAG.width, 0),
    height: value(TAG.height, 0),
    bitsPerSample: value(TAG.bits, 1),
    samples: value(TAG.samples, 1),
    sampleFormat: value(TAG.sampleFormat, 1),
    compression: value(TAG.compression, 1),
    photometric: value(TAG.photometric, 1),
    isReduced: (value(TAG.subfile, 0) & 1) === 1,
    description: textBytes === 0 ? null : tiff.text(textAt, textBytes),
  };
  return { page, next: tiff.long(at + countBytes + n * entryBytes) };
}
