// Finding a data set's metadata table in a folder or zip, and recognising which preset it belongs to.
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import type { DatasetDefinition } from "./datasets/define-dataset.ts";
import { datasets } from "./datasets/index.ts";
import { noMetadata, undetectedDataset, unknownColumn } from "./errors.ts";
import type { ImageSource } from "./image-source.ts";
import { readTable, type Table } from "./table-files.ts";

/** A metadata table and where its image paths start. */
export interface Metadata {
  /** The table's name for messages, e.g. `metadata.csv`. */
  readonly file: string;
  /** Folder inside the source that image paths are relative to: `""` or ending in `/`. */
  readonly folder: string;
  readonly table: Table;
}

/**
 * Reads the metadata table of `source`.
 * @param names file names to look for, at the top and one folder below. @param path a table outside the source instead.
 * @throws GanDlError `no-metadata`, `bad-table`, `source-not-found`.
 */
export async function readMetadata(source: ImageSource, names: readonly string[], path?: string): Promise<Metadata> {
  if (path === undefined) return readAnyMetadata(source, names);
  const known = toldTables.get(source) ?? new Map<string, Promise<Metadata>>();
  toldTables.set(source, known);
  const before = known.get(path) ?? readAnyMetadata(source, names, path);
  known.set(path, before);
  return before;
}

/** Tables given by path, which each layout looks at before a preset does: 300,000 rows are read once. */
const toldTables = new WeakMap<ImageSource, Map<string, Promise<Metadata>>>();

async function readAnyMetadata(source: ImageSource, names: readonly string[], path?: string): Promise<Metadata> {
  if (path !== undefined && (await isFile(path)))
    return { file: basename(path), folder: "", table: await readTable(path) };
  const wanted = path === undefined ? names : [path];
  const found = await findInSource(source, wanted);
  if (found === null) throw noMetadata(source.name, wanted);
  const cut = found.lastIndexOf("/") + 1;
  return { file: found.slice(cut), folder: found.slice(0, cut), table: await readTableInside(source, found) };
}

/** Every file name under which a preset keeps its table. */
export const allMetadataFiles = (): string[] => [...new Set(datasets.flatMap((dataset) => dataset.metadataFiles))];

/**
 * Returns the preset whose telltale columns (and marker file, if it has one) are there.
 * @throws GanDlError `unknown-dataset` listing the columns found.
 */
export async function recogniseDataset(source: ImageSource, metadata: Metadata): Promise<DatasetDefinition> {
  const columns = [...metadata.table.columns.keys()];
  for (const dataset of datasets) {
    const telltales = dataset.telltaleColumns ?? dataset.columns;
    if (!telltales.every((name) => columns.includes(name)) || !hasTelltaleValue(dataset, metadata)) continue;
    if (dataset.markerFile === undefined || (await source.has(metadata.folder + dataset.markerFile))) return dataset;
  }
  throw undetectedDataset(source.name, columns, [...datasets.map((dataset) => dataset.id), "table"]);
}

function hasTelltaleValue({ telltaleValues: told }: DatasetDefinition, { table }: Metadata): boolean {
  if (told === undefined) return true;
  return (table.columns.get(told.column) ?? []).some((value) => told.values.includes(String(value ?? "").trim()));
}

/** @throws GanDlError `unknown-column` naming every column of the preset that the table lacks. */
export function checkColumns(dataset: DatasetDefinition, metadata: Metadata): void {
  const present = [...metadata.table.columns.keys()];
  const missing = dataset.columns.filter((name) => !present.includes(name));
  if (missing.length > 0) throw unknownColumn(metadata.file, missing, present);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (what) => what.isFile(),
    () => false,
  );
}

async function findInSource(source: ImageSource, names: readonly string[]): Promise<string | null> {
  for (const name of names) if (await source.has(name)) return name;
  for (const folder of (await source.list("")).filter((entry) => entry.endsWith("/"))) {
    for (const name of names) if (await source.has(folder + name)) return folder + name;
  }
  return null;
}

/** DuckDB reads files, not bytes, so a table inside a zip passes through a temporary file. */
async function readTableInside(source: ImageSource, path: string): Promise<Table> {
  const folder = await mkdtemp(join(tmpdir(), "gandl-metadata-"));
  try {
    const suffix = path.endsWith(".gz") ? `${extname(path.slice(0, -3))}.gz` : extname(path);
    const copy = join(folder, `metadata${suffix}`);
    await writeFile(copy, await source.read(path));
    return await readTable(copy, { name: `${source.name}/${path}` });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
