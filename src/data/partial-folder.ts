// A folder that gets its name only when it is whole.
import { mkdir, open, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { cannotWrite, datasetExists, noSpace, notADataset } from "./errors.ts";

/** Where an import writes until it is done. Removing what an earlier, killed one left is the user's choice, so it is only listed. */
export class PartialFolder {
  /** The temporary folder, beside the final one so that renaming is one step of the file system. */
  readonly path: string;
  readonly #out: string;
  readonly #overwrite: boolean;
  #done = false;

  private constructor(out: string, path: string, overwrite: boolean) {
    this.#out = out;
    this.path = path;
    this.#overwrite = overwrite;
  }

  /**
   * Makes the temporary folder.
   * @throws GanDlError `dataset-exists`; `not-a-dataset` when overwriting would remove a folder that is something else;
   * `cannot-write`.
   */
  static async create(out: string, overwrite: boolean): Promise<PartialFolder> {
    const target = resolve(out);
    await checkReplaceable(out, target, overwrite);
    const path = `${target}.partial-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
    try {
      await mkdir(path, { recursive: true });
    } catch (error) {
      throw cannotWrite(out, error);
    }
    return new PartialFolder(target, path, overwrite);
  }

  /** Names of temporary folders that earlier imports into the same place left behind when they were killed. */
  async leftovers(): Promise<string[]> {
    const mine = basename(this.path);
    const names = await readdir(dirname(this.#out));
    return names.filter((name) => name.startsWith(`${basename(this.#out)}.partial-`) && name !== mine);
  }

  /** Gives the folder its final name, replacing an old data set if that was asked for. @throws GanDlError `cannot-write`, `dataset-exists`. */
  async commit(): Promise<void> {
    await checkReplaceable(this.#out, this.#out, this.#overwrite);
    const old = `${this.path}.old`;
    try {
      const replaces = await exists(this.#out);
      if (replaces) await rename(this.#out, old);
      await rename(this.path, this.#out);
      this.#done = true;
      if (replaces) await rm(old, { recursive: true, force: true });
    } catch (error) {
      if (!this.#done && (await exists(old))) await rename(old, this.#out);
      throw cannotWrite(this.#out, error);
    }
  }

  /** Removes the temporary folder, unless it was committed. */
  async discard(): Promise<void> {
    if (!this.#done) await rm(this.path, { recursive: true, force: true });
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

async function checkReplaceable(out: string, target: string, overwrite: boolean): Promise<void> {
  if (!(await exists(target))) return;
  const entries = await readdir(target).catch(() => null);
  if (entries?.length === 0) return; // an empty folder is nobody's work
  if (!overwrite) throw datasetExists(out);
  if (!(await exists(join(target, "dataset.json")))) throw notADataset(out);
}

/** Writes `text` and waits until the disk has it. */
export async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @param out what the error calls the place of `folder`. @throws GanDlError `no-space` when its disk has fewer bytes free. */
export async function checkSpace(folder: string, out: string, needBytes: number): Promise<void> {
  const disk = await statfs(folder);
  const freeBytes = disk.bavail * disk.bsize;
  if (freeBytes < needBytes) throw noSpace(out, needBytes, freeBytes);
}
