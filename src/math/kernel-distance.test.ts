import { describe, expect, it } from "vitest";
import {
  gaussianRows,
  line,
  referencePresent,
  referenceRows,
  referenceValues,
  rowsBetween,
} from "./feature-rows.fixture.ts";
import { kernelDistance, squaredMmd } from "./kernel-distance.ts";
import { mean, standardDeviation } from "./statistics.ts";

describe.skipIf(!referencePresent)("reference values (shared data)", () => {
  for (const [pair, { kid_full_unbiased_mmd2_poly3: want }] of referencePresent ? referenceValues() : []) {
    it(`${pair} is ${want.toFixed(4)} over all rows`, () => {
      const rowsOf = (name: string) => {
        const all = referenceRows(name.startsWith("A ") ? "A_dmso_27801" : name);
        if (name === "A first half") return rowsBetween(all, 0, 544);
        return name === "A second half" ? rowsBetween(all, 544, 1088) : all;
      };
      const [a, b] = pair.split(" vs ").map((name) => rowsOf(name!));
      // Sums of a million kernel values near 1e5 cancel to this.
      expect(Math.abs(squaredMmd(a!, b!) - want)).toBeLessThan(1e-9 * 1e5 + 1e-9 * Math.abs(want));
    });
  }
});

describe("squaredMmd", () => {
  it("is the definition on rows small enough to write it out, across blocks too", () => {
    const [a, b] = [gaussianRows(5, 3, 1), gaussianRows(520, 3, 2, { shift: 0.3 })];
    const kernel = (x: typeof a, i: number, y: typeof a, j: number) => {
      let dot = 0;
      for (let c = 0; c < 3; c++) dot += x.data[i * 3 + c]! * y.data[j * 3 + c]!;
      return (dot / 3 + 1) ** 3;
    };
    const total = (x: typeof a, y: typeof a, same: boolean) => {
      let sum = 0;
      for (let i = 0; i < x.n; i++) for (let j = 0; j < y.n; j++) if (!same || i !== j) sum += kernel(x, i, y, j);
      return sum;
    };
    const want = total(a, a, true) / 20 + total(b, b, true) / (520 * 519) - (2 * total(a, b, false)) / (5 * 520);
    expect(squaredMmd(a, b)).toBeCloseTo(want, 9);
  });
  it("refuses a side of one row and other widths", () => {
    expect(() => squaredMmd(line(1), line(1, 2))).toThrow(/unbiased kernel distance needs at least 2 rows; there is 1/);
    expect(() => squaredMmd(gaussianRows(3, 2, 1), line(1, 2))).toThrow(/2 features a row, the other 1/);
  });
});

describe("kernelDistance", () => {
  const draws = (n: number, shift: number) =>
    Array.from({ length: 150 }, (_, i) =>
      kernelDistance(gaussianRows(n, 4, 2 * i + 1), gaussianRows(n, 4, 2 * i + 2, { shift }), {
        ...{ subsetSize: 10, nSubsets: 40, seed: i },
      }),
    );
  it("is unbiased: its mean over many pairs of equal clouds is 0, however few the rows", () => {
    const values = draws(24, 0).map(({ value }) => value);
    expect(Math.abs(mean(values))).toBeLessThan((3.3 * standardDeviation(values)) / Math.sqrt(values.length));
  });
  it("tells a standard error that repeated draws confirm", () => {
    const all = draws(60, 1);
    const repeated = standardDeviation(all.map(({ value }) => value));
    const told = mean(all.map(({ standardError }) => standardError));
    expect(told / repeated).toBeGreaterThan(0.75);
    expect(told / repeated).toBeLessThan(1.35);
  });
  it("is the same for the same seed, and takes at most half of the smaller side", () => {
    const [a, b] = [gaussianRows(30, 3, 1), gaussianRows(50, 3, 2)];
    const once = kernelDistance(a, b, { seed: 4, nSubsets: 5 });
    expect(once).toEqual(kernelDistance(a, b, { seed: 4, nSubsets: 5 }));
    expect(once).not.toEqual(kernelDistance(a, b, { seed: 5, nSubsets: 5 }));
    expect(once).toMatchObject({ subsetSize: 15, nSubsets: 5 });
    expect(kernelDistance(a, b, { seed: 4, subsetSize: 7, nSubsets: 2 }).subsetSize).toBe(7);
  });
  it("takes each row of a subset once: half of a side of doubled rows would else show", () => {
    const a = line(...Array.from({ length: 8 }, (_, i) => i));
    const { value } = kernelDistance(a, a, { seed: 1, nSubsets: 4000, subsetSize: 4 });
    // Over subsets without replacement E = 2·(mean over i ≠ j) − 2·(mean over all i, j) of k.
    const k = (x: number, y: number) => (x * y + 1) ** 3;
    const pairs = [...a.data].flatMap((x, i) => [...a.data].map((y, j) => ({ same: i === j, k: k(x, y) })));
    const want = 2 * mean(pairs.filter(({ same }) => !same).map((p) => p.k)) - 2 * mean(pairs.map((p) => p.k));
    expect(Math.abs(value / want - 1)).toBeLessThan(0.15);
  });
  it("refuses too few rows and values that are not finite", () => {
    expect(() => kernelDistance(line(1, 2, 3), line(1, 2, 3, 4), { seed: 1 })).toThrow(
      /needs at least 4 rows; there are 3/,
    );
    expect(() => kernelDistance(line(1, 2, 3, Number.POSITIVE_INFINITY), line(1, 2, 3, 4), { seed: 1 })).toThrow(
      /at row 3/,
    );
  });
});
