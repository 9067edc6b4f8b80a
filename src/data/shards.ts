// Shards: .npy files of bounded size that together hold all images of a data set, `[n,c,h,w]`, in order.
import { closeSync, openSync, read, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { cannotWrite, damagedDataset } from "./errors.ts";
import { bytesPerValue, NPY_HEADER_BYTES, npyHeader, type PixelType, parseNpyHeader } from "./npy.ts";

const readAsync = promisify(read);

/** Pixels of stored images. */
export type Pixels = Uint8Array | Uint16Array;

/** Type and size of each image. */
export interface ImageShape {
  readonly dtype: PixelType;
  readonly channels: number;
  readonly heightPx: number;
  readonly widthPx: number;
}

/** One shard: its file, relative to the data set's folder, and how many images it holds. */
export interface ShardEntry {
  readonly file: string;
  readonly nSites: number;
}

export const valuesPerImage = (s: ImageShape): number => s.channels * s.heightPx * s.widthPx;
export const bytesPerImage = (s: ImageShape): number => valuesPerImage(s) * bytesPerValue(s.dtype);

/** New pixels of `dtype`, all zero. */
export const allocatePixels = (dtype: PixelType, n: number): Pixels =>
  dtype === "uint8" ? new Uint8Array(n) : new Uint16Array(n);

/** As {@link allocatePixels}, in memory that other threads may be given to write into. */
export function allocateShared(dtype: PixelType, n: number): Pixels {
  const memory = new SharedArrayBuffer(n * bytesPerValue(dtype));
  return dtype === "uint8" ? new Uint8Array(memory) : new Uint16Array(memory);
}

const asBytes = (pixels: Pixels) => new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);

/** Shards stay below this, so that one can be copied, mapped or checked on its own. */
export const DEFAULT_SHARD_BYTES = 256 * 1024 * 1024;

const WRITE_BUFFER_BYTES = 1024 * 1024; // small crops go out together, large images by themselves

/** Writes images one after another into shards of bounded size. */
export class ShardWriter {
  readonly #root: string;
  readonly #folder: string;
  readonly #shape: ImageShape;
  readonly #imagesPerShard: number;
  readonly #shards: ShardEntry[] = [];
  readonly #buffer: Uint8Array;
  #buffered = 0;
  #file: FileHandle | null = null;
  /** Where the next bytes go: a file opened again does not write at its end by itself. */
  #at = 0;
  #inShard = 0;

  /** @param folder below `root`; it must exist. @param shardBytes bound on a shard, at least one image each. */
  constructor(root: string, folder: string, shape: ImageShape, shardBytes = DEFAULT_SHARD_BYTES) {
    this.#root = root;
    this.#folder = folder;
    this.#shape = shape;
    this.#imagesPerShard = Math.max(1, Math.floor(shardBytes / bytesPerImage(shape)));
    this.#buffer = new Uint8Array(WRITE_BUFFER_BYTES);
  }

  /**
   * Goes on writing behind the first `nImages` that an earlier writer of the same settings flushed; what lies beyond is cut.
   * @throws GanDlError `cannot-write` when they are not there.
   */
  static async resume(
    root: string,
    folder: string,
    shape: ImageShape,
    shardBytes: number,
    nImages: number,
  ): Promise<ShardWriter> {
    const writer = new ShardWriter(root, folder, shape, shardBytes);
    if (nImages === 0) return writer;
    const nWhole = Math.ceil(nImages / writer.#imagesPerShard) - 1;
    for (let i = 0; i < nWhole; i++) writer.#shards.push({ file: writer.#name(), nSites: writer.#imagesPerShard });
    writer.#inShard = nImages - nWhole * writer.#imagesPerShard;
    const bytes = NPY_HEADER_BYTES + writer.#inShard * bytesPerImage(shape);
    await writer.#writing(async () => {
      const file = await open(join(root, writer.#name()), "r+");
      writer.#file = file;
      if ((await file.stat()).size < bytes) throw new Error("it is shorter than its journal says");
      await file.truncate(bytes);
      writer.#at = bytes;
    });
    return writer;
  }

  /** Images held so far, one after another, from the disk; each is borrowed until the next. Flush before. */
  async *readBack(): AsyncGenerator<Pixels> {
    const image = allocatePixels(this.#shape.dtype, valuesPerImage(this.#shape));
    const bytes = asBytes(image);
    const counts = [...this.#shards.map(({ nSites }) => nSites), this.#inShard];
    for (const [i, n] of counts.entries()) {
      if (n === 0) continue;
      const file = await open(join(this.#root, this.#shards[i]?.file ?? this.#name()));
      try {
        for (let k = 0; k < n; k++) {
          const { bytesRead } = await file.read(bytes, 0, bytes.length, NPY_HEADER_BYTES + k * bytes.length);
          if (bytesRead !== bytes.length) throw new Error("internal: a shard is shorter than its journal says");
          yield image;
        }
      } finally {
        await file.close();
      }
    }
  }

  /** Writes out what waits in memory and waits until the disk has it. @throws GanDlError `cannot-write`. */
  async flush(): Promise<void> {
    await this.#writing(async () => {
      await this.#flush();
      await this.#file?.sync();
    });
  }

  /** Adds one image `[c,h,w]`; borrowed until the promise resolves. @throws GanDlError `cannot-write`. */
  async append(image: Pixels): Promise<void> {
    const bytes = asBytes(image);
    if (bytes.length !== bytesPerImage(this.#shape)) throw new Error("internal: image of the wrong size for its shard");
    await this.#writing(async () => {
      if (this.#inShard === this.#imagesPerShard) await this.#finishShard();
      if (this.#file === null) await this.#startShard();
      if (this.#buffered + bytes.length > this.#buffer.length) await this.#flush();
      if (bytes.length > this.#buffer.length) {
        await this.#write(bytes);
      } else {
        this.#buffer.set(bytes, this.#buffered);
        this.#buffered += bytes.length;
      }
      this.#inShard++;
    });
  }

  /** Finishes the last shard and returns them all, synced to disk. @throws GanDlError `cannot-write`. */
  async close(): Promise<readonly ShardEntry[]> {
    await this.#writing(() => this.#finishShard());
    return this.#shards;
  }

  /** Closes the open file without finishing it; for use after an error. */
  async abandon(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close().catch(() => {}); // the error that led here is the one to report
  }

  async #writing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw cannotWrite(join(basename(dirname(this.#root)), basename(this.#root)), error);
    }
  }

  #name(): string {
    return `${this.#folder}/${String(this.#shards.length).padStart(5, "0")}.npy`;
  }

  async #startShard(): Promise<void> {
    this.#file = await open(join(this.#root, this.#name()), "w"); // one left by a killed import is written anew
    await this.#file.write(new Uint8Array(NPY_HEADER_BYTES)); // filled in when the count is known
    this.#at = NPY_HEADER_BYTES;
  }

  async #flush(): Promise<void> {
    await this.#write(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }

  /** A write may take only part of what it is given. */
  async #write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file!.write(bytes, done, bytes.length - done, this.#at);
      done += bytesWritten;
      this.#at += bytesWritten;
    }
  }

