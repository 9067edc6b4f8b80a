// What the explorer must know of a run to follow it or to draw from it.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CheckpointHeader } from "../schema/index.ts";

/** Where a run lies; the folder never leaves the server. */
export interface RunPlace {
  /** Names the run in addresses. */
  readonly id: string;
  readonly name: string;
  readonly folder: string;
}

/** A run as its files tell. */
export interface RunDetails extends Omit<RunPlace, "folder"> {
  /** Kimg of its whole checkpoints, upwards. */
  readonly checkpoints: readonly number[];
  /** The classes that its networks were told; none for most. */
  readonly classes: readonly string[];
}

/** A run as a list shows it. */
export async function runDetails({ id, name, folder }: RunPlace): Promise<RunDetails> {
  const headers = await headersOf(folder);
  const classes = headers.at(-1)?.labels?.classes ?? [];
  return { id, name, checkpoints: headers.map(({ kimg }) => kimg), classes };
}

/** The stains of a run's images in their order, as its last checkpoint names them; none before the first. */
export async function stainsOfRun(folder: string): Promise<{ name: string; colour: string }[]> {
  const channels = (await headersOf(folder)).at(-1)?.channels ?? [];
  return channels.map(({ name, colour }) => ({ name, colour }));
}

/** The headers of a run's checkpoints, oldest first; those that are being written or removed are left out. */
async function headersOf(folder: string): Promise<CheckpointHeader[]> {
  const names = await readdir(join(folder, "checkpoints")).catch(() => [] as string[]);
  const headers: CheckpointHeader[] = [];
  for (const file of names.filter((n) => n.endsWith(".json"))) {
    try {
      const parsed = CheckpointHeader.safeParse(JSON.parse(await readFile(join(folder, "checkpoints", file), "utf8")));
      if (parsed.success) headers.push(parsed.data);
    } catch {} // removed as old at this moment, or not whole: no checkpoint
  }
  return headers.sort((a, b) => a.imagesSeen - b.imagesSeen);
}
