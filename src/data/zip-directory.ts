// The directory at the end of a zip, zip64 included, kept as its own bytes: RxRx19a's has 1.5 million entries.
// Format: PKWARE APPNOTE.TXT 6.3.10, §4.3 and §4.5.3.
import type { ByteReader } from "./byte-reader.ts";
import { badZip } from "./errors.ts";
import { checkSafePath } from "./safe-path.ts";

const END = { signature: 0x06054b50, bytes: 22, maxComment: 0xffff } as const;
const END64 = { signature: 0x06064b50, bytes: 56 } as const;
const END64_LOCATOR = { signature: 0x07064b50, bytes: 20 } as const;
const RECORD = { signature: 0x02014b50, bytes: 46 } as const;
const ZIP64_EXTRA = 0x0001;
const IN_ZIP64 = 0xffffffff;
const STORED = 0;
const DEFLATED = 8;
/** An image larger than this inside a zip is a zip bomb, not a microscope's. */
const MAX_ENTRY_BYTES = 1024 ** 3;
/** Directories beyond this are damage, not data: it would be some forty million files. */
const MAX_DIRECTORY_BYTES = 4e9;

/** Where a zip's directory lies. */
export interface DirectoryPlace {
  readonly offset: number;
  readonly bytes: number;
  readonly nEntries: number;
  /** Bytes that stand before the zip proper; offsets count from behind them. */
  readonly prefixBytes: number;
}

/** What a later read needs. */
export interface ZipEntry {
  readonly offset: number;
  readonly nameBytes: number;
  readonly extraBytes: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly isDeflated: boolean;
  readonly crc32: number;
}

/** Finds the directory from the end of the file. @throws GanDlError `bad-zip`. */
export async function locateDirectory(file: ByteReader): Promise<DirectoryPlace> {
  const tailBytes = Math.min(file.size, END.bytes + END.maxComment + END64_LOCATOR.bytes + END64.bytes);
  const tailStart = file.size - tailBytes;
  const tail = await file.read(tailStart, tailBytes);
  const at = endAt(tail);
  if (at < 0)
    throw badZip(file.name, "its directory, which stands at the end, is missing; the file is cut short, or no zip.");
  let nEntries = tail.readUInt16LE(at + 10);
  let bytes = tail.readUInt32LE(at + 12);
  let offset = tail.readUInt32LE(at + 16);
  let end = tailStart + at;
  const locator = at - END64_LOCATOR.bytes;
  if (locator >= 0 && tail.readUInt32LE(locator) === END64_LOCATOR.signature) {
    const end64At = Number(tail.readBigUInt64LE(locator + 8));
    const end64 = await end64Record(file, end64At, tailStart + locator);
    nEntries = Number(end64.record.readBigUInt64LE(32));
    bytes = Number(end64.record.readBigUInt64LE(40));
    offset = Number(end64.record.readBigUInt64LE(48));
    end = end64.at;
  }
  const prefixBytes = end - bytes - offset;
  if (prefixBytes < 0 || bytes > MAX_DIRECTORY_BYTES || bytes < nEntries * RECORD.bytes)
    throw badZip(file.name, "its directory does not lie where its end says; a part of the file is missing.");
  return { offset: offset + prefixBytes, bytes, nEntries, prefixBytes };
}

/** The last end record whose comment fills the rest of the file; -1 when there is none. */
function endAt(tail: Buffer): number {
  for (let at = tail.length - END.bytes; at >= 0; at--) {
    if (tail.readUInt32LE(at) === END.signature && at + END.bytes + tail.readUInt16LE(at + 20) === tail.length)
      return at;
  }
  return -1;
}

/** The zip64 end record: where its locator says, or just before the locator when something stands before the zip. */
async function end64Record(file: ByteReader, told: number, locatorAt: number): Promise<{ record: Buffer; at: number }> {
  for (const at of [told, locatorAt - END64.bytes]) {
    if (!(at >= 0 && at + END64.bytes <= file.size)) continue;
    const record = await file.read(at, END64.bytes);
    if (record.length === END64.bytes && record.readUInt32LE(0) === END64.signature) return { record, at };
  }
  throw badZip(file.name, "its zip64 end record is missing; the file is cut short or damaged.");
}

/**
 * The entries of a zip, found by name.
 *
 * Holds the directory's own bytes, the place of each record and a hash table over names: about 110 bytes an entry, where
 * objects in a Map would take a kilobyte.
 */
export class ZipDirectory {
  readonly #name: string;
  readonly #bytes: Buffer;
  readonly #prefixBytes: number;
  /** Where each record begins. */
  readonly #records: Uint32Array;
  /** 1 + index of a record, or 0; open addressing. */
  readonly #table: Int32Array;

