// A run folder on disk: its lock, its small JSON files and its event log. Files appear whole or not at all.
import { execFileSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { link, mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { availableParallelism, hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isGanDlError } from "../core/index.ts";
import type { DatasetManifest, Provenance, ResolvedTrainConfig, TrainEvent } from "../schema/index.ts";
import { systemInfo, threads } from "../tensor/index.ts";
import { cannotWrite, runLocked } from "./errors.ts";

/** Writes a file in one step, flushed to the disk. @throws GanDlError `cannot-write`; the old file is then untouched. */
export async function writeWhole(path: string, data: string | Uint8Array): Promise<void> {
  const partial = `${path}.partial-${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(partial, "w");
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw isGanDlError(error) ? error : cannotWrite(path, error);
  }
}

/** Removes a file, if it is there. @throws GanDlError `cannot-write`. */
export async function removeFile(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** What a JSON text says; null when it is cut short or no JSON, which no schema of a run's files takes. */
export function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Removes what a killed process had not finished writing. */
export async function removePartials(folder: string): Promise<void> {
  for (const part of [".", "checkpoints", "samples"]) {
    const names = await readdir(join(folder, part)).catch(() => [] as string[]);
    for (const name of names.filter((n) => /\.partial-\d+$/.test(n)))
      await rm(join(folder, part, name), { force: true });
  }
}

/** Who trains in a folder. */
interface Holder {
  readonly pid: number;
  readonly host: string;
}

/** Folders that this process holds: tells its own locks from those of a process that had its number before. */
const heldHere = new Set<string>();

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** Whoever is behind the lock is surely gone. Of another machine nothing is sure. */
function isStale(path: string, holder: Holder): boolean {
  if (holder.host !== hostname()) return false;
  return holder.pid === process.pid ? !heldHere.has(path) : !isAlive(holder.pid);
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    const { pid, host } = JSON.parse(await readFile(path, "utf8")) as Partial<Holder>;
    return typeof pid === "number" && typeof host === "string" ? { pid, host } : null;
  } catch {
    return null;
  }
}

/**
 * Takes the folder for this process. A lock left by a process that is gone is taken over.
 * @returns a function that gives the folder back. @throws GanDlError `run-locked`, `cannot-write`.
 */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const path = resolve(folder, "run.lock");
  const draft = `${path}.partial-${process.pid}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(draft, JSON.stringify({ pid: process.pid, host: hostname() } satisfies Holder));
    while (!(await linked(draft, path))) {
      const holder = await readHolder(path);
      if (holder !== null && !isStale(path, holder)) throw runLocked(folder, holder.pid, holder.host);
      await rm(path, { force: true });
    }
    heldHere.add(path);
  } catch (error) {
    throw isGanDlError(error) ? error : cannotWrite(path, error);
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
  return async () => {
    heldHere.delete(path);
    await rm(path, { force: true });
  };
}

/** Gives a file a second name, unless that is taken: a lock appears with its content or not at all. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Appends events, one write a line: a kill cuts at most the last line. */
export class EventLog {
  readonly #path: string;
  readonly #file: number;

  constructor(folder: string) {
    this.#path = join(folder, "events.jsonl");
    try {
      this.#file = openSync(this.#path, "a");
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }
  append(event: TrainEvent): void {
    try {
      writeSync(this.#file, `${JSON.stringify(event)}\n`);
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }
  close(): void {
    closeSync(this.#file);
  }
}

/** Removes what was logged after `step`: a resumed run does those steps again. */
export async function cutEvents(folder: string, step: number): Promise<void> {
  const path = join(folder, "events.jsonl");
  const lines = (await readFile(path, "utf8").catch(() => "")).split("\n");
  const kept = lines.filter((line) => {
    try {
      return line !== "" && (JSON.parse(line) as TrainEvent).step <= step;
    } catch {
      return false; // a line cut short by the kill
    }
  });
  await writeWhole(path, kept.map((line) => `${line}\n`).join(""));
}

const packageRoot = fileURLToPath(new URL("../../", import.meta.url));

/** The commit of a checkout; null where the package lies inside somebody else's repository, or in none. */
function commitOf(folder: string): string | null {
  try {
    const [above, commit] = execFileSync("git", ["rev-parse", "--show-cdup", "HEAD"], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).split("\n");
    return above === "" && commit ? commit : null;
  } catch {
    return null; // not a git checkout, or no git
  }
}

/** What makes this run, for `provenance.json`. */
export async function provenanceOf(
  config: ResolvedTrainConfig,
  manifest: DatasetManifest,
): Promise<Omit<Provenance, "kernels">> {
  const { version } = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8")) as { version: string };
  return {
    ganDlVersion: version,
    commit: commitOf(packageRoot),
    node: process.version,
    libtorch: systemInfo().libtorch,
    device: config.device,
    threads: threads(),
    platform: `${process.platform} ${process.arch}, ${availableParallelism()} cores`,
    datasetId: manifest.id,
    datasetFingerprint: manifest.fingerprint,
    seed: config.seed,
    startedAt: new Date().toISOString(),
  };
}
