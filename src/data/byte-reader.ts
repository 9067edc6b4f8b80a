// Bytes at a place of one large file, wherever it lies: what a zip is read through.
import { type FileHandle, open } from "node:fs/promises";
import { sourceNotFound } from "./errors.ts";

/** Reads parts of one file. */
export interface ByteReader {
  /** What errors call the file. */
  readonly name: string;
  /** Length of the file. */
  readonly size: number;
  /** Reads that pay at a time: a distant file answers late, but many at once. */
  readonly parallelReads: number;
  /** Whether each read is a request over the network. */
  readonly isRemote: boolean;
  /** The bytes from `offset` on, fewer than `length` only where the file ends. */
  read(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Opens a file on disk. @throws GanDlError `source-not-found`. */
export async function openLocalFile(path: string, asWhat: string): Promise<ByteReader> {
  const file = await open(path).catch((error: unknown) => {
    throw sourceNotFound(path, asWhat, error);
  });
  const { size } = await file.stat();
  return {
    name: path,
    size,
    parallelReads: 1,
    isRemote: false,
    read: (offset, length) => readAt(file, offset, length),
    close: () => file.close(),
  };
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await file.read(bytes, 0, length, offset);
  return bytesRead === length ? bytes : bytes.subarray(0, bytesRead);
}
