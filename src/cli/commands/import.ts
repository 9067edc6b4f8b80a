// `gandl import`: images to a data set folder.
import type { Command } from "commander";
import type { ImportPreview } from "../../data/index.ts";
import { createView, formatBytes, formatDuration, interruptSignal } from "../view.ts";
import { declareImport, type ImportFlags, importOptionsOf } from "./import-options.ts";

export { count, number, whole } from "./import-options.ts";

export function addImport(program: Command): void {
  declareImport(program.command("import")).action(async (source: string, flags: ImportFlags) => {
    const options = importOptionsOf(source, flags);
    const view = createView(flags.json === true);
    if (flags.dryRun) {
      const { previewImport } = await import("../../data/index.ts");
      const prepared = await previewImport(options);
      view.result(previewRecord(prepared), `${previewText(prepared)}\nNothing was written.`);
      return;
    }
    const { importWithProgress } = await import("../steps/import-step.ts");
    const signal = interruptSignal(view, "what is done is kept; the same command goes on from there");
    const { manifest, isUnchanged } = await importWithProgress(view, { ...options, signal });
    const { nSites, channels, skipped, quality } = manifest;
    const lines = [
      isUnchanged
        ? `${options.out}: already there, made by the same import of ${nSites} images; nothing was done.`
        : `${options.out}: ${nSites} images of ${channels.map(({ name }) => name).join(", ")}; ${skipped.length} left out.`,
      ...(quality && quality.flagged > 0
        ? [
            `${quality.flagged} images are flagged (${flagCounts(quality)}) and kept; see them: gandl inspect ${options.out}`,
          ]
        : []),
      `Next: gandl inspect ${options.out}\n      gandl train --data ${options.out} --out runs/first`,
    ];
    view.result({ out: options.out, isUnchanged, manifest }, lines.join("\n"));
  });
}

/** `3 blurred, 1 empty`. */
export function flagCounts(quality: { blurred: number; empty: number; saturated: number; duplicated: number }): string {
  const { blurred, empty, saturated, duplicated } = quality;
  return Object.entries({ blurred, empty, saturated, duplicated })
    .filter(([, n]) => n > 0)
    .map(([fault, n]) => `${n} ${fault}`)
    .join(", ");
}

function previewRecord({ plan, spec, estimate, finished }: ImportPreview) {
  return {
    dataset: plan.dataset.id,
    images: plan.sites.length,
    channels: plan.channels.map(({ name }) => name),
    skipped: plan.skipped.length,
    plates: spec.plateIds.length,
    intensity: spec.intensity.kind,
    dtype: spec.decoded.dtype,
    estimate,
    isFinished: finished !== null,
  };
}

function previewText({ plan, spec, estimate, finished }: ImportPreview): string {
  const { nFiles, readBytes, storedBytes, diskBytes, freeBytes, seconds, heightPx, widthPx } = estimate;
  const wells = new Set(plan.sites.map(({ site }) => site.well_id)).size;
  return [
    `${plan.dataset.title}: ${plan.sites.length} images of ${plan.channels.map(({ name }) => name).join(", ")}; ${plan.skipped.length} left out.`,
    `  ${spec.plateIds.length} plates, ${wells} wells`,
    `  read     ${nFiles} files, ${formatBytes(readBytes)}`,
    `  store    ${heightPx} × ${widthPx} px, grey levels: ${spec.intensity.kind}, ${formatBytes(storedBytes)}; needs ${formatBytes(diskBytes)} free meanwhile, ${formatBytes(freeBytes)} are`,
    `  takes    ${seconds === null ? "unknown: no image could be read" : `about ${formatDuration(seconds)}, by the first few images`}`,
    ...(finished ? ["  the same import has made this data set already"] : []),
  ].join("\n");
}
