// What makes two imports the same: then a killed one can be continued, and a finished one need not be done again.
import { createHash } from "node:crypto";
import type { ImageSource } from "./image-source.ts";
import type { ImportPlan } from "./plan-import.ts";

/** Files of a folder that are looked at one by one; a zip's directory knows all of its own. */
const FOLDER_SAMPLE = 4096;

/** The identity and the size of what an import will read. */
export interface ImportIdentity {
  /** SHA-256 over the rows, the files and the settings. */
  readonly key: string;
  readonly nFiles: number;
  /** Bytes to read; for folders of very many files extrapolated from {@link FOLDER_SAMPLE} of them. */
  readonly readBytes: number;
}

/**
 * Identifies an import by the metadata of its sites, its files and its settings.
 *
 * A zip's files count by checksum. A folder's count by size and time, and beyond 4,096 files a sample spread over all.
 */
export async function importIdentity(
  source: ImageSource,
  plan: ImportPlan,
  settings: unknown,
): Promise<ImportIdentity> {
  const hash = createHash("sha256");
  hash.update(JSON.stringify({ version: 1, dataset: plan.dataset.id, channels: plan.channels, z: plan.z, settings }));
  const columns = [...plan.metadata.table.columns.values()];
  let nFiles = 0;
  for (const { site, row, files } of plan.sites) {
    hash.update(JSON.stringify([site, columns.map((cells) => cells[row - 1] ?? null), files]));
    nFiles += files.length;
  }
  const every = source.knowsAllFiles ? 1 : Math.max(1, Math.ceil(nFiles / FOLDER_SAMPLE));
  let bytes = 0;
  let looked = 0;
  let at = 0;
  for (const { files } of plan.sites) {
    for (const file of files) {
      if (at++ % every !== 0) continue;
      const facts = await source.about(file);
      hash.update(facts.mark);
      bytes += facts.bytes;
      looked++;
    }
  }
  return { key: hash.digest("hex"), nFiles, readBytes: looked === 0 ? 0 : Math.round((bytes * nFiles) / looked) };
}
