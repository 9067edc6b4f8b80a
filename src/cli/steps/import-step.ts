// Importing with progress on the screen; used by `gandl import` and `gandl demo`.
import { type ImportOptions, importDataset } from "../../data/index.ts";
import type { DatasetManifest } from "../../schema/index.ts";
import type { View } from "../view.ts";

/** Imports, showing progress, and gives back the manifest. @throws as `importDataset`. */
export async function importWithProgress(view: View, options: ImportOptions): Promise<DatasetManifest> {
  let manifest: DatasetManifest | null = null;
  for await (const event of importDataset(options)) {
    if (event.kind === "started")
      view.line(`importing ${event.title}: ${event.nSites} images of ${event.channels.join(", ")}`);
    else if (event.kind === "warning") view.line(`warning: ${event.message}`);
    else if (event.kind === "skipped") view.line(`skipped ${event.siteId} (row ${event.row}): ${event.reason}`);
    else if (event.kind === "progress")
      view.progress(
        event.stage === "decode" ? "decoding" : "mapping grey levels",
        event.done,
        event.total,
        `${event.done} / ${event.total}`,
      );
    else manifest = event.manifest;
  }
  view.endProgress();
  if (!manifest) throw new Error("internal: the import ended without a manifest");
  return manifest;
}
