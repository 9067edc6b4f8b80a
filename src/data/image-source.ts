// A folder or a zip of images behind one interface; nothing is unpacked and nothing is held whole in memory.
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { CacheOptions } from "./directory-cache.ts";
import { fileNotInSource, sourceNotFound, unsafePath } from "./errors.ts";
import { notAZipAddress } from "./errors-remote.ts";
import type { HttpOptions } from "./http-file.ts";

/** What a source knows of a file before it is read. */
export interface FileFacts {
  /** Bytes that reading it takes. */
  readonly bytes: number;
  /** Changes when the content does: a checksum, or size and time. */
  readonly mark: string;
}

/** Read access to the files of a data set. Paths are relative, with `/`, exactly as the metadata spells them. */
export interface ImageSource {
  /** Files worth reading at a time: few from a disk, many from a server. */
  readonly parallelReads: number;
  /** Whether `about` answers from memory. */
  readonly knowsAllFiles: boolean;
  /** The file or folder name, without its path: safe to print and to keep in `dataset.json`. */
  readonly name: string;
  /** Bytes of the file `path`, owned by the caller. @throws GanDlError `missing-file`, `bad-zip`, `unsafe-path`. */
  read(path: string): Promise<Uint8Array>;
  /** What is known of the file `path` without reading it. @throws GanDlError `missing-file`, `unsafe-path`. */
  about(path: string): Promise<FileFacts>;
  /** Whether the file `path` is there. @throws GanDlError `unsafe-path`. */
  has(path: string): Promise<boolean>;
  /** Names of what lies directly in `folder` (`""` is the top); folders end in `/`. Empty when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Where a file of a folder lies on disk, for readers that open files themselves. @throws GanDlError `unsafe-path`. */
  localPath?(path: string): string;
  close(): Promise<void>;
}

/** How a remote source is fetched and where its directory is kept; a local one needs nothing. */
export type SourceOptions = HttpOptions & CacheOptions;

/**
 * Opens a folder, or a `.zip` by its directory: on disk, or at an http(s) address, where only what is read is fetched.
 * @throws GanDlError `source-not-found`, `bad-zip`, `unsafe-path`; for an address also `remote-refused`, `remote-failed`,
 * `no-range-support`.
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { openImageSource } from "gan-dl/data";
 * const folder = mkdtempSync(join(tmpdir(), "gandl-example-"));
 * writeFileSync(join(folder, "a.txt"), "x");
 * const source = await openImageSource(folder);
 * console.assert((await source.has("a.txt")) && !(await source.has("b.txt")));
 * ```
 */
export async function openImageSource(path: string, options: SourceOptions = {}): Promise<ImageSource> {
  if (/^https?:\/\//i.test(path)) {
    if (!URL.canParse(path) || !/\.zip$/i.test(new URL(path).pathname)) throw notAZipAddress(path);
    const { openRemoteZip } = await import("./zip-source.ts");
    return openRemoteZip(path, options);
  }
  const what = await stat(path).catch((error: unknown) => {
    throw sourceNotFound(path, "a folder or a zip file", error);
  });
  if (what.isDirectory()) return new FolderSource(path);
  if (!/\.zip$/i.test(path)) throw sourceNotFound(path, "a folder or a zip file");
  const { openZipSource } = await import("./zip-source.ts"); // the zip reader loads only where one is read
  return openZipSource(path);
}

/** Refuses what could reach outside the data set: absolute paths, drive letters, `..` and NUL. */
export function checkSafePath(container: string, path: string): void {
  const escapes = path.split(/[/\\]/).includes("..");
  if (escapes || path.includes("\0") || /^([/\\]|[A-Za-z]:[/\\])/.test(path)) throw unsafePath(container, path);
}

class FolderSource implements ImageSource {
  readonly parallelReads = 1;
  readonly knowsAllFiles = false;
  readonly name: string;
  readonly #root: string;
  /** Folder listings seen so far: one readdir answers `has` for a whole plate. */
  readonly #listings = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(root: string) {
    this.#root = root;
    this.name = basename(root);
  }

  async read(path: string): Promise<Uint8Array> {
    checkSafePath(this.name, path);
    try {
      return await readFile(join(this.#root, path));
    } catch (error) {
      throw fileNotInSource(this.name, path, error);
    }
  }

  async about(path: string): Promise<FileFacts> {
    checkSafePath(this.name, path);
    const { size, mtimeMs } = await stat(join(this.#root, path)).catch((error: unknown) => {
      throw fileNotInSource(this.name, path, error);
    });
    return { bytes: size, mark: `${size}-${mtimeMs}` };
  }

  async has(path: string): Promise<boolean> {
    checkSafePath(this.name, path);
    const cut = path.lastIndexOf("/");
    return (await this.#listing(path.slice(0, Math.max(0, cut)))).has(path.slice(cut + 1));
  }

  async list(folder: string): Promise<readonly string[]> {
    checkSafePath(this.name, folder);
    return [...(await this.#listing(folder.replace(/\/$/, "")))];
  }

  localPath(path: string): string {
    checkSafePath(this.name, path);
    return join(this.#root, path);
  }

  async close(): Promise<void> {
    this.#listings.clear();
  }

  #listing(folder: string): Promise<ReadonlySet<string>> {
    let listing = this.#listings.get(folder);
    if (listing === undefined) {
      listing = this.#readFolder(folder);
      this.#listings.set(folder, listing);
    }
    return listing;
  }

  async #readFolder(folder: string): Promise<ReadonlySet<string>> {
    try {
      const entries = await readdir(join(this.#root, folder), { withFileTypes: true });
      return new Set(entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "ENOENT" || code === "ENOTDIR") return new Set();
      throw sourceNotFound(join(this.#root, folder), "a folder", error);
    }
  }
}
