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
    read: (offset, length) => readAt(file, size, offset, length),
    close: () => file.close(),
  };
}

/** Node's read takes lengths below 2^31 alone, and ends the process on longer ones. */
const LONGEST_READ = 2 ** 30;

async function readAt(file: FileHandle, size: number, offset: number, length: number): Promise<Buffer> {
  const wanted = Math.max(0, Math.min(length, size - offset)); // a length that a damaged file claims costs no memory
  const bytes = Buffer.allocUnsafeSlow(wanted);
  let done = 0;
  while (done < wanted) {
    const { bytesRead } = await file.read(bytes, done, Math.min(LONGEST_READ, wanted - done), offset + done);
    if (bytesRead === 0) break; // cut since it was opened
    done += bytesRead;
  }
  return done === wanted ? bytes : bytes.subarray(0, done);
}
