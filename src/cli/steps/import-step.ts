// Importing with progress on the screen; used by `gandl import` and `gandl demo`.
import { type ImportEvent, type ImportOptions, importDataset } from "../../data/index.ts";
import type { DatasetManifest } from "../../schema/index.ts";
import { formatBytes, formatDuration, type View } from "../view.ts";

/** What came out; `isUnchanged` when the same import had been finished before. */
export interface Imported {
  readonly manifest: DatasetManifest;
  readonly isUnchanged: boolean;
}

/** Imports, showing plan and progress. @throws as `importDataset`. */
export async function importWithProgress(view: View, options: ImportOptions): Promise<Imported> {
  let imported: Imported | null = null;
  let begun = { at: 0, done: 0 };
  for await (const event of importDataset(options)) {
    if (event.kind === "started") {
      announce(view, event);
      begun = { at: performance.now(), done: event.nDone };
    } else if (event.kind === "warning") view.line(`warning: ${event.message}`);
    else if (event.kind === "skipped") view.line(`skipped ${event.siteId} (row ${event.row}): ${event.reason}`);
    else if (event.kind === "progress") {
      const isDecoding = event.stage === "decode";
      const left = isDecoding ? timeLeft(event.done, event.total, begun) : "";
      view.progress(
        isDecoding ? "decoding" : "mapping grey levels",
        event.done,
        event.total,
        `${event.done} / ${event.total}${left}`,
      );
    } else imported = { manifest: event.manifest, isUnchanged: event.isUnchanged };
  }
  view.endProgress();
  if (!imported) throw new Error("internal: the import ended without a manifest");
  return imported;
}

function announce(view: View, event: Extract<ImportEvent, { kind: "started" }>): void {
  const { title, nSites, channels, nDone, estimate } = event;
  view.line(`importing ${title}: ${nSites} images of ${channels.join(", ")}`);
  const time = estimate.seconds === null ? "" : `, about ${formatDuration(estimate.seconds)}`;
  view.line(
    `reading ${estimate.nFiles} files (${formatBytes(estimate.readBytes)}), storing ${formatBytes(estimate.storedBytes)}${time}`,
  );
  if (nDone > 0) view.line(`going on after ${nDone} images that an earlier, interrupted import has done`);
}

function timeLeft(done: number, total: number, begun: { at: number; done: number }): string {
  const seconds = (performance.now() - begun.at) / 1000;
  if (done >= total || done <= begun.done || seconds < 5) return "";
  return `, ${formatDuration((seconds / (done - begun.done)) * (total - done))} left`;
}
