import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { pairedBootstrap } from "./paired-bootstrap.ts";

/** The mean of one number a unit. */
const meanOf = (x: readonly number[], units = x.map((_, i) => `u${i}`), strata = x.map(() => "")) => ({
  units,
  strata,
  statistic: (counts: ArrayLike<number>) => x.reduce((sum, v, i) => sum + v * counts[i]!, 0) / x.length,
});

describe("pairedBootstrap", () => {
  it("knows units of several names joined, as wells by treatment and dose are, from strata", () => {
    const x = [3, 1, 4, 1, 5, 9, 2, 6];
    const plain = pairedBootstrap([meanOf(x)], { seed: 1 });
    const joined = x.map((_, i) => `T${i >> 1}\u0000${i % 2}`);
    expect(pairedBootstrap([meanOf(x, joined)], { seed: 1 })).toEqual(plain);
    expect(plain.intervals[0]).not.toBeNull();
  });

  it("holds the true difference of two means in nine of ten samples of six pairs", () => {
    let held = 0;
    for (let seed = 0; seed < 400; seed++) {
      const random = SeededRandom.forPart(seed, "pairs");
      const shared = Array.from({ length: 6 }, () => 3 * random.normal());
      const [a, b] = [shared.map((v) => v + random.normal()), shared.map((v) => v + 0.5 + random.normal())];
      const [low, high] = pairedBootstrap([meanOf(a), meanOf(b)], { seed, nResamples: 400 }).differences[1]!;
      if (low <= 0.5 && 0.5 <= high) held++;
    }
    expect(held / 400).toBeGreaterThan(0.9);
    expect(held / 400).toBeLessThan(0.985);
  });

  it("gives no interval for figures that do not vary, nor for their difference, nor of too few units", () => {
    const perfect = pairedBootstrap([meanOf([1, 1, 1, 1, 1]), meanOf([1, 1, 1, 1, 1])], { seed: 1 });
    expect(perfect).toMatchObject({ intervals: [null, null], differences: [null, null], nUnits: 5 });
    const same = pairedBootstrap([meanOf([1, 2, 3, 4, 5]), meanOf([1, 2, 3, 4, 5])], { seed: 1 });
    expect(same.differences[1]).toEqual([0, 0]);
    expect(pairedBootstrap([meanOf([1, 2, 3]), meanOf([2, 1, 3])], { seed: 1 })).toMatchObject({
      ...{ values: [2, 2], intervals: [null, null], differences: [null, null] },
    });
  });
});
