// A run of the bench: which rows, one after another, and the file they are written to.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Rng, setThreads } from "gan-dl/tensor";
import { cannotWriteResults, unknownRow } from "./errors.ts";
import { describeMachine } from "./machine.ts";
import { measureRow, type RowResult } from "./measure.ts";
import type { BenchOptions } from "./options.ts";
import { packageRoot } from "./package-root.ts";
import { type PeerSource, startPeerSource } from "./peer-variants.ts";
import { rowsNamed } from "./registry.ts";
import type { BenchRow } from "./row.ts";

/** What a run tells while it goes on. */
export interface BenchListener {
  /** Row number `index` of `total` begins. */
  started(row: BenchRow, index: number, total: number, rounds: number): void;
  /** The peer does what takes long. */
  peer(text: string): void;
  round(done: number, rounds: number): void;
  finished(result: RowResult): void;
}

/** A run's figures: the content of the JSON file. */
export interface BenchReport {
  readonly machine: ReturnType<typeof describeMachine>;
  /** Of the checkout; null where there is none. Ends in `+` where files were changed since. */
  readonly commit: string | null;
  readonly date: string;
  readonly device: string;
  readonly precision: BenchOptions["precision"];
  readonly peer: string | null;
  readonly rows: readonly RowResult[];
}

/** The rows asked for, of those that heed a device or precision of their own. @throws GanDlError `unknown-row`. */
export function chosenRows(
  all: readonly BenchRow[],
  { only, device, precision }: Pick<BenchOptions, "only" | "device" | "precision">,
): readonly BenchRow[] {
  const asUsual = device === "cpu" && precision === "float32";
  const rows = all.filter(
    ({ isWholeTraining, needsCard }) => (asUsual || isWholeTraining) && (device !== "cpu" || !needsCard),
  );
  if (only === null) return rows;
  const chosen = rowsNamed(rows, only);
  if (chosen.length > 0) return chosen;
  const parts = only.split("/").filter((part) => part !== "");
  throw unknownRow(
    only,
    rows
      .map((row) => row.name)
      .filter((name) => parts.some((part) => name.includes(part)))
      .slice(0, 4),
  );
}

/**
 * Measures rows and, where a file is named, writes them when all are measured.
 * @throws GanDlError `unknown-row`, `no-device`, `peer-not-found`, `peer-failed`, `cannot-write`.
 */
export async function runBench(
  rows: readonly BenchRow[],
  options: BenchOptions,
  listener: BenchListener,
): Promise<BenchReport> {
  const chosen = chosenRows(rows, options);
  if (options.json !== null) await writeResults(options.json, null); // before an hour of work, not after it
  // Loads LibTorch, which sets how long OpenMP spins at a barrier; the peer, started after it, inherits that: the same for both.
  setThreads(options.threads);
  new Rng(0, options.device).dispose(); // throws where there is no such device
  const folders: string[] = [];
  const removeFolders = () => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  };
  const onProgress = (text: string) => listener.peer(text);
  const peer = options.peer === null ? null : await startPeerSource(options.peer, { ...options, onProgress });
  const cleanUp = () => {
    peer?.close();
    removeFolders();
  };
  process.on("exit", cleanUp); // also when Ctrl-C ends it
  const { device, precision, threads } = options;
  const context = { peer, device, precision, threads, folder: () => temporaryFolder(folders) };
  const results: RowResult[] = [];
  try {
    for (const [index, row] of chosen.entries()) {
      const rounds = options.rounds ?? row.rounds;
      listener.started(row, index, chosen.length, rounds);
      const result = await measureRow(row, context, { rounds, onRound: (done) => listener.round(done, rounds) });
      removeFolders();
      results.push(result);
      listener.finished(result);
    }
  } finally {
    process.off("exit", cleanUp);
    cleanUp();
  }
  const report = reportOf(results, peer, options);
  if (options.json !== null) await writeResults(options.json, report);
  return report;
}

function temporaryFolder(folders: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "gandl-bench-"));
  folders.push(folder);
  return folder;
}

const reportOf = (rows: readonly RowResult[], peer: PeerSource | null, options: BenchOptions): BenchReport => ({
  machine: describeMachine(),
  commit: commitOfPackage(),
  date: new Date().toISOString(),
  device: options.device,
  precision: options.precision,
  peer: peer?.description ?? null,
  rows,
});

/** Writes the report whole; without one it only makes sure that it could. */
async function writeResults(file: string, report: BenchReport | null): Promise<void> {
  const partial = `${file}.partial`;
  try {
    await writeFile(partial, report === null ? "" : `${JSON.stringify(report, null, 2)}\n`);
    await (report === null ? rm(partial) : rename(partial, file));
  } catch (error) {
    throw cannotWriteResults(file, error);
  }
}

function commitOfPackage(): string | null {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: packageRoot, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return git("rev-parse", "HEAD") + (git("status", "--porcelain") === "" ? "" : "+");
  } catch {
    return null; // not a git checkout, or no git
  }
}
