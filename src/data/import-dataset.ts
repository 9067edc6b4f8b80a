// From a folder or zip of microscope images to a data set folder: decode, map grey levels, write, count.
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { type GanDlError, isGanDlError } from "../core/errors.ts";
import type { DatasetManifest } from "../schema/dataset.ts";
import { firstLine, importAborted, noSites } from "./errors.ts";
import { type ImageSource, openImageSource } from "./image-source.ts";
import type { IntensityKind } from "./intensity.ts";
import { makeManifest } from "./make-manifest.ts";
import { mapOrdered } from "./map-ordered.ts";
import { writeParquet } from "./parquet-writer.ts";
import { checkSpace, PartialFolder, writeSynced } from "./partial-folder.ts";
import { PixelStore, type StoredPixels } from "./pixel-store.ts";
import { type ImportPlan, type PlannedSite, type PlanOptions, planImport, type SkippedSite } from "./plan-import.ts";
import { decodedShape, probeForm, readSite, type SourceForm } from "./read-site.ts";
import { allocatePixels, DEFAULT_SHARD_BYTES, type ImageShape, type Pixels, valuesPerImage } from "./shards.ts";
import { siteTable } from "./site-table.ts";

/** What to import, where to, and how. */
export interface ImportOptions extends PlanOptions {
  /** A folder or a .zip. */
  readonly source: string;
  /** The data set folder to write. */
  readonly out: string;
  /** Shrinks images by area averaging until their longer side has so many pixels; as they are when left out. */
  readonly resizePx?: number;
  /**
   * What happens to grey levels: kept; 0.5th…99.5th percentile of each channel stretched over 0…255; or each image's
   * channel standardised.
   * @default "none" for 8-bit sources, "percentile" for 16-bit ones
   */
  readonly intensity?: IntensityKind;
  /** Replace the data set at `out`. */
  readonly overwrite?: boolean;
  /** Bound on one shard file. @default 256 MiB */
  readonly shardBytes?: number;
  /** Sites decoded at a time. @default twice the cores */
  readonly inFlight?: number;
  /** Stops the import; nothing of it is kept. */
  readonly signal?: AbortSignal;
}

/** What an import tells while it runs. */
export type ImportEvent =
  | { kind: "started"; datasetId: string; title: string; nSites: number; channels: readonly string[] }
  | { kind: "warning"; message: string }
  | { kind: "skipped"; siteId: string; row: number; reason: string }
  | { kind: "progress"; stage: "decode" | "map"; done: number; total: number }
  | { kind: "finished"; out: string; manifest: DatasetManifest };

/**
 * Imports a data set, yielding what happens; the folder `out` appears only when it is whole.
 *
 * Decoding runs on several sites at once, writing keeps the metadata's order. Memory does not grow with the number of
 * images. A faulty site stops the import, or with `skipBad` is left out, told and listed in `dataset.json`.
 * @throws GanDlError as {@link planImport}, and `source-not-found`, `bad-zip`, `dataset-exists`, `not-a-dataset`,
 * `unreadable-image`, `unsupported-image`, `image-mismatch`, `bad-resize`, `no-space`, `cannot-write`, `aborted`.
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { importDataset } from "gan-dl/data";
 * const folder = mkdtempSync(join(tmpdir(), "gandl-example-"));
 * writeFileSync(join(folder, "metadata.csv"), "plate,well\nP1,A01\n"); // and no image
 * const table = { images: "{plate}/{well}.png", channels: [{ name: "DNA" }] };
 * try {
 *   for await (const event of importDataset({ source: folder, out: join(folder, "out"), table })) void event;
 * } catch (error) {
 *   console.assert(String(error).includes("1 of 1 image files are missing"));
 * }
 * ```
 */
export async function* importDataset(options: ImportOptions): AsyncGenerator<ImportEvent> {
  const source = await openImageSource(options.source);
  try {
    const folder = await PartialFolder.create(options.out, options.overwrite === true);
    try {
      for (const name of await folder.leftovers()) {
        yield { kind: "warning", message: `an earlier import was killed and left ${name}; it can be deleted.` };
      }
      const plan = await planImport(source, options);
      const manifest = yield* importInto(folder.path, source, plan, options);
      await folder.commit();
      yield { kind: "finished", out: resolve(options.out), manifest };
    } finally {
      await folder.discard();
    }
  } finally {
    await source.close();
  }
}

