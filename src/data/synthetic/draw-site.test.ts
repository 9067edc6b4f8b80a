import { describe, expect, it } from "vitest";
import { blur } from "./blur.ts";
import { SiteArtist } from "./draw-site.ts";
import { mean, measureNuclei, median, planeOf } from "./nuclei.fixture.ts";
import { resolveSyntheticOptions } from "./options.ts";
import { planScreen } from "./plan-screen.ts";
import type { PlateTruth, WellTruth } from "./truth.ts";

const [DNA, ER, ACTIN, RNA, GOLGI] = [0, 1, 2, 3, 4] as const;
const options = resolveSyntheticOptions();
const artist = new SiteArtist(options);
const { plates, wells } = planScreen(options);
const plain: PlateTruth = {
  ...plates[0]!,
  gain: [1, 1, 1, 1, 1],
  offset: [9, 9, 9, 9, 9],
  cellDensity: 1,
  illumination: { x: 0, y: 0, vignette: 0 },
};
/** The same 20 wells of one plate at any severity and toxicity: the same cells, places and noise. */
const drawAll = (severity: number, toxicity = 0, plate = plain) =>
  wells.slice(0, 20).map((well) => {
    const nuisance = { cellSize: 1, fibres: 1, halo: 1, golgi: 1 };
    const even: WellTruth = { ...well, severity, toxicity, gain: [1, 1, 1, 1, 1], cellDensity: 1, nuisance };
    return artist.draw(plate, even, 1);
  });

/** Share of a plane's light above background that lies in its brightest 2 %. */
function concentration(plane: Uint8Array): number {
  const sorted = Float64Array.from(plane, (v) => Math.max(0, v - 12)).sort();
  const brightest = sorted.subarray(Math.floor(0.98 * sorted.length));
  return (mean(brightest) * brightest.length) / (mean(sorted) * sorted.length);
}

/** How far the brightest patches of the size of a whole Golgi stand out from the rest of the cells. */
function patchiness(plane: Uint8Array): number {
  const coarse = Float32Array.from(plane);
  blur(coarse, options.sidePx, 2.5);
  const inCells = coarse.filter((v) => v > 14).sort();
  return (inCells[Math.floor(0.97 * inCells.length)]! - 9) / (inCells[inCells.length >> 1]! - 9);
}

/** Contrast at the scale of fibres: mean absolute difference of pixels two apart, per mean light. */
function contrast(plane: Uint8Array): number {
  let difference = 0;
  for (let i = 2; i < plane.length; i++) difference += Math.abs(plane[i]! - plane[i - 2]!);
  return difference / plane.length / (mean(plane) - 9);
}

type Sites = ReturnType<typeof drawAll>;
const steps = [0, 0.5, 1];
const bySeverity = steps.map((severity) => drawAll(severity));
const byToxicity = steps.map((toxicity) => drawAll(0.7, toxicity));
const over = (sites: Sites, measure: (planes: Uint8Array) => number) =>
  mean(sites.map(({ planes }) => measure(planes)));
const nuclei = (planes: Uint8Array) => measureNuclei(planeOf(planes, DNA), options.sidePx);

describe("infection", () => {
  const falls = (measure: (planes: Uint8Array) => number, byAtLeast: number) => {
    const values = bySeverity.map((sites) => over(sites, measure));
    for (let i = 1; i < values.length; i++) expect(values[i]).toBeLessThan(values[i - 1]! * (1 - byAtLeast));
  };

  it("shrinks nuclei and brightens them, the more the severer", () => {
    falls((p) => nuclei(p).area, 0.04);
    falls((p) => 1 / nuclei(p).level, 0.02);
  });
  it("loses cells", () => falls((p) => nuclei(p).count, 0.02));
  it("takes the fibres from actin", () => falls((p) => contrast(planeOf(p, ACTIN)), 0.05));
  it("gathers the ER's light around the nucleus", () => falls((p) => 1 / concentration(planeOf(p, ER)), 0.05));
  it("scatters the Golgi", () => falls((p) => patchiness(planeOf(p, GOLGI)), 0.03));

  it("shows less in mean brightness than in shape: every stain keeps its light within a third", () => {
    for (const channel of [DNA, ER, ACTIN, RNA, GOLGI]) {
      const light = bySeverity.map((sites) => over(sites, (p) => mean(planeOf(p, channel)) - 9));
      expect(Math.abs(light[2]! / light[0]! - 1)).toBeLessThan(0.34);
    }
  });

  it("infects about nine tenths of the cells at severity 1, none at 0, and as truth says", () => {
    const share = (sites: Sites) =>
      mean(sites.map(({ truth }) => truth.nInfected)) / mean(sites.map(({ truth }) => truth.nCells));
    expect(share(bySeverity[0]!)).toBe(0);
    expect(Math.abs(share(bySeverity[1]!) - 0.45)).toBeLessThan(0.06);
    expect(Math.abs(share(bySeverity[2]!) - 0.9)).toBeLessThan(0.06);
  });
});

