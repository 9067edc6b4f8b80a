// Answers that lie in folders: the files that `gandl evaluate --out` and `gandl demo` write.
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { z } from "zod";
import { TaskRun } from "../schema/index.ts";

/** One file of answers. */
export interface ResultFile {
  /** Below the folder that was searched. */
  readonly file: string;
  readonly modifiedMs: number;
  readonly runs: readonly TaskRun[];
}

const MAX_DEPTH = 3;
const MAX_BYTES = 64 * 2 ** 20;
const TaskRuns = z.array(TaskRun).min(1);

/**
 * Reads every JSON file of task results in a folder and three levels below; other files are passed over. Newest first.
 * Folders that begin with a dot, and those of pixels and checkpoints, are not entered.
 */
export async function findResults(root: string): Promise<ResultFile[]> {
  const found: ResultFile[] = [];
  await search(root, root, 0, found);
  return found.sort((a, b) => b.modifiedMs - a.modifiedMs || (a.file < b.file ? -1 : 1));
}

const SKIPPED = new Set(["node_modules", "checkpoints", "samples", "pixels", "images", "shards"]);

async function search(root: string, folder: string, depth: number, found: ResultFile[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth < MAX_DEPTH && !entry.name.startsWith(".") && !SKIPPED.has(entry.name))
      await search(root, path, depth + 1, found);
    if (!entry.isFile() || !entry.name.endsWith(".json")) continue;
    const runs = await runsIn(path);
    if (runs) found.push({ file: relative(root, path), modifiedMs: (await stat(path)).mtimeMs, runs });
  }
}

async function runsIn(path: string): Promise<TaskRun[] | null> {
  try {
    if ((await stat(path)).size > MAX_BYTES) return null;
    const text = await readFile(path, "utf8");
    if (!/^\s*\[/.test(text)) return null; // results are a list; most other files are not, and need no parsing
    const parsed = TaskRuns.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null; // being written at this moment, or no JSON
  }
}
