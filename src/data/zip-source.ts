// A zip read in place: its directory by zip.js, its entries by one positioned read each (streams cost four times as much).
import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";
import zlib from "node:zlib";
import { Reader, ZipReader } from "@zip.js/zip.js";
import { isGanDlError } from "../core/errors.ts";
import { badZip, fileNotInSource, firstLine, sourceNotFound } from "./errors.ts";
import { checkSafePath, type ImageSource } from "./image-source.ts";

const inflateRaw = promisify(zlib.inflateRaw) as (bytes: Uint8Array, options: zlib.ZlibOptions) => Promise<Buffer>;

const LOCAL_HEADER_BYTES = 30; // APPNOTE.TXT 4.3.7
const LOCAL_HEADER_SIGNATURE = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
/** An image larger than this inside a zip is a zip bomb, not a microscope's. */
const MAX_ENTRY_BYTES = 1024 ** 3;

/** What a later read needs; zip.js's own entries are ten times as large, and RxRx19a has 1.5 million. */
interface Entry {
  readonly offset: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly method: number;
  readonly crc32: number;
}

/** Opens the zip at `path`. @throws GanDlError `source-not-found`, `bad-zip`, `unsafe-path`. */
export async function openZipSource(path: string): Promise<ImageSource> {
  const file = await open(path).catch((error: unknown) => {
    throw sourceNotFound(path, "a zip file", error);
  });
  try {
    const { size } = await file.stat();
    return new ZipSource(path, file, await readDirectory(path, new FileReader(file, size)));
  } catch (error) {
    await file.close();
    if (isGanDlError(error)) throw error;
    throw badZip(path, firstLine(error), error);
  }
}

class FileReader extends Reader<FileHandle> {
  readonly #file: FileHandle;

  constructor(file: FileHandle, size: number) {
    super(file);
    this.#file = file;
    this.size = size;
  }

  override async readUint8Array(offset: number, length: number): Promise<Uint8Array> {
    return readAt(this.#file, offset, length);
  }
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await file.read(bytes, 0, length, offset);
  return bytesRead === length ? bytes : bytes.subarray(0, bytesRead);
}

async function readDirectory(path: string, reader: FileReader): Promise<Map<string, Entry>> {
  const zip = new ZipReader(reader, { useWebWorkers: false });
  const entries = new Map<string, Entry>();
  for await (const entry of zip.getEntriesGenerator()) {
    checkSafePath(path, entry.filename);
    if (entry.directory) continue;
    const problem = entry.encrypted
      ? "is encrypted"
      : entries.has(entry.filename)
        ? "occurs twice"
        : methodFault(entry);
    if (problem !== null) throw badZip(path, `${entry.filename} ${problem}.`);
    entries.set(entry.filename, {
      offset: entry.offset,
      compressedBytes: entry.compressedSize,
      bytes: entry.uncompressedSize,
      method: entry.compressionMethod,
      crc32: entry.signature ?? 0,
    });
  }
  await zip.close();
  return entries;
}

function methodFault(entry: { compressionMethod: number; uncompressedSize: number }): string | null {
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED)
    return `uses compression method ${entry.compressionMethod}; only stored and deflated entries are read`;
  return entry.uncompressedSize > MAX_ENTRY_BYTES ? "claims to be larger than 1 GiB" : null;
}

class ZipSource implements ImageSource {
  readonly name: string;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #entries: ReadonlyMap<string, Entry>;
  #folders: Map<string, Set<string>> | null = null;

  constructor(path: string, file: FileHandle, entries: ReadonlyMap<string, Entry>) {
    this.name = basename(path);
    this.#path = path;
    this.#file = file;
    this.#entries = entries;
  }

  async read(path: string): Promise<Uint8Array> {
    checkSafePath(this.name, path);
    const entry = this.#entries.get(path);
    if (entry === undefined) throw fileNotInSource(this.name, path);
    try {
      const packed = await this.#readPacked(entry);
      const bytes = entry.method === STORED ? packed : await inflateRaw(packed, { maxOutputLength: entry.bytes + 1 });
      if (bytes.length !== entry.bytes) throw new Error(`it has ${bytes.length} bytes, not ${entry.bytes}`);
      if (zlib.crc32(bytes) !== entry.crc32) throw new Error("its checksum is wrong");
      return bytes;
    } catch (error) {
      throw badZip(this.#path, `${path}: ${firstLine(error)}.`, error);
    }
  }

  async #readPacked(entry: Entry): Promise<Buffer> {
    // The local header repeats the name with an extra field of its own length, so the data's place is known only from it.
    const header = await readAt(this.#file, entry.offset, LOCAL_HEADER_BYTES);
    if (header.length < LOCAL_HEADER_BYTES || header.readUInt32LE(0) !== LOCAL_HEADER_SIGNATURE)
      throw new Error("its entry does not begin where the directory says");
    const start = entry.offset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
    return readAt(this.#file, start, entry.compressedBytes);
  }

  async has(path: string): Promise<boolean> {
    checkSafePath(this.name, path);
    return this.#entries.has(path);
  }

  async list(folder: string): Promise<readonly string[]> {
    this.#folders ??= foldersOf(this.#entries.keys());
    return [...(this.#folders.get(folder.replace(/\/$/, "")) ?? [])];
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Names by folder; every folder is an entry of its parent. */
function foldersOf(paths: Iterable<string>): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>();
  const put = (folder: string, name: string) => {
    let names = folders.get(folder);
    if (names === undefined) {
      names = new Set();
      folders.set(folder, names);
    }
    names.add(name);
  };
  for (const path of paths) {
    const parts = path.split("/");
    for (let i = 0; i < parts.length; i++) {
      put(parts.slice(0, i).join("/"), i < parts.length - 1 ? `${parts[i]}/` : parts[i]!);
    }
  }
  return folders;
}