  /** @param bytes the directory, kept. @throws GanDlError `bad-zip`, `unsafe-path`. */
  constructor(name: string, bytes: Buffer, place: DirectoryPlace) {
    this.#name = name;
    this.#bytes = bytes;
    this.#prefixBytes = place.prefixBytes;
    this.#records = new Uint32Array(place.nEntries);
    this.#table = new Int32Array(2 ** Math.ceil(Math.log2(2 * place.nEntries + 2)));
    let at = 0;
    for (let i = 0; i < place.nEntries; i++) {
      if (at + RECORD.bytes > bytes.length || bytes.readUInt32LE(at) !== RECORD.signature)
        throw badZip(name, `its directory is damaged at entry ${i + 1} of ${place.nEntries}.`);
      const next =
        at + RECORD.bytes + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
      if (next > bytes.length) throw badZip(name, `its directory is cut at entry ${i + 1} of ${place.nEntries}.`);
      this.#records[i] = at;
      this.#check(at);
      this.#insert(i);
      at = next;
    }
  }

  /** How many entries there are, folders included. */
  get nEntries(): number {
    return this.#records.length;
  }

  /** The file `path`, or null. */
  find(path: string): ZipEntry | null {
    const wanted = Buffer.from(path);
    const mask = this.#table.length - 1;
    for (let slot = hash(wanted, 0, wanted.length) & mask; this.#table[slot] !== 0; slot = (slot + 1) & mask) {
      const at = this.#records[this.#table[slot]! - 1]!;
      if (this.#nameOf(at).equals(wanted)) return this.#entryAt(at);
    }
    return null;
  }

  /** What lies directly in `folder` (`""` is the top); folders end in `/`. */
  list(folder: string): string[] {
    const prefix = Buffer.from(folder === "" ? "" : `${folder.replace(/\/$/, "")}/`);
    const names = new Set<string>();
    for (const at of this.#records) {
      const name = this.#nameOf(at);
      if (name.length <= prefix.length || name.compare(prefix, 0, prefix.length, 0, prefix.length) !== 0) continue;
      const slash = name.indexOf(0x2f, prefix.length);
      names.add(name.toString("utf8", prefix.length, slash < 0 ? name.length : slash + 1));
    }
    return [...names];
  }

  #nameOf(at: number): Buffer {
    const start = at + RECORD.bytes;
    return this.#bytes.subarray(start, start + this.#bytes.readUInt16LE(at + 28));
  }

  /** Refuses names that point outside, locked entries, unknown methods and absurd sizes, before anything is read. */
  #check(at: number): void {
    const bytes = this.#nameOf(at);
    const name = bytes.toString();
    checkSafePath(this.#name, name);
    if (name.endsWith("/")) return;
    const method = this.#bytes.readUInt16LE(at + 10);
    const isLocked = (this.#bytes.readUInt16LE(at + 8) & 1) === 1;
    const fault = isLocked
      ? "is encrypted"
      : method !== STORED && method !== DEFLATED
        ? `uses compression method ${method}; only stored and deflated entries are read`
        : this.#entryAt(at).bytes > MAX_ENTRY_BYTES
          ? "claims to be larger than 1 GiB"
          : null;
    if (fault !== null) throw badZip(this.#name, `${name} ${fault}.`);
  }

  #insert(index: number): void {
    const at = this.#records[index]!;
    const name = this.#nameOf(at);
    const mask = this.#table.length - 1;
    let slot = hash(name, 0, name.length) & mask;
    for (; this.#table[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#nameOf(this.#records[this.#table[slot]! - 1]!).equals(name))
        throw badZip(this.#name, `${name.toString()} occurs twice.`);
    }
    this.#table[slot] = index + 1;
  }

  #entryAt(at: number): ZipEntry {
    const view = this.#bytes;
    const nameBytes = view.readUInt16LE(at + 28);
    const extraBytes = view.readUInt16LE(at + 30);
    const small = {
      bytes: view.readUInt32LE(at + 24),
      compressed: view.readUInt32LE(at + 20),
      offset: view.readUInt32LE(at + 42),
    };
    const large = this.#zip64(at + RECORD.bytes + nameBytes, extraBytes);
    const take = (value: number) => (value === IN_ZIP64 ? (large.shift() ?? value) : value); // in this order, §4.5.3
    const bytes = take(small.bytes);
    const compressedBytes = take(small.compressed);
    const offset = take(small.offset) + this.#prefixBytes;
    return {
      ...{ offset, nameBytes, extraBytes, compressedBytes, bytes },
      isDeflated: view.readUInt16LE(at + 10) === DEFLATED,
      crc32: view.readUInt32LE(at + 16),
    };
  }

  /** The 64-bit numbers of an entry's zip64 field, or none. */
  #zip64(start: number, length: number): number[] {
    for (let at = start; at + 4 <= start + length; ) {
      const size = this.#bytes.readUInt16LE(at + 2);
      if (this.#bytes.readUInt16LE(at) === ZIP64_EXTRA) {
        const n = Math.floor(Math.min(size, start + length - at - 4) / 8);
        return Array.from({ length: n }, (_, i) => Number(this.#bytes.readBigUInt64LE(at + 4 + 8 * i)));
      }
      at += 4 + size;
    }
    return [];
  }
}

/** FNV-1a, then a mix, because paths differ most in a few digits near their end. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}
