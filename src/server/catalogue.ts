// What lies in the folders served: data sets, runs, embeddings and results, found by their own files.
import { createHash } from "node:crypto";
import { open, readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import type { CatalogueEntry } from "../schema/explorer.ts";
import { noFolder, nothingThere } from "./errors.ts";

/** An entry and where it lies; the path never leaves the server. */
export interface Found {
  readonly entry: CatalogueEntry;
  /** Absolute: a folder (data set, run) or a file (embedding, results). */
  readonly path: string;
  /** Of the data set, where the file says it. */
  readonly fingerprint: string | null;
}

type Kind = CatalogueEntry["kind"];

const DEEPEST = 6;
const FRESH_MS = 2000;
/** Folders that hold parts of what was found already, or nothing of ours. */
const SKIPPED = new Set(["node_modules", ".git", "shards", "checkpoints", "samples", "images", "work"]);

/** The folders given, walked again when asked after a while, so that a new run appears without a restart. */
export class CatalogueOfFolders {
  readonly folders: readonly string[];
  #found: Promise<readonly Found[]> | null = null;
  #at = Number.NEGATIVE_INFINITY;

  private constructor(folders: readonly string[]) {
    this.folders = folders;
  }

  /** @throws GanDlError `no-folder`. */
  static async open(folders: readonly string[]): Promise<CatalogueOfFolders> {
    const real = await Promise.all(
      folders.map(async (folder) => {
        try {
          const path = await realpath(folder);
          if ((await stat(path)).isDirectory()) return path;
        } catch (cause) {
          throw noFolder(folder, cause);
        }
        throw noFolder(folder);
      }),
    );
    return new CatalogueOfFolders([...new Set(real)]);
  }

  /** Everything there, by kind and name. */
  async all(): Promise<readonly Found[]> {
    if (this.#found === null || performance.now() - this.#at > FRESH_MS) {
      this.#at = performance.now();
      this.#found = this.#walk();
    }
    return this.#found;
  }

  /** @throws GanDlError `not-found`. */
  async find(kind: Kind, id: string): Promise<Found> {
    const found = (await this.all()).find(({ entry }) => entry.kind === kind && entry.id === id);
    if (!found) throw nothingThere(kind === "dataset" ? "data set" : kind, id);
    return found;
  }

  async #walk(): Promise<readonly Found[]> {
    const found: Found[] = [];
    for (const folder of this.folders) await walk(folder, folder, 0, found);
    const unique = new Map(found.map((item) => [item.entry.id, item]));
    return [...unique.values()].sort(
      (a, b) => a.entry.kind.localeCompare(b.entry.kind) || a.entry.name.localeCompare(b.entry.name),
    );
  }
}

/** Links are not followed: what they point at was not given. */
async function walk(root: string, folder: string, depth: number, found: Found[]): Promise<void> {
  const items = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = new Set(items.filter((item) => item.isFile()).map(({ name }) => name));
  const add = async (kind: Kind, path: string, facts: Promise<Facts | null>) => {
    const known = await facts;
    if (known) found.push(describe(root, kind, path, known));
  };
  if (names.has("dataset.json")) await add("dataset", folder, datasetFacts(folder));
  if (names.has("config.resolved.json") && names.has("events.jsonl")) await add("run", folder, runFacts(folder));
  if (names.has("summary.json")) await add("results", join(folder, "summary.json"), resultsFacts(folder));
  for (const name of names)
    if (name.endsWith(".parquet") && name !== "sites.parquet")
      await add("embedding", join(folder, name), embeddingFacts(join(folder, name)));
  if (depth === DEEPEST) return;
  for (const item of items)
    if (item.isDirectory() && !SKIPPED.has(item.name) && !item.name.includes(".partial"))
      await walk(root, join(folder, item.name), depth + 1, found);
}

interface Facts {
  readonly title: string;
  readonly detail: string;
  readonly synthetic: boolean;
  readonly fingerprint: string | null;
}

function describe(root: string, kind: Kind, path: string, { title, detail, synthetic, fingerprint }: Facts): Found {
  const id = createHash("sha256").update(`${kind}:${path}`).digest("hex").slice(0, 12);
  const name = [basename(root), ...relative(root, path).split(sep)].filter((part) => part !== "").join("/");
  return { entry: { id, kind, name, title, detail, synthetic }, path, fingerprint };
}

async function readJson(path: string): Promise<Record<string, unknown> | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null; // not ours, or being written
  }
}

const text = (value: unknown, otherwise: string) => (typeof value === "string" && value !== "" ? value : otherwise);
const count = (value: unknown) => (typeof value === "number" ? value.toLocaleString("en") : "?");

async function datasetFacts(folder: string): Promise<Facts | null> {
  const json = await readJson(join(folder, "dataset.json"));
  if (json?.kind !== "gandl-dataset") return null;
  const nChannels = Array.isArray(json.channels) ? json.channels.length : 0;
  return {
    title: text(json.title, basename(folder)),
    detail: `${count(json.nSites)} images of ${json.heightPx ?? "?"} × ${json.widthPx ?? "?"} px, ${nChannels} stain${nChannels === 1 ? "" : "s"}`,
    synthetic: json.synthetic === true,
    fingerprint: text(json.fingerprint, "") || null,
  };
}

async function runFacts(folder: string): Promise<Facts | null> {
  const config = await readJson(join(folder, "config.resolved.json"));
  if (config === null) return null;
  const data = config.data as { resolutionPx?: unknown } | undefined;
  return {
    title: basename(folder),
    detail: `training at ${data?.resolutionPx ?? "?"} px`,
    synthetic: false,
    fingerprint: null,
  };
}

async function resultsFacts(folder: string): Promise<Facts | null> {
  const json = await readJson(join(folder, "summary.json"));
  if (json === null) return null;
  return {
    title: text(json.title, basename(folder)),
    detail: "results of a study",
    synthetic: false,
    fingerprint: null,
  };
}

async function embeddingFacts(path: string): Promise<Facts | null> {
  const header = await readJson(path.replace(/\.parquet$/, ".json"));
  if (header?.kind !== "gandl-embedding") return (await mentionsFeatures(path)) ? plainTable(path) : null;
  return {
    title: text(header.encoder, basename(path)),
    detail: `${count(header.nRows)} rows of ${count(header.nFeatures)} features`,
    synthetic: false,
    fingerprint: text(header.datasetFingerprint, "") || null,
  };
}

const plainTable = (path: string): Facts => ({
  ...{ title: basename(path), detail: "a table with feature columns", synthetic: false, fingerprint: null },
});

/** Names of columns stand in clear text in a Parquet file's last bytes: enough to tell, without opening every table. */
async function mentionsFeatures(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, 65536);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.includes("feature_0");
  } catch {
    return false;
  } finally {
    await file.close();
  }
}
