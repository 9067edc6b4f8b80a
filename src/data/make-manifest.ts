// dataset.json: what was imported, from where, and what became of it.
import type { DatasetManifest, Illumination } from "../schema/dataset.ts";
import type { StoredPixels } from "./pixel-store.ts";
import type { SourceForm } from "./place-planes.ts";
import type { ImportPlan } from "./plan-import.ts";
import type { PlannedSite, SkippedSite } from "./planned-site.ts";
import { type FieldQuality, QUALITY_LIMITS, type QualityFault } from "./quality-flags.ts";
import type { Selection } from "./select-sites.ts";

/** Puts together the manifest of an import. @param source the source's name, never its path. */
export function makeManifest(
  plan: ImportPlan,
  source: string,
  imported: {
    readonly form: SourceForm;
    readonly kept: readonly PlannedSite[];
    readonly skipped: readonly SkippedSite[];
    readonly pixels: StoredPixels;
    readonly quality: ReadonlyMap<number, FieldQuality>;
    readonly illumination: Illumination | null;
    readonly key: string;
  },
  fingerprint: string,
  { where, sites, perWell, limit, seed }: Selection,
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
    ...([where, sites, perWell, limit].some((part) => part !== undefined)
      ? {
          selection: {
            ...(where === undefined ? {} : { where }),
            ...(sites === undefined ? {} : { sites: [...sites] }),
            ...(perWell === undefined ? {} : { perWell }),
            ...(limit === undefined ? {} : { limit }),
            seed: seed ?? 1,
          },
        }
      : {}),
    ...(imported.illumination === null ? {} : { illumination: imported.illumination }),
    quality: countFaults(imported.quality),
    nSites: imported.kept.length,
    shards: pixels.shards.map(({ file, nSites }) => ({ file, nSites })),
    skipped: imported.skipped.map(({ siteId, row, reason }) => ({ siteId, row, reason })),
    fingerprint,
    importKey: imported.key,
  };
}

function countFaults(quality: ReadonlyMap<number, FieldQuality>): NonNullable<DatasetManifest["quality"]> {
  const count = (fault: QualityFault) =>
    [...quality.values()].filter(({ faults }) => faults[fault] !== undefined).length;
  const kinds = {
    blurred: count("blurred"),
    empty: count("empty"),
    saturated: count("saturated"),
    duplicated: count("duplicated"),
  };
  return { flagged: quality.size, ...kinds, limits: { ...QUALITY_LIMITS } };
}
