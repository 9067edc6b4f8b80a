// What an import will read, checked before a single pixel is: rows to sites, duplicates, missing files.
import { isGanDlError } from "../core/errors.ts";
import { type ChannelDefinition, type DatasetDefinition, SourceRow } from "./datasets/define-dataset.ts";
import { datasets } from "./datasets/index.ts";
import { type TableDatasetOptions, tableDataset } from "./datasets/table.ts";
import {
  duplicateSite,
  firstLine,
  missingImages,
  noChannels,
  noSites,
  repeatedChannel,
  unknownChannel,
  unknownDataset,
} from "./errors.ts";
import { notThisLayout } from "./errors-formats.ts";
import { badCount, nothingSelected } from "./errors-import.ts";
import type { ZChoice } from "./formats/image-format.ts";
import type { ImageSource } from "./image-source.ts";
import { layouts } from "./layouts/index.ts";
import type { LayoutOptions, OpenedLayout } from "./layouts/layout.ts";
import { withMarkedPixelSize } from "./marked-pixel-size.ts";
import { allMetadataFiles, checkColumns, type Metadata, readMetadata, recogniseDataset } from "./metadata.ts";
import type { PlannedSite, SkippedSite } from "./planned-site.ts";
import { checkSafePath } from "./safe-path.ts";
import { rowsWhere, type Selection, sampleSites } from "./select-sites.ts";

/** Everything an import needs to know before it reads pixels. */
export interface ImportPlan {
  /** What the planned files are read through: the source given, or a layout's view of it. */
  readonly source: ImageSource;
  readonly dataset: DatasetDefinition;
  readonly metadata: Metadata;
  /** The wanted channels, in stored order. */
  readonly channels: readonly ChannelDefinition[];
  /** Their positions in the preset's panel. */
  readonly channelIndices: readonly number[];
  readonly sites: readonly PlannedSite[];
  readonly skipped: readonly SkippedSite[];
  /** Which plane of a stack in z is read, as asked for. */
  readonly z?: ZChoice;
}

/** The part of an import's options that decides what is read. */
export interface PlanOptions extends Selection, LayoutOptions {
  /** The id of a preset or layout, or `table`; recognised from what lies in the source when left out. */
  readonly dataset?: string;
  /** For `dataset: "table"`. */
  readonly table?: TableDatasetOptions;
  /** The metadata table, where it is not at its usual place: on disk or inside the source; a layout joins it by well. */
  readonly metadata?: string;
  /** Names of the channels to keep, in the order to store them; all when left out. */
  readonly channels?: readonly string[];
  /** Leave out faulty sites, listed and counted, instead of stopping at the first. */
  readonly skipBad?: boolean;
}

/**
 * Plans an import of `source`.
 * @throws GanDlError `unknown-dataset`, `no-metadata`, `bad-table`, `unknown-column`, `unknown-channel`, `bad-template`,
 * `bad-cell`, `duplicate-site`, `unsafe-path`, `missing-images`, `no-sites`.
 */
export async function planImport(given: ImageSource, options: PlanOptions): Promise<ImportPlan> {
  const { dataset: found, metadata, source } = await findDataset(given, options);
  const dataset = await withMarkedPixelSize(found, source, metadata);
  checkColumns(dataset, metadata);
  const channelIndices = chooseChannels(dataset.channels, options.channels);
  const skipped: SkippedSite[] = [];
  const chosen = await chosenRows(dataset, metadata, options);
  const rows = planRows(dataset, metadata, channelIndices, options, chosen, skipped);
  const sampled = sampleSites(rows, options);
  const sites = await withoutMissing(source, metadata, sampled, options.skipBad === true, skipped);
  if (sites.length === 0) {
    const why =
      skipped[0] === undefined
        ? "its metadata has no rows."
        : `all ${skipped.length} sites are faulty; the first: ${skipped[0].reason}`;
    throw noSites(source.name, why);
  }
  const channels = channelIndices.map((i) => dataset.channels[i]!);
  return {
    source,
    dataset,
    metadata,
    channels,
    channelIndices,
    sites,
    skipped,
    ...(options.z === undefined ? {} : { z: options.z }),
  };
}

async function findDataset(source: ImageSource, options: PlanOptions): Promise<OpenedLayout> {
  if (options.dataset === "table" || options.table !== undefined) {
    const names = options.table?.metadataFiles ?? allMetadataFiles();
    const metadata = await readMetadata(source, names, options.metadata);
    const table = options.table ?? { images: "", channels: [] };
    return { dataset: tableDataset(table, [...metadata.table.columns.keys()], metadata.file), metadata, source };
  }
  for (const layout of layouts) {
    if (options.dataset !== undefined && options.dataset !== layout.id) continue;
    const opened = await layout.open(source, options);
    if (opened !== null) return opened;
  }
  if (options.dataset === undefined) {
    const metadata = await readMetadata(source, allMetadataFiles(), options.metadata);
    return { dataset: await recogniseDataset(source, metadata), metadata, source };
  }
  const dataset = datasets.find((candidate) => candidate.id === options.dataset);
  if (dataset !== undefined)
    return { dataset, metadata: await readMetadata(source, dataset.metadataFiles, options.metadata), source };
  if (layouts.some(({ id }) => id === options.dataset)) throw notThisLayout(source.name, options.dataset);
  throw unknownDataset(options.dataset, knownDatasets());
}

