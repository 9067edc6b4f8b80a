// A synthetic screen in memory, for tests, benchmarks and examples that need images and no files.
import { SiteArtist } from "./draw-site.ts";
import { type MetadataRow, metadataRow } from "./metadata-rows.ts";
import { resolveSyntheticOptions, type SyntheticOptions, type SyntheticOptionsInput } from "./options.ts";
import { planScreen } from "./plan-screen.ts";
import type { PlateTruth, SiteTruth, WellTruth } from "./truth.ts";

/** One image with its row of `metadata.csv` and what was planted in it. */
export interface SyntheticSite {
  readonly row: MetadataRow;
  /** `[5,h,w]` uint8, grey levels in the order of `SYNTHETIC_CHANNELS`; owned by the caller. */
  readonly planes: Uint8Array;
  readonly sidePx: number;
  readonly plate: PlateTruth;
  readonly well: WellTruth;
  readonly truth: SiteTruth;
}

/** Where an image stands in the screen, before it is drawn. */
export interface PlannedSite {
  readonly plate: PlateTruth;
  readonly well: WellTruth;
  readonly site: number;
}

/** All sites of a planned screen, in the order of `metadata.csv`. */
export function plannedSites(
  options: SyntheticOptions,
  plan: { plates: readonly PlateTruth[]; wells: readonly WellTruth[] },
): PlannedSite[] {
  const plateOf = new Map(plan.plates.map((plate) => [plate.plate_id, plate]));
  return plan.wells.flatMap((well) =>
    Array.from({ length: options.sitesPerWell }, (_, i) => ({
      plate: plateOf.get(well.plate_id)!,
      well,
      site: i + 1,
    })),
  );
}

/**
 * Yields the images of a synthetic screen in the order of its `metadata.csv`; some 40 a second at 128².
 *
 * Random by `options.seed` alone: the same bits in every run, and for each site whatever else is drawn.
 * @param wanted chooses sites before they are drawn; all by default.
 * @throws GanDlError `bad-synthetic-options`, `too-many-wells`.
 * @example
 * ```ts
 * import { syntheticSites } from "gan-dl/data";
 * for (const { row, planes } of syntheticSites({ sidePx: 64 })) {
 *   console.assert(planes.length === 5 * 64 * 64 && row.site_id.startsWith("SYN-1_1_"));
 *   break;
 * }
 * ```
 */
export function* syntheticSites(
  options: SyntheticOptionsInput = {},
  wanted: (site: PlannedSite) => boolean = () => true,
): Generator<SyntheticSite> {
  const resolved = resolveSyntheticOptions(options);
  const plan = planScreen(resolved);
  const artist = new SiteArtist(resolved);
  for (const planned of plannedSites(resolved, plan)) {
    if (!wanted(planned)) continue;
    const { plate, well, site } = planned;
    yield {
      row: metadataRow(resolved, plate, well, site),
      sidePx: resolved.sidePx,
      plate,
      well,
      ...artist.draw(plate, well, site),
    };
  }
}
