// dataset.json: what was imported, from where, and what became of it.
import type { DatasetManifest } from "../schema/dataset.ts";
import type { StoredPixels } from "./pixel-store.ts";
import type { ImportPlan, PlannedSite, SkippedSite } from "./plan-import.ts";
import type { SourceForm } from "./read-site.ts";

/** Puts together the manifest of an import. @param source the source's name, never its path. */
export function makeManifest(
  plan: ImportPlan,
  source: string,
  imported: {
    readonly form: SourceForm;
    readonly kept: readonly PlannedSite[];
    readonly skipped: readonly SkippedSite[];
    readonly pixels: StoredPixels;
  },
  fingerprint: string,
): DatasetManifest {
  const { dataset } = plan;
  const { form, pixels } = imported;
  const { heightPx, widthPx, dtype } = pixels.shape;
  const shrinkage = form.widthPx / widthPx;
  const isResized = form.widthPx !== widthPx || form.heightPx !== heightPx;
  return {
    kind: "gandl-dataset",
    schemaVersion: 1,
    id: dataset.id,
    title: dataset.title,
    source,
    citation: dataset.citation,
    licence: dataset.licence,
    synthetic: dataset.synthetic === true,
    channels: plan.channels.map((channel, i) => ({ ...channel, statistics: pixels.statistics[i]! })),
    dtype,
    heightPx,
    widthPx,
    pixelSizeUm: dataset.pixelSizeUm === null ? null : dataset.pixelSizeUm * shrinkage,
    ...(isResized ? { resizedFrom: { heightPx: form.heightPx, widthPx: form.widthPx } } : {}),
    sourceBitDepth: form.bitDepth,
    intensityMapping: pixels.mapping,
    nSites: imported.kept.length,
    shards: pixels.shards.map(({ file, nSites }) => ({ file, nSites })),
    skipped: imported.skipped.map(({ siteId, row, reason }) => ({ siteId, row, reason })),
    fingerprint,
  };
}
