import { describe, expect, it } from "vitest";
import { rocAuc } from "../../math/roc.ts";
import { mean, measureNuclei, planeOf } from "./nuclei.fixture.ts";
import { syntheticSites } from "./synthetic-sites.ts";
import { CONDITION } from "./truth.ts";

const options = { controlWells: { mock: 8, uvInactivated: 8, activeUntreated: 8 }, compounds: [], sitesPerWell: 3 };
const sites = [...syntheticSites(options)];
const isActive = (site: (typeof sites)[number]) => site.row.disease_condition === CONDITION.active;

/** Mean of a hand feature over each well. */
function wellMeans(feature: (planes: Uint8Array) => number): Map<string, number> {
  const byWell = new Map<string, number[]>();
  for (const { row, planes } of sites)
    byWell.set(row.well_id, [...(byWell.get(row.well_id) ?? []), feature(planes)].filter(Number.isFinite));
  return new Map([...byWell].map(([well, values]) => [well, mean(values)]));
}

/** AUC of a well's value for `one` condition against `other`. */
function auc(values: ReadonlyMap<string, number>, one: string, other: string): number {
  const wells = new Map(sites.map((s) => [s.row.well_id, s.row.disease_condition]));
  const rows = [...wells].filter(([, condition]) => condition === one || condition === other);
  return rocAuc(
    rows.map(([well]) => values.get(well)!),
    rows.map(([, condition]) => condition === one),
  );
}

describe("syntheticSites", () => {
  const area = wellMeans((planes) => measureNuclei(planeOf(planes, 0), 128).area);

  it("one hand feature, the area of nuclei, tells Mock from infected wells but is not all there is to know", () => {
    expect(auc(area, CONDITION.mock, CONDITION.active)).toBeGreaterThan(0.85);
  });

  it("UV-inactivated virus looks like Mock, by area and by the brightness of every stain", () => {
    const features = [area, ...[0, 1, 2, 3, 4].map((c) => wellMeans((planes) => mean(planeOf(planes, c))))];
    for (const values of features)
      expect(Math.abs(auc(values, CONDITION.uvInactivated, CONDITION.mock) - 0.5)).toBeLessThan(0.25); // 2.5 standard errors for 32 + 32 wells
  });

  it("no stain's mean brightness tells Mock from infected as well as shape does", () => {
    for (const channel of [0, 1, 2, 3, 4]) {
      const byLight = auc(
        wellMeans((planes) => mean(planeOf(planes, channel))),
        CONDITION.mock,
        CONDITION.active,
      );
      expect(Math.abs(byLight - 0.5)).toBeLessThan(0.35);
    }
  });

  it("names sites as RxRx19a does and counts infected cells only where there is live virus", () => {
    for (const site of sites) {
      const { row, truth } = site;
      expect(row.site_id).toBe(`${row.experiment}_${row.plate}_${row.well}_${row.site}`);
      expect(truth.site_id).toBe(row.site_id);
      if (!isActive(site)) expect(truth.nInfected).toBe(0);
      expect(truth.nInfected).toBeLessThanOrEqual(truth.nCells);
    }
    expect(sites.filter((s) => isActive(s) && s.truth.nInfected > 0).length).toBe(4 * 8 * 3);
  });

  it("draws a chosen site without the others, to the same bits", () => {
    const wanted = sites[40]!;
    const [alone] = [...syntheticSites(options, (s) => `${s.well.well_id}_${s.site}` === wanted.row.site_id)];
    expect(Buffer.from(alone!.planes).equals(Buffer.from(wanted.planes))).toBe(true);
  });

  it("draws other sizes: the same field finer, or a larger one", () => {
    for (const [sidePx, pixelSizeUm] of [
      [64, 2.6],
      [256, 0.65],
    ] as const) {
      const [site] = [
        ...syntheticSites({ ...options, sidePx, pixelSizeUm }, (s) => s.well.well_id === sites[0]!.row.well_id),
      ];
      expect(site!.planes.length).toBe(5 * sidePx * sidePx);
      expect(Math.abs(site!.truth.nCells - sites[0]!.truth.nCells)).toBeLessThanOrEqual(1); // the same cells
    }
  });
});
