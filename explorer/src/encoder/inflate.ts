// The browser's own zlib.
import { unreadableFile } from "./errors.ts";

/** Inflates a zlib stream that lies in parts. @throws GanDlError `unreadable-image`. */
export async function inflate(parts: readonly Uint8Array[], file: string): Promise<Uint8Array> {
  try {
    const stream = new Blob(parts as readonly Uint8Array<ArrayBuffer>[] as Uint8Array<ArrayBuffer>[])
      .stream()
      .pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    throw unreadableFile(file, "its compressed pixels are damaged.", cause);
  }
}
