import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { clusterBootstrap } from "./bootstrap.ts";

/** 12 wells on 2 plates, 5 images each; wells differ (sd 1), images within a well hardly (sd 0.1). */
function screen(seed: number) {
  const random = new SeededRandom(seed);
  const rows = Array.from({ length: 12 }, (_, well) => ({
    well: `w${well}`,
    plate: `p${well % 2}`,
    level: random.normal(),
  }));
  const images = rows.flatMap((row) =>
    Array.from({ length: 5 }, () => ({ ...row, value: row.level + 0.1 * random.normal() })),
  );
  const statistic = (counts: Uint16Array) =>
    images.reduce((sum, image, i) => sum + image.value * counts[i]!, 0) / counts.reduce((a, b) => a + b, 0);
  return { images, statistic };
}
const wellsOf = ({ images, statistic }: ReturnType<typeof screen>, seed: number) =>
  clusterBootstrap({
    clusters: images.map((i) => i.well),
    strata: images.map((i) => i.plate),
    statistic,
    seed,
    nResamples: 400,
  });

describe("clusterBootstrap", () => {
  it("is decided by its seed alone", () => {
    const data = screen(1);
    expect(wellsOf(data, 7)).toEqual(wellsOf(data, 7));
    expect(wellsOf(data, 7)).not.toEqual(wellsOf(data, 8));
  });

  it("counts wells as the independent units, and is wider than taking images for them", () => {
    const data = screen(2);
    const wells = wellsOf(data, 1);
    const images = clusterBootstrap({
      clusters: data.images.map((_, i) => String(i)),
      strata: data.images.map((i) => i.plate),
      statistic: data.statistic,
      seed: 1,
      nResamples: 400,
    });
    const width = (b: typeof wells) => b.interval![1] - b.interval![0];
    expect(wells.nUnits).toBe(12);
    expect(wells.minUnitsPerStratum).toBe(6);
    expect(width(wells)).toBeGreaterThan(1.5 * width(images));
  });

  it("holds the true mean in most of a hundred screens", () => {
    let held = 0;
    for (let seed = 0; seed < 100; seed++) {
      const [low, high] = wellsOf(screen(seed), seed).interval!;
      if (low < 0 && 0 < high) held++;
    }
    expect(held).toBeGreaterThan(80); // 12 wells: a percentile interval is a little narrow
    expect(held).toBeLessThan(100);
  });

  it("gives no interval where a stratum has one unit, or where the figure is mostly undefined", () => {
    const one = clusterBootstrap({
      clusters: ["a", "a", "b", "c"],
      strata: ["p", "p", "q", "q"],
      statistic: () => 1,
      seed: 1,
    });
    expect(one).toMatchObject({ interval: null, nUnits: 3, minUnitsPerStratum: 1 });
    const undefinedFigure = clusterBootstrap({
      clusters: ["a", "b"],
      strata: ["p", "p"],
      statistic: () => Number.NaN,
      seed: 1,
      nResamples: 10,
    });
    expect(undefinedFigure).toMatchObject({ interval: null, nDropped: 10 });
    expect(clusterBootstrap({ clusters: [], strata: [], statistic: () => 1, seed: 1 }).interval).toBeNull();
  });
});