  async #finishShard(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    await this.#flush();
    const { dtype, channels, heightPx, widthPx } = this.#shape;
    await file.write(npyHeader(dtype, [this.#inShard, channels, heightPx, widthPx]), 0, NPY_HEADER_BYTES, 0);
    await file.sync();
    await file.close();
    this.#shards.push({ file: this.#name(), nSites: this.#inShard });
    this.#file = null;
    this.#inShard = 0;
  }
}

/** Reads images at their positions; no shard is ever held whole. */
export class ShardReader {
  readonly shape: ImageShape;
  readonly nImages: number;
  readonly #files: { readonly name: string; readonly fd: number; readonly dataOffset: number }[] = [];
  readonly #starts: number[] = [];
  #closed = false;

  /** @throws GanDlError `damaged-dataset` when a shard is missing, too short or of another shape than the manifest says. */
  constructor(root: string, shards: readonly ShardEntry[], shape: ImageShape) {
    this.shape = shape;
    let start = 0;
    try {
      for (const shard of shards) {
        this.#starts.push(start);
        this.#files.push(openShard(root, shard, shape));
        start += shard.nSites;
      }
    } catch (error) {
      this.close();
      throw error;
    }
    this.nImages = start;
  }

  /** Reads `count` values of image `index`, from value `offset` of its `[c,h,w]` on, into `out` at `at`. */
  readSync(index: number, offset: number, count: number, out: Pixels, at: number): void {
    const { file, position } = this.#place(index, offset);
    const size = bytesPerValue(this.shape.dtype);
    const got = readSync(file.fd, asBytes(out), at * size, count * size, position);
    if (got !== count * size) throw damagedDataset(file.name, "it ends before its last image.");
  }

  /** As {@link readSync}, without blocking. */
  async read(index: number, offset: number, count: number, out: Pixels, at: number): Promise<void> {
    const { file, position } = this.#place(index, offset);
    const size = bytesPerValue(this.shape.dtype);
    const { bytesRead } = await readAsync(file.fd, asBytes(out), at * size, count * size, position);
    if (bytesRead !== count * size) throw damagedDataset(file.name, "it ends before its last image.");
  }

  /** How many images from `index` on lie in the same shard, and so can be read in one go. */
  runLength(index: number): number {
    const shard = this.#shardOf(index);
    return (this.#starts[shard + 1] ?? this.nImages) - index;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { fd } of this.#files) closeSync(fd);
  }

  #place(index: number, offset: number) {
    if (this.#closed) throw new Error("internal: a closed data set is read");
    if (!(index >= 0 && index < this.nImages))
      throw new RangeError(`there is no image ${index}; there are ${this.nImages}`);
    const shard = this.#shardOf(index);
    const file = this.#files[shard]!;
    const values = (index - this.#starts[shard]!) * valuesPerImage(this.shape) + offset;
    return { file, position: file.dataOffset + values * bytesPerValue(this.shape.dtype) };
  }

  #shardOf(index: number): number {
    let shard = this.#starts.length - 1;
    while (shard > 0 && this.#starts[shard]! > index) shard--;
    return shard;
  }
}

function openShard(root: string, shard: ShardEntry, shape: ImageShape) {
  const path = join(root, shard.file);
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    throw damagedDataset(root, `${shard.file} cannot be opened.`, error);
  }
  try {
    const head = new Uint8Array(NPY_HEADER_BYTES);
    const header = parseNpyHeader(head.subarray(0, readSync(fd, head, 0, head.length, 0)), shard.file);
    const want = [shard.nSites, shape.channels, shape.heightPx, shape.widthPx];
    if (header.dtype !== shape.dtype || header.shape.join() !== want.join())
      throw damagedDataset(
        root,
        `${shard.file} holds ${header.dtype} [${header.shape}], not ${shape.dtype} [${want}].`,
      );
    return { name: shard.file, fd, dataOffset: header.dataOffset };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
