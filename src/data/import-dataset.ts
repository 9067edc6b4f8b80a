// From a folder or zip of microscope images to a data set folder: decode, map grey levels, write, count.
import { resolve } from "node:path";
import type { DatasetManifest } from "../schema/dataset.ts";
import { finishedImport } from "./finished-import.ts";
import type { ImageSource } from "./image-source.ts";
import { ImportJob, isPassing } from "./import-job.ts";
import type { ImportEvent, ImportOptions } from "./import-options.ts";
import { openImageSource } from "./open-image-source.ts";
import { checkSpace, PartialFolder } from "./partial-folder.ts";
import { type PreparedImport, prepareImport } from "./prepare-import.ts";

/**
 * Imports a data set, yielding what happens; the folder `out` appears only when it is whole.
 *
 * The same import run again goes on where a killed one stopped, and does nothing when it was finished. Equal means: the
 * same rows, the same files (by checksum in a zip, by size and time in a folder), the same settings.
 *
 * Decoding runs on several sites at once, writing keeps the metadata's order. Memory does not grow with the number of
 * images. A faulty site stops the import, or with `skipBad` is left out, told and listed in `dataset.json`.
 * @throws GanDlError as {@link planImport}, and `source-not-found`, `bad-zip`, `dataset-exists`, `not-a-dataset`,
 * `unreadable-image`, `unsupported-image`, `image-mismatch`, `bad-resize`, `bad-levels`, `no-flat-field`, `bad-flat-field`,
 * `no-space`, `cannot-write`, `import-running`, `aborted`; for an address also those of {@link openImageSource}.
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
  const source = await openImageSource(options.source, options.remote);
  try {
    const prepared = await prepareImport(source, options);
    const before = options.overwrite === true ? null : await finishedImport(options.out, prepared.key);
    if (before === null) yield* importInto(prepared, options);
    else yield { kind: "finished", out: resolve(options.out), manifest: before, isUnchanged: true };
  } finally {
    await source.close();
  }
}

/** What an import would do. */
export interface ImportPreview extends Pick<PreparedImport, "plan" | "spec" | "estimate"> {
  /** The data set that the same import has made at `out` already; null when there is none. */
  readonly finished: DatasetManifest | null;
}

/**
 * What an import with these options would read, write and cost; nothing is written.
 * @throws GanDlError as {@link importDataset}, but for what only writing meets.
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { previewImport } from "gan-dl/data";
 * import sharp from "sharp";
 * const source = mkdtempSync(join(tmpdir(), "gandl-example-"));
 * const raw = { width: 2, height: 2, channels: 1 } as const;
 * await sharp(Uint8Array.of(1, 2, 3, 4), { raw }).toColourspace("b-w").png().toFile(join(source, "A01.png"));
 * writeFileSync(join(source, "metadata.csv"), "plate,well\nP1,A01\n");
 * const table = { images: "{well}.png", channels: [{ name: "DNA" }] };
 * const { estimate, finished } = await previewImport({ source, out: join(source, "out"), table });
 * console.assert(estimate.nSites === 1 && estimate.storedBytes === 4 && finished === null);
 * ```
 */
export async function previewImport(options: ImportOptions): Promise<ImportPreview> {
  const source: ImageSource = await openImageSource(options.source, options.remote);
  try {
    const { plan, spec, estimate, key } = await prepareImport(source, options);
    return { plan, spec, estimate, finished: await finishedImport(options.out, key) };
  } finally {
    await source.close();
  }
}

async function* importInto(prepared: PreparedImport, options: ImportOptions): AsyncGenerator<ImportEvent> {
  const out = resolve(options.out);
  const folder = await PartialFolder.open(options.out, options.overwrite === true, prepared.key);
  try {
    const whole = await finishedImport(folder.path, prepared.key); // killed between its last write and its name
    const manifest = whole ?? (yield* fill(folder, prepared, options));
    await folder.commit();
    yield { kind: "finished", out, manifest, isUnchanged: false };
  } finally {
    await folder.discard();
  }
}

async function* fill(
  folder: PartialFolder,
  prepared: PreparedImport,
  options: ImportOptions,
): AsyncGenerator<ImportEvent, DatasetManifest> {
  const job = await ImportJob.open(folder.path, prepared, options);
  try {
    yield* announce(folder, prepared, job.resumedAt);
    await checkSpace(
      folder.path,
      options.out,
      prepared.estimate.diskBytes * (1 - job.resumedAt / prepared.estimate.nSites),
    );
    yield* job.decode();
    return yield* job.finish();
  } catch (error) {
    if (isPassing(error)) await job.checkpoint();
    throw error;
  } finally {
    await job.close();
    if (job.canContinue) await folder.keep();
  }
}

async function* announce(
  folder: PartialFolder,
  { plan, estimate }: PreparedImport,
  nDone: number,
): AsyncGenerator<ImportEvent> {
  const channels = plan.channels.map((channel) => channel.name);
  const { id, title } = plan.dataset;
  yield { kind: "started", datasetId: id, title, nSites: plan.sites.length, channels, estimate, nDone };
  for (const name of await folder.leftovers()) {
    const message = `an import with other rows, files or settings was killed and left ${name}; it can be deleted.`;
    yield { kind: "warning", message };
  }
  for (const skip of plan.skipped) yield { kind: "skipped", ...skip };
  if (plan.sites.every(({ site }) => site.role === "unknown")) {
    yield { kind: "warning", message: "no site has a role, so nothing tells controls from treated wells." };
  }
}
