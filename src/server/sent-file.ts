// A file as an answer, read as it is taken.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { bodyOf } from "./body-of.ts";

/** Content types of what is served from disk, by the file's ending. */
export const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".png": "image/png",
};

/** The file as a stream; 404 where there is none. @param caching the `Cache-Control`. */
export async function sentFile(path: string, caching: string): Promise<Response> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) return new Response("not found", { status: 404 });
  const type = TYPES[extname(path)] ?? "application/octet-stream";
  const headers = { "Content-Type": type, "Content-Length": String(found.size), "Cache-Control": caching };
  return new Response(bodyOf(read(path)), { headers });
}

/** Opened when the first piece is asked for, closed when the reader goes. */
async function* read(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path);
}
