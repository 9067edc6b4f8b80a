// Which pixels of a synthetic image are an infected cell: drawn again from what `truth.json` tells, so that no mask need be stored.
import { SiteArtist } from "./draw-site.ts";
import { noSuchSyntheticSite } from "./errors.ts";
import type { SyntheticTruth } from "./truth.ts";

/**
 * A function from a `site_id` of a synthetic screen to what each of its pixels shows: 0 background, 1 a healthy cell, 2 an infected one;
 * `[h*w]` at the size at which the screen was drawn, owned by the caller.
 * @throws GanDlError `no-such-site`, from the function.
 * @example
 * ```ts no-run
 * const cellMapOf = syntheticCellMaps(SyntheticTruth.parse(JSON.parse(readFileSync("screen/truth.json", "utf8"))));
 * const nInfectedPixels = cellMapOf("SYN-1_1_B02_1").filter((kind) => kind === 2).length;
 * ```
 */
export function syntheticCellMaps(truth: SyntheticTruth): (siteId: string) => Uint8Array {
  const artist = new SiteArtist(truth.options);
  const plates = new Map(truth.plates.map((plate) => [plate.plate_id, plate]));
  const wells = new Map(truth.wells.map((well) => [well.well_id, well]));
  const sites = new Map(truth.sites.map(({ site_id, well_id }) => [site_id, well_id]));
  return (siteId) => {
    const well = wells.get(sites.get(siteId) ?? "");
    const plate = plates.get(well?.plate_id ?? "");
    if (!well || !plate) throw noSuchSyntheticSite(siteId);
    return artist.cellMap(plate, well, Number(siteId.slice(well.well_id.length + 1)));
  };
}
