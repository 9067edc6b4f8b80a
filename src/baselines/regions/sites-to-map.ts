// Which images are mapped when none is named: infected controls of plates that nothing was learned from.
import type { Dataset } from "../../data/index.ts";
import { noSuchSite } from "./errors.ts";

/**
 * Positions in the data set: those of the sites named, or `wanted` infected control images, evenly over those of the held-out plates
 * (over all plates where none was held out).
 * @throws GanDlError `no-such-site`.
 */
export function sitesToMap(
  dataset: Dataset,
  wanted: number | readonly string[],
  heldOutPlates: readonly string[],
): number[] {
  const { sites } = dataset;
  if (typeof wanted !== "number") {
    const positions = new Map(sites.map(({ site_id }, i) => [site_id, i]));
    return wanted.map((siteId) => {
      const at = positions.get(siteId);
      if (at === undefined) throw noSuchSite(siteId, sites[0]?.site_id ?? "none");
      return at;
    });
  }
  const infected = sites.flatMap(({ role, plate_id }, i) =>
    role === "positive_control" && (heldOutPlates.length === 0 || heldOutPlates.includes(plate_id)) ? [i] : [],
  );
  const n = Math.min(wanted, infected.length);
  return Array.from({ length: n }, (_, k) => infected[Math.floor(((k + 0.5) * infected.length) / n)]!);
}