async function* importInto(
  root: string,
  source: ImageSource,
  plan: ImportPlan,
  options: ImportOptions,
): AsyncGenerator<ImportEvent, DatasetManifest> {
  const channels = plan.channels.map((channel) => channel.name);
  const { id, title } = plan.dataset;
  yield { kind: "started", datasetId: id, title, nSites: plan.sites.length, channels };
  for (const skip of plan.skipped) yield { kind: "skipped", ...skip };
  if (plan.sites.every(({ site }) => site.role === "unknown")) {
    yield { kind: "warning", message: "no site has a role, so nothing tells controls from treated wells." };
  }
  const form = await firstForm(source, plan, options.skipBad === true);
  const shape = decodedShape(form, channels.length, options.resizePx);
  const intensity = options.intensity ?? (form.bitDepth === 16 ? "percentile" : "none");
  await checkSpace(root, options.out, PixelStore.bytesNeeded(shape, intensity, plan.sites.length));

  const store = await PixelStore.create(root, shape, intensity, options.shardBytes ?? DEFAULT_SHARD_BYTES);
  try {
    const { kept, skipped } = yield* decodeAll(source, plan, form, shape, store, options);
    const pixels = yield* finishStore(store, kept.length, options);
    return await writeTables(root, source, plan, { form, kept, skipped, pixels, store });
  } finally {
    await store.abandon();
  }
}

/** The form of the first site that can be read; with `skipBad`, faulty ones before it are passed over (and met again later). */
async function firstForm(source: ImageSource, plan: ImportPlan, skipBad: boolean): Promise<SourceForm> {
  let fault: GanDlError | null = null;
  for (const planned of plan.sites) {
    try {
      return await probeForm(source, plan, planned);
    } catch (error) {
      if (!skipBad || !isGanDlError(error)) throw error;
      fault ??= error;
    }
  }
  throw noSites(source.name, `none of its ${plan.sites.length} sites can be decoded; the first: ${firstLine(fault)}`);
}

type SiteResult =
  | { readonly planned: PlannedSite; readonly pixels: Pixels }
  | { readonly planned: PlannedSite; readonly fault: GanDlError };

async function* decodeAll(
  source: ImageSource,
  plan: ImportPlan,
  form: SourceForm,
  shape: ImageShape,
  store: PixelStore,
  options: ImportOptions,
): AsyncGenerator<ImportEvent, { kept: PlannedSite[]; skipped: SkippedSite[] }> {
  const kept: PlannedSite[] = [];
  const skipped: SkippedSite[] = [...plan.skipped];
  const inFlight = options.inFlight ?? 2 * availableParallelism();
  const idle: Pixels[] = []; // buffers go round; fresh ones for each site would keep the garbage collector busy
  const read = async (planned: PlannedSite): Promise<SiteResult> => {
    const pixels = idle.pop() ?? allocatePixels(shape.dtype, valuesPerImage(shape));
    try {
      await readSite(source, plan, planned, form, shape, pixels);
      return { planned, pixels };
    } catch (fault) {
      idle.push(pixels);
      if (options.skipBad === true && isGanDlError(fault)) return { planned, fault };
      throw fault;
    }
  };
  const every = progressStep(plan.sites.length);
  let done = 0;
  for await (const result of mapOrdered(plan.sites, inFlight, read)) {
    if (options.signal?.aborted) throw importAborted(options.out);
    if ("pixels" in result) {
      await store.add(result.pixels);
      idle.push(result.pixels);
      kept.push(result.planned);
    } else {
      const { site, row } = result.planned;
      const skip = { siteId: site.site_id, row, reason: firstLine(result.fault) };
      skipped.push(skip);
      yield { kind: "skipped", ...skip };
    }
    done++;
    if (done % every === 0 || done === plan.sites.length) {
      yield { kind: "progress", stage: "decode", done, total: plan.sites.length };
    }
  }
  if (kept.length === 0) throw noSites(source.name, `all ${done} sites are faulty; the first: ${skipped[0]?.reason}`);
  return { kept, skipped };
}

async function* finishStore(
  store: PixelStore,
  total: number,
  options: ImportOptions,
): AsyncGenerator<ImportEvent, StoredPixels> {
  const finishing = store.finish();
  const every = progressStep(total);
  for (let next = await finishing.next(); ; next = await finishing.next()) {
    if (next.done) return next.value;
    if (options.signal?.aborted) {
      await finishing.return(undefined as never);
      throw importAborted(options.out);
    }
    if (next.value % every === 0 || next.value === total) {
      yield { kind: "progress", stage: "map", done: next.value, total };
    }
  }
}

/** About 200 progress events an import, however large. */
const progressStep = (total: number) => Math.max(1, Math.floor(total / 200));

interface Imported {
  readonly form: SourceForm;
  readonly kept: readonly PlannedSite[];
  readonly skipped: readonly SkippedSite[];
  readonly pixels: StoredPixels;
  readonly store: PixelStore;
}

async function writeTables(
  root: string,
  source: ImageSource,
  plan: ImportPlan,
  imported: Imported,
): Promise<DatasetManifest> {
  const { schema, rows } = siteTable(imported.kept, plan.metadata.table);
  await writeParquet(join(root, "sites.parquet"), schema, rows);
  const description = JSON.stringify({ channels: plan.channels, columns: schema.columns, rows: rows.columns });
  const fingerprint = imported.store.fingerprint(description);
  const manifest = makeManifest(plan, source.name, imported, fingerprint);
  await writeSynced(join(root, "dataset.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}
