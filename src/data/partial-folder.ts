// A folder that gets its name only when it is whole, and that a killed import finds again.
import { mkdir, open, readdir, readFile, rename, rm, stat, statfs, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { cannotWrite, datasetExists, noSpace, notADataset } from "./errors.ts";
import { importRunning } from "./errors-import.ts";

const LOCK = "lock";

/**
 * Where an import writes until it is done: beside `out`, under a name made of the import's key, so that the same import
 * finds what it left. What other imports left is the user's to remove, so it is only listed.
 */
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
   * Makes the temporary folder, or takes over the one that the same import left.
   * @param key names the import: equal imports have equal keys.
   * @throws GanDlError `dataset-exists`; `not-a-dataset` when overwriting would remove a folder that is something else;
   * `import-running`; `cannot-write`.
   */
  static async open(out: string, overwrite: boolean, key: string): Promise<PartialFolder> {
    const target = resolve(out);
    await checkReplaceable(out, target, overwrite);
    const path = `${target}.partial-${key.slice(0, 12)}`;
    try {
      await mkdir(path, { recursive: true });
    } catch (error) {
      throw cannotWrite(out, error);
    }
    await takeLock(path);
    return new PartialFolder(target, path, overwrite);
  }

  /** Names of temporary folders that other imports into the same place left behind when they were killed. */
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
      await rm(join(this.path, LOCK), { force: true });
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

  /** Leaves the folder as it is, for the same import to continue. */
  async keep(): Promise<void> {
    if (!this.#done) await rm(join(this.path, LOCK), { force: true });
    this.#done = true;
  }

  /** Removes everything in the folder, to start over. */
  async clear(): Promise<void> {
    for (const name of await readdir(this.path)) {
      if (name !== LOCK) await rm(join(this.path, name), { recursive: true, force: true });
    }
  }

  /** Removes the temporary folder, unless it was committed or kept. */
  async discard(): Promise<void> {
    if (!this.#done) await rm(this.path, { recursive: true, force: true });
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** @throws GanDlError `import-running` while the process that holds the lock lives, or cannot be asked. */
async function takeLock(folder: string): Promise<void> {
  const path = join(folder, LOCK);
  const mine = JSON.stringify({ pid: process.pid, host: hostname() });
  for (let attempt = 0; ; attempt++) {
    try {
      await writeFile(path, mine, { flag: "wx" });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt > 1) throw cannotWrite(folder, error);
    }
    const { pid, host } = await holderOf(path);
    if (pid !== 0 && (host !== hostname() || isAlive(pid))) throw importRunning(folder, pid, host);
    await rm(path, { force: true });
  }
}

/** Who wrote the lock; nobody when it is empty, as a kill at the wrong moment leaves it. */
async function holderOf(path: string): Promise<{ pid: number; host: string }> {
  try {
    const { pid, host } = JSON.parse(await readFile(path, "utf8")) as { pid: number; host: string };
    return { pid, host };
  } catch {
    return { pid: 0, host: "" };
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function checkReplaceable(out: string, target: string, overwrite: boolean): Promise<void> {
  if (!(await exists(target))) return;
  const entries = await readdir(target).catch(() => null);
  if (entries?.length === 0) return; // an empty folder is nobody's work
  if (!overwrite) throw datasetExists(out);
  if (!(await exists(join(target, "dataset.json")))) throw notADataset(out);
}

/** Writes `content` and waits until the disk has it. */
export async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Bytes free where `path` is or will be, by its nearest folder that is there. */
export async function freeSpace(path: string): Promise<number> {
  let folder = resolve(path);
  while (!(await exists(folder)) && dirname(folder) !== folder) folder = dirname(folder);
  const disk = await statfs(folder);
  return disk.bavail * disk.bsize;
}

/** @param out what the error calls the place of `folder`. @throws GanDlError `no-space` when its disk has fewer bytes free. */
export async function checkSpace(folder: string, out: string, needBytes: number): Promise<void> {
  const freeBytes = await freeSpace(folder);
  if (freeBytes < needBytes) throw noSpace(out, needBytes, freeBytes);
}