/** All that `--dataset` takes. */
const knownDatasets = () => [...new Set([...datasets, ...layouts].map(({ id }) => id)), "table"];

function chooseChannels(panel: readonly ChannelDefinition[], wanted: readonly string[] | undefined): number[] {
  if (wanted === undefined) return panel.map((_, i) => i);
  const names = panel.map((channel) => channel.name);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (wanted.length === 0) throw noChannels();
  if (unknown.length > 0) throw unknownChannel(unknown, names);
  const repeated = wanted.find((name, i) => wanted.indexOf(name) < i);
  if (repeated !== undefined) throw repeatedChannel(repeated);
  return wanted.map((name) => names.indexOf(name));
}

/** The rows that `where` selects. @throws GanDlError `bad-where`, `no-sites`, `bad-count`. */
async function chosenRows(dataset: DatasetDefinition, metadata: Metadata, options: PlanOptions): Promise<number[]> {
  for (const [name, value] of [
    ["--limit", options.limit],
    ["--per-well", options.perWell],
  ] as const) {
    if (value !== undefined && !(Number.isInteger(value) && value > 0)) throw badCount(name, value);
  }
  const { nRows } = metadata.table;
  if (options.where === undefined) return Array.from({ length: nRows }, (_, i) => i);
  const rows = await rowsWhere(options.where, dataset, metadata);
  if (rows.length === 0 && nRows > 0) throw nothingSelected(options.where, nRows);
  return rows;
}

/** Rows to sites; faulty and duplicate rows are thrown, or put in `skipped`. */
function planRows(
  dataset: DatasetDefinition,
  metadata: Metadata,
  channelIndices: readonly number[],
  options: PlanOptions,
  rows: readonly number[],
  skipped: SkippedSite[],
): PlannedSite[] {
  const { columns } = metadata.table;
  const firstRowOf = new Map<string, number>();
  const sites: PlannedSite[] = [];
  for (const i of rows) {
    let siteId = `row ${i + 1}`;
    try {
      const row = new SourceRow(metadata.file, columns, i);
      const site = dataset.site(row);
      siteId = site.site_id;
      const first = firstRowOf.get(siteId);
      if (first !== undefined) throw duplicateSite(metadata.file, siteId, first, i + 1);
      firstRowOf.set(siteId, i + 1);
      sites.push({ site, row: i + 1, ...wantedFiles(dataset, row, metadata, channelIndices) });
    } catch (error) {
      if (options.skipBad !== true || !isGanDlError(error, "bad-cell", "duplicate-site")) throw error;
      skipped.push({ siteId, row: i + 1, reason: firstLine(error) });
    }
  }
  return sites;
}

function wantedFiles(
  dataset: DatasetDefinition,
  row: SourceRow,
  metadata: Metadata,
  channelIndices: readonly number[],
): Pick<PlannedSite, "files" | "holdsAllChannels"> {
  const files = dataset.images(row).map((path) => metadata.folder + path);
  for (const file of files) checkSafePath(metadata.file, file);
  if (files.length === dataset.channels.length) {
    return { files: channelIndices.map((i) => files[i]!), holdsAllChannels: false };
  }
  if (files.length === 1) return { files, holdsAllChannels: true };
  throw new Error(`internal: ${dataset.id} gives ${files.length} files for ${dataset.channels.length} channels`);
}

interface Group {
  sites: number;
  missing: number;
}

/** The sites whose files are all there; the others are thrown, counted by condition, or put in `skipped`. */
async function withoutMissing(
  source: ImageSource,
  metadata: Metadata,
  sites: readonly PlannedSite[],
  skipBad: boolean,
  skipped: SkippedSite[],
): Promise<PlannedSite[]> {
  const groups = new Map<string, Group>();
  const whole: PlannedSite[] = [];
  const examples: string[] = [];
  let missingFiles = 0;
  for (const planned of sites) {
    const absent: string[] = [];
    for (const file of planned.files) if (!(await source.has(file))) absent.push(file);
    const key = `${planned.site.condition ?? "no condition"} (${planned.site.role})`;
    const group = groups.get(key) ?? { sites: 0, missing: 0 };
    groups.set(key, { sites: group.sites + 1, missing: group.missing + (absent.length > 0 ? 1 : 0) });
    missingFiles += absent.length;
    if (examples.length < 3) examples.push(...absent.slice(0, 3 - examples.length));
    if (absent.length === 0) whole.push(planned);
    else skipped.push({ siteId: planned.site.site_id, row: planned.row, reason: `missing ${absent.join(", ")}` });
  }
  if (missingFiles === 0 || skipBad) return whole;
  const files = sites.reduce((sum, planned) => sum + planned.files.length, 0);
  const count = { missingFiles, files, missingSites: sites.length - whole.length, sites: sites.length };
  throw missingImages(`${source.name} (${metadata.file})`, count, describeGroups(groups), examples);
}

function describeGroups(groups: ReadonlyMap<string, Group>): string[] {
  return [...groups]
    .filter(([, group]) => group.missing > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, group]) => `${name}: ${group.missing.toLocaleString("en")} of ${group.sites.toLocaleString("en")} sites`,
    );
}
