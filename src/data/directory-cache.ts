// A remote zip's directory, kept on disk: 140 MB for RxRx19a, fetched once, in parts that survive an interruption.
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { HttpFile } from "./http-file.ts";
import { mapOrdered } from "./map-ordered.ts";
import { type DirectoryPlace, locateDirectory, ZipDirectory } from "./zip-directory.ts";

/** Where fetched directories are kept. */
export interface CacheOptions {
  /** @default `$GANDL_CACHE`, else `gan-dl` in `$XDG_CACHE_HOME` or `~/.cache` */
  readonly cacheFolder?: string;
}

const PART_BYTES = 4 * 1024 * 1024;

const defaultFolder = () =>
  process.env.GANDL_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "gan-dl");

/** The directory of `file`, from the cache when this very version of the file was opened before. */
export async function cachedDirectory(file: HttpFile, options: CacheOptions): Promise<ZipDirectory> {
  const key = createHash("sha256").update(`${file.url}\n${file.size}\n${file.version}`).digest("hex").slice(0, 24);
  const folder = join(options.cacheFolder ?? defaultFolder(), "zip-directories", key);
  const kept = await readKept(folder, file.name);
  if (kept !== null) return kept;
  const place = await locateDirectory(file);
  const bytes = await fetchDirectory(file, place, folder);
  return new ZipDirectory(file.name, bytes, place);
}

async function readKept(folder: string, name: string): Promise<ZipDirectory | null> {
  try {
    const place = JSON.parse(await readFile(join(folder, "place.json"), "utf8")) as DirectoryPlace;
    return new ZipDirectory(name, await readFile(join(folder, "directory.bin")), place);
  } catch {
    return null; // not there, or spoilt: it is fetched again
  }
}

/** Fetches the directory in parts, each kept as it comes, so that a killed or failed import need not start over. */
async function fetchDirectory(file: HttpFile, place: DirectoryPlace, folder: string): Promise<Buffer> {
  const keeps = await mkdir(folder, { recursive: true }).then(
    () => true,
    () => false, // a cache that cannot be written costs time, nothing else
  );
  const out = Buffer.allocUnsafeSlow(place.bytes);
  const starts = Array.from({ length: Math.ceil(place.bytes / PART_BYTES) }, (_, i) => i * PART_BYTES);
  const part = (start: number) => join(folder, `${start}.part`);
  const fetchPart = async (start: number) => {
    const length = Math.min(PART_BYTES, place.bytes - start);
    const before = await readFile(part(start)).catch(() => null);
    if (before?.length === length) return before.copy(out, start);
    const bytes = await file.read(place.offset + start, length);
    if (keeps) await writeWhole(part(start), bytes);
    return bytes.copy(out, start);
  };
  for await (const copied of mapOrdered(starts, file.parallelReads, fetchPart)) void copied;
  if (keeps) {
    await writeWhole(join(folder, "directory.bin"), out);
    await writeWhole(join(folder, "place.json"), Buffer.from(JSON.stringify(place))); // last: it says the other is whole
    for (const start of starts) await rm(part(start), { force: true });
  }
  return out;
}

async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const partial = `${path}.${process.pid}`;
  await writeFile(partial, bytes);
  await rename(partial, path);
}
