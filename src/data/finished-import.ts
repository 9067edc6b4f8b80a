// Recognising an import that was done before.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatasetManifest } from "../schema/dataset.ts";
import { NPY_HEADER_BYTES } from "./npy.ts";
import { bytesPerImage } from "./shards.ts";

/** The manifest of the data set at `folder` when it came of the import `key` and its files have their sizes; else null. */
export async function finishedImport(folder: string, key: string): Promise<DatasetManifest | null> {
  try {
    const manifest = DatasetManifest.parse(JSON.parse(await readFile(join(folder, "dataset.json"), "utf8")));
    if (manifest.importKey !== key) return null;
    const { dtype, channels, heightPx, widthPx } = manifest;
    const each = bytesPerImage({ dtype, channels: channels.length, heightPx, widthPx });
    for (const { file, nSites } of manifest.shards) {
      if ((await stat(join(folder, file))).size !== NPY_HEADER_BYTES + nSites * each) return null;
    }
    await stat(join(folder, "sites.parquet"));
    return manifest;
  } catch {
    return null; // not there, or not whole: then it is not finished
  }
}
