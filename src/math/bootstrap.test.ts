import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { clusterBootstrap } from "./bootstrap.ts";
import { normalTail } from "./distributions.ts";
import { rankScores, weightedAuc } from "./roc.ts";

/** 12 wells on 2 plates, 5 images each; wells differ (sd 1), images within a well hardly (sd 0.1). */
function screen(seed: number) {
  const random = SeededRandom.forPart(seed, "wells");
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

const five = { clusters: ["a", "b", "c", "d", "e"], strata: ["p", "p", "p", "p", "p"] };

/** How often the interval of a mean of n units in each stratum holds 0, from which they are drawn; NaN where none is given. */
function coverage(n: number, nStrata: number, repeats = 300): number {
  let [held, given] = [0, 0];
  for (let seed = 0; seed < repeats; seed++) {
    const random = SeededRandom.forPart(seed, "wells");
    const x = Array.from({ length: n * nStrata }, () => random.normal());
    const { interval } = clusterBootstrap({
      clusters: x.map((_, i) => `u${i}`),
      strata: x.map((_, i) => `s${i % nStrata}`),
      statistic: (counts) => x.reduce((sum, v, i) => sum + v * counts[i]!, 0),
      ...{ seed, nResamples: 400 },
    });
    if (!interval) continue;
    given++;
    if (interval[0] <= 0 && 0 <= interval[1]) held++;
  }
  return held / given;
}

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

  it("holds the true mean in nine of ten screens, whether of twelve wells or of five", () => {
    let held = 0;
    for (let seed = 0; seed < 200; seed++) {
      const [low, high] = wellsOf(screen(seed), seed).interval!;
      if (low < 0 && 0 < high) held++;
    }
    expect(held / 200).toBeGreaterThan(0.9);
    expect(held / 200).toBeLessThan(0.985);
    expect(coverage(5, 1)).toBeGreaterThan(0.88); // 0.83 between the 2.5th and 97.5th percentile
    expect(coverage(3, 4)).toBeGreaterThan(0.89); // 0.84 there
  });

  it("holds the true AUC, known in closed form, with two wells of each class on each of four plates", () => {
    const truth = 1 - normalTail(1.5 / Math.SQRT2);
    let [held, given] = [0, 0];
    for (let seed = 0; seed < 300; seed++) {
      const random = SeededRandom.forPart(seed, "auc");
      const positive = Array.from({ length: 16 }, (_, i) => i % 2 === 1);
      const scores = positive.map((is) => random.normal() + (is ? 1.5 : 0));
      const plates = [0, 4, 8, 12].map((from) =>
        rankScores(scores.slice(from, from + 4), positive.slice(from, from + 4)),
      );
      const { interval } = clusterBootstrap({
        clusters: scores.map((_, i) => `w${i}`),
        strata: positive.map((is, i) => `${i >> 2} ${is}`),
        statistic: (counts) =>
          plates.reduce((sum, plate, p) => sum + weightedAuc(plate, counts.subarray(4 * p, 4 * p + 4)), 0) / 4,
        ...{ seed, nResamples: 300 },
      });
      if (!interval) continue; // every plate without a fault: nothing was seen of how wells vary
      given++;
      if (interval[0] <= truth && truth <= interval[1]) held++;
    }
    expect(given).toBeGreaterThan(240);
    expect(held / given).toBeGreaterThan(0.9); // 0.81 between the 2.5th and 97.5th percentile
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
      ...five,
      statistic: () => Number.NaN,
      seed: 1,
      nResamples: 10,
    });
    expect(undefinedFigure).toMatchObject({ interval: null, nDropped: 10 });
    const perfect = clusterBootstrap({ ...five, statistic: () => 1, seed: 1 });
    expect(perfect).toMatchObject({ interval: null, nUnits: 5, nDropped: 0 }); // an AUC of 1 is not known to ±0
    for (const [n, strata] of [[3, 1], [2, 7]] as const) expect(coverage(n, strata, 3)).toBeNaN(); // biome-ignore format: pairs
    for (const [n, strata] of [[4, 1], [3, 2], [2, 8]] as const) expect(coverage(n, strata, 3)).not.toBeNaN(); // biome-ignore format: pairs
    expect(clusterBootstrap({ clusters: [], strata: [], statistic: () => 1, seed: 1 }).interval).toBeNull();
  });
});
