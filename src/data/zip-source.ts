// A zip read in place, from disk or over HTTP: its directory once, each entry by one positioned read, checked by CRC.
import { basename } from "node:path";
import { promisify } from "node:util";
import zlib from "node:zlib";
import { isGanDlError } from "../core/errors.ts";
import { type ByteReader, openLocalFile } from "./byte-reader.ts";
import { type CacheOptions, cachedDirectory } from "./directory-cache.ts";
import { badZip, fileNotInSource, firstLine } from "./errors.ts";
import { type HttpOptions, openHttpFile } from "./http-file.ts";
import type { FileFacts, ImageSource } from "./image-source.ts";
import { checkSafePath } from "./safe-path.ts";
import { locateDirectory, ZipDirectory, type ZipEntry } from "./zip-directory.ts";

const inflateRaw = promisify(zlib.inflateRaw) as (bytes: Uint8Array, options: zlib.ZlibOptions) => Promise<Buffer>;

const LOCAL_HEADER_BYTES = 30; // APPNOTE.TXT 4.3.7
const LOCAL_HEADER_SIGNATURE = 0x04034b50;
/** The header's own extra field may be longer than the directory's; this much more is read at once. */
const EXTRA_SLACK_BYTES = 64;
/** A body damaged on its way comes whole the second time; one damaged at rest never does. */
const CHECKSUM_ATTEMPTS = 3;

/** Opens the zip at `path`. @throws GanDlError `source-not-found`, `bad-zip`, `unsafe-path`. */
export async function openZipSource(path: string): Promise<ImageSource> {
  const file = await openLocalFile(path, "a zip file");
  return openZip(file, basename(path), async () => {
    const place = await locateDirectory(file);
    return new ZipDirectory(path, await file.read(place.offset, place.bytes), place);
  });
}

/**
 * Opens the zip at the HTTP address `url` by range requests; nothing but its directory is fetched, and that is kept on disk.
 * @throws GanDlError `remote-refused`, `remote-failed`, `no-range-support`, `bad-zip`, `unsafe-path`.
 */
export async function openRemoteZip(url: string, options: HttpOptions & CacheOptions = {}): Promise<ImageSource> {
  const file = await openHttpFile(url, options);
  const name = decodeURIComponent(basename(new URL(url).pathname));
  return openZip(file, name, () => cachedDirectory(file, options));
}

async function openZip(file: ByteReader, name: string, directory: () => Promise<ZipDirectory>): Promise<ImageSource> {
  try {
    return new ZipSource(name, file, await directory());
  } catch (error) {
    await file.close();
    if (isGanDlError(error)) throw error;
    throw badZip(file.name, `${firstLine(error)}.`, error);
  }
}

class ZipSource implements ImageSource {
  readonly name: string;
  readonly parallelReads: number;
  readonly knowsAllFiles = true;
  readonly #file: ByteReader;
  readonly #directory: ZipDirectory;

  constructor(name: string, file: ByteReader, directory: ZipDirectory) {
    this.name = name;
    this.parallelReads = file.parallelReads;
    this.#file = file;
    this.#directory = directory;
  }

  async read(path: string): Promise<Uint8Array> {
    const entry = this.#entry(path);
    for (let attempt = this.#file.isRemote ? 1 : CHECKSUM_ATTEMPTS; ; attempt++) {
      try {
        return await this.#readEntry(entry);
      } catch (error) {
        if (isGanDlError(error)) throw error;
        if (attempt >= CHECKSUM_ATTEMPTS) throw badZip(this.#file.name, `${path}: ${firstLine(error)}.`, error);
      }
    }
  }

  async about(path: string): Promise<FileFacts> {
    const { compressedBytes, bytes, crc32 } = this.#entry(path);
    return { bytes: compressedBytes, mark: `${bytes}-${crc32.toString(16)}` };
  }

  async has(path: string): Promise<boolean> {
    checkSafePath(this.name, path);
    return this.#directory.find(path) !== null;
  }

  async list(folder: string): Promise<readonly string[]> {
    return this.#directory.list(folder);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #entry(path: string): ZipEntry {
    checkSafePath(this.name, path);
    const entry = this.#directory.find(path);
    if (entry === null) throw fileNotInSource(this.name, path);
    return entry;
  }

  async #readEntry(entry: ZipEntry): Promise<Buffer> {
    const packed = await this.#readPacked(entry);
    if (!entry.isDeflated && entry.bytes !== entry.compressedBytes) throw new Error("its two sizes differ");
    const bytes = entry.isDeflated ? await inflateRaw(packed, { maxOutputLength: entry.bytes + 1 }) : packed;
    if (bytes.length !== entry.bytes) throw new Error(`it has ${bytes.length} bytes, not ${entry.bytes}`);
    if (zlib.crc32(bytes) !== entry.crc32) throw new Error("its checksum is wrong");
    return bytes;
  }

  /** The local header repeats the name with an extra field of its own length, so the data's place is known only from it. */
  async #readPacked(entry: ZipEntry): Promise<Buffer> {
    const guess = LOCAL_HEADER_BYTES + entry.nameBytes + entry.extraBytes + EXTRA_SLACK_BYTES + entry.compressedBytes;
    const length = Math.min(guess, this.#file.size - entry.offset);
    const block = length > 0 ? await this.#file.read(entry.offset, length) : Buffer.alloc(0);
    if (block.length < LOCAL_HEADER_BYTES || block.readUInt32LE(0) !== LOCAL_HEADER_SIGNATURE)
      throw new Error("its entry does not begin where the directory says");
    const start = LOCAL_HEADER_BYTES + block.readUInt16LE(26) + block.readUInt16LE(28);
    const end = start + entry.compressedBytes;
    if (end <= block.length) return block.subarray(start, end);
    if (entry.offset + end > this.#file.size) throw new Error("its bytes would lie behind the end of the file");
    return this.#file.read(entry.offset + start, entry.compressedBytes); // a longer extra field than anyone writes
  }
}
