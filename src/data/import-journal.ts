// How far an import has come, on disk: a line whenever everything before it is safe, so that a kill costs minutes, not days.
import { mkdir, open, readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { SkippedSite } from "./planned-site.ts";
import { SiteMeasures } from "./site-measures.ts";

/** One checkpoint. */
interface Line {
  /** Counts up from 1. */
  readonly version: number;
  /** Planned sites dealt with. */
  readonly done: number;
  /** Of these, the stored ones. */
  readonly kept: number;
  /** Sites left out since the line before, by their position in the plan. */
  readonly skipped: readonly { readonly index: number; readonly skip: SkippedSite }[];
}

/** The journal of one import, with the measures of every stored field beside it. */
export class ImportJournal {
  readonly measures: SiteMeasures;
  readonly #folder: string;
  #version = 0;
  #done = 0;
  #savedMeasures = 0;
  /** Every site left out so far, by its position in the plan. */
  readonly skipped = new Map<number, SkippedSite>();
  #unsaved: { index: number; skip: SkippedSite }[] = [];

  private constructor(folder: string, nChannels: number) {
    this.#folder = folder;
    this.measures = new SiteMeasures(nChannels);
  }

  /** Opens the journal in `folder`, empty or as the last whole line left it. */
  static async open(folder: string, nChannels: number): Promise<ImportJournal> {
    await mkdir(folder, { recursive: true });
    const journal = new ImportJournal(folder, nChannels);
    const text = await readFile(journal.#lines, "utf8").catch(() => "");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1); // a line without its end was being written
    for (const json of whole.split("\n")) if (json !== "") journal.#replay(JSON.parse(json) as Line);
    if (whole.length < text.length) await truncate(journal.#lines, Buffer.byteLength(whole));
    if (journal.#version > 0) {
      const bytes = journal.#savedMeasures * journal.measures.recordBytes;
      await truncate(journal.#measuresFile, bytes);
      journal.measures.load(await readFile(journal.#measuresFile));
    }
    return journal;
  }

  /** The last checkpoint's number; 0 before the first. */
  get version(): number {
    return this.#version;
  }

  /** Planned sites dealt with at the last checkpoint. */
  get done(): number {
    return this.#done;
  }

  skip(index: number, skip: SkippedSite): void {
    this.skipped.set(index, skip);
    this.#unsaved.push({ index, skip });
  }

  /** Writes a checkpoint; call when everything else of it is on disk. */
  async checkpoint(done: number): Promise<void> {
    await appendSynced(this.#measuresFile, this.measures.bytesFrom(this.#savedMeasures));
    const line: Line = { version: this.#version + 1, done, kept: this.measures.n, skipped: this.#unsaved };
    await appendSynced(this.#lines, Buffer.from(`${JSON.stringify(line)}\n`));
    this.#savedMeasures = this.measures.n;
    this.#version++;
    this.#done = done;
    this.#unsaved = [];
  }

  #replay(line: Line): void {
    this.#version = line.version;
    this.#done = line.done;
    this.#savedMeasures = line.kept;
    for (const { index, skip } of line.skipped) this.skipped.set(index, skip);
  }

  get #lines(): string {
    return join(this.#folder, "journal.jsonl");
  }

  get #measuresFile(): string {
    return join(this.#folder, "measures.bin");
  }
}

async function appendSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "a");
  try {
    await file.appendFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
