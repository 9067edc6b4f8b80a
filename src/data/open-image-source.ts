// A folder, a zip, or a zip on a server, opened by what its path says.
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { CacheOptions } from "./directory-cache.ts";
import { fileNotInSource, sourceNotFound } from "./errors.ts";
import { notAZipAddress } from "./errors-remote.ts";
import type { HttpOptions } from "./http-file.ts";
import type { FileFacts, ImageSource } from "./image-source.ts";
import { checkSafePath } from "./safe-path.ts";

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
