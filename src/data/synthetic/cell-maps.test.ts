import { describe, expect, it } from "vitest";
import { syntheticCellMaps } from "./cell-maps.ts";
import { resolveSyntheticOptions } from "./options.ts";
import { planScreen } from "./plan-screen.ts";
import { syntheticSites } from "./synthetic-sites.ts";
import { SYNTHETIC_CHANNELS, type SyntheticTruth } from "./truth.ts";

const options = resolveSyntheticOptions({
  ...{ experiments: ["SYN-1"], platesPerExperiment: 1, sitesPerWell: 1, sidePx: 96, compounds: [] },
  controlWells: { mock: 2, uvInactivated: 0, activeUntreated: 3 },
});
const drawn = [...syntheticSites(options)];
const truth: SyntheticTruth = {
  ...{ kind: "gandl-synthetic-truth", schemaVersion: 1, synthetic: true, note: "", options },
  ...{ channels: [...SYNTHETIC_CHANNELS], ...planScreen(options), sites: drawn.map((site) => site.truth) },
};
const cellMapOf = syntheticCellMaps(JSON.parse(JSON.stringify(truth)) as SyntheticTruth);

describe("syntheticCellMaps", () => {
  it("has infected pixels exactly where cells were infected, about in their share of the cells", () => {
    for (const { truth: site } of drawn) {
      const map = cellMapOf(site.site_id);
      const infected = map.filter((kind) => kind === 2).length;
      const cells = map.filter((kind) => kind > 0).length;
      expect(infected > 0, site.site_id).toBe(site.nInfected > 0);
      expect(Math.abs(infected / cells - site.nInfected / site.nCells)).toBeLessThan(0.2); // cells differ in size, and some reach in
    }
    expect(drawn.filter(({ truth: site }) => site.nInfected > 0)).toHaveLength(3);
  });

  it("lies on the cells of the image: brighter stain inside than outside", () => {
    for (const { planes, truth: site } of drawn) {
      const map = cellMapOf(site.site_id);
      const light = (inside: boolean) => {
        const values = [...map.keys()].filter((i) => map[i]! > 0 === inside).map((i) => planes[96 * 96 + i]!); // ER
        return values.reduce((a, b) => a + b, 0) / values.length;
      };
      expect(light(true)).toBeGreaterThan(1.4 * light(false));
    }
  });

  it("refuses a site that the screen does not have", () =>
    expect(() => cellMapOf("SYN-9_1_B02_1")).toThrow(
      /no site 'SYN-9_1_B02_1'.*\n.*another run.*\n\s+fix: give the truth/,
    ));
});