describe("toxicity", () => {
  it("loses many more cells than infection does", () => {
    const counts = byToxicity.map((sites) => mean(sites.map(({ truth }) => truth.nCells)));
    expect(counts[1]).toBeLessThan(0.9 * counts[0]!);
    expect(counts[2]).toBeLessThan(0.75 * counts[0]!);
  });

  it("leads elsewhere than infection: RNA per cell falls, which infection leaves", () => {
    const perCell = (sites: Sites) =>
      median(sites.filter((s) => s.truth.nCells > 2).map((s) => (mean(planeOf(s.planes, RNA)) - 12) / s.truth.nCells));
    expect(perCell(byToxicity[2]!)).toBeLessThan(0.8 * perCell(byToxicity[0]!));
    expect(perCell(bySeverity[2]!)).toBeGreaterThan(0.85 * perCell(bySeverity[0]!));
  });
});

describe("a drawn site", () => {
  it("is the same bit for bit whatever was drawn before it", () => {
    const first = new SiteArtist(options).draw(plates[0]!, wells[7]!, 1);
    const later = artist.draw(plates[0]!, wells[7]!, 1);
    expect(Buffer.from(later.planes).equals(Buffer.from(first.planes))).toBe(true);
    expect(later.truth).toEqual(first.truth);
    expect(Buffer.from(artist.draw(plates[0]!, wells[7]!, 2).planes).equals(Buffer.from(first.planes))).toBe(false);
  });

  it("shows as many nuclei as truth says, where they do not touch", () => {
    const shown = mean(bySeverity[0]!.map(({ planes }) => nuclei(planes).count));
    const planted = mean(bySeverity[0]!.map(({ truth }) => truth.nCells));
    expect(shown / planted).toBeGreaterThan(0.6); // those at the border and those that touch are not counted
    expect(shown / planted).toBeLessThan(1.02);
  });

  it("clips less than 1 % of any stain at either end, and is never empty", () => {
    const drawn = wells.slice(0, 24).map((well) => artist.draw(plates[0]!, well, 1).planes);
    for (const channel of [DNA, ER, ACTIN, RNA, GOLGI]) {
      const clipped = drawn.map((planes) => mean(planeOf(planes, channel).map((v) => Number(v === 0 || v === 255))));
      expect(mean(clipped)).toBeLessThan(0.01);
      expect(Math.min(...drawn.map((planes) => Math.max(...planeOf(planes, channel))))).toBeGreaterThan(40);
    }
  });

  it("a plate's gain and offset can be found again from the images", () => {
    const plate: PlateTruth = { ...plain, gain: [0.8, 1.2, 0.9, 1.1, 1.3], offset: [6, 12, 9, 10, 8] };
    const drawn = drawAll(0, 0, plate);
    for (const channel of [DNA, ER, ACTIN, RNA, GOLGI]) {
      const level = (sites: Sites) => over(sites, (p) => mean(planeOf(p, channel)));
      const gain = (level(drawn) - plate.offset[channel]!) / (level(bySeverity[0]!) - 9);
      expect(Math.abs(gain / plate.gain[channel]! - 1)).toBeLessThan(0.02);
    }
  });
});
