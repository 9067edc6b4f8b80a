// A run folder on disk: its lock, its small JSON files and its event log. Files appear whole or not at all.
import { execFileSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
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

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/**
 * Takes the folder for this process. A lock left by a process that is gone is taken over.
 * @returns a function that gives the folder back. @throws GanDlError `run-locked`.
 */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "run.lock");
  await mkdir(folder, { recursive: true });
  for (let attempt = 0; ; attempt++) {
    try {
      const file = await open(path, "wx");
      await file.writeFile(String(process.pid));
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw cannotWrite(path, error);
    }
    const pid = Number(await readFile(path, "utf8").catch(() => ""));
    if ((pid > 0 && isAlive(pid)) || attempt > 2) throw runLocked(folder, pid);
    await rm(path, { force: true });
  }
}

/** Appends events, one write a line: a kill cuts at most the last line. */
export class EventLog {
  readonly #path: string;
  readonly #file: number;

  constructor(folder: string) {
    this.#path = join(folder, "events.jsonl");
    this.#file = openSync(this.#path, "a");
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

function commitOf(folder: string): string | null {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return null; // not a git checkout, or no git
  }
}

/** What makes this run, for `provenance.json`. */
export async function provenanceOf(config: ResolvedTrainConfig, manifest: DatasetManifest): Promise<Provenance> {
  const { version } = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8")) as { version: string };
  return {
    ...{ ganDlVersion: version, commit: commitOf(packageRoot), node: process.version, libtorch: systemInfo().libtorch },
    ...{
      device: config.device,
      threads: threads(),
      platform: `${process.platform} ${process.arch}, ${availableParallelism()} cores`,
    },
    ...{
      datasetId: manifest.id,
      datasetFingerprint: manifest.fingerprint,
      seed: config.seed,
      startedAt: new Date().toISOString(),
    },
  };
}
