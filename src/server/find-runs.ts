// Training runs in the folders that are served.
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { CheckpointHeader } from "../schema/index.ts";

/** A run that can be followed or drawn from. */
export interface FoundRun {
  /** Names the run in addresses; of the folder's name and the path below it. */
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  /** Kimg of its whole checkpoints, upwards. */
  readonly checkpoints: readonly number[];
  /** The classes that its networks were told; none for most. */
  readonly classes: readonly string[];
}

const MAX_DEPTH = 3;

/** Finds runs in folders and three levels below: what has an event log or checkpoints. @param folders by name. */
export async function findRuns(folders: ReadonlyMap<string, string>): Promise<FoundRun[]> {
  const runs: FoundRun[] = [];
  for (const [name, root] of folders) await search(name, root, root, 0, runs);
  return runs;
}

async function search(name: string, root: string, folder: string, depth: number, runs: FoundRun[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = new Set(entries.map((entry) => entry.name));
  if (names.has("events.jsonl") || (names.has("checkpoints") && names.has("config.resolved.json"))) {
    const path = relative(root, folder).split(sep).filter(Boolean);
    runs.push({ id: [name, ...path].join("~"), name: [name, ...path].join("/"), folder, ...(await knownOf(folder)) });
    return; // a run holds no other
  }
  if (depth >= MAX_DEPTH) return;
  for (const entry of entries)
    if (entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules")
      await search(name, root, join(folder, entry.name), depth + 1, runs);
}

async function knownOf(folder: string): Promise<Pick<FoundRun, "checkpoints" | "classes">> {
  const names = await readdir(join(folder, "checkpoints")).catch(() => [] as string[]);
  const headers: CheckpointHeader[] = [];
  for (const name of names.filter((n) => n.endsWith(".json"))) {
    try {
      const parsed = CheckpointHeader.safeParse(JSON.parse(await readFile(join(folder, "checkpoints", name), "utf8")));
      if (parsed.success) headers.push(parsed.data);
    } catch {} // removed as old at this moment, or not whole: no checkpoint
  }
  headers.sort((a, b) => a.imagesSeen - b.imagesSeen);
  return { checkpoints: headers.map(({ kimg }) => kimg), classes: headers.at(-1)?.labels?.classes ?? [] };
}
