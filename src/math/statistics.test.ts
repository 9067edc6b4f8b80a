import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fTail, logGamma, regularisedBeta, tTwoSided } from "./distributions.ts";
import {
  kendallTau,
  mean,
  median,
  quantile,
  rankCorrelation,
  ranks,
  robustSpread,
  standardDeviation,
} from "./statistics.ts";

const lists = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });

describe("statistics", () => {
  it("know hand-computed answers", () => {
    const x = [2, 4, 4, 4, 5, 5, 7, 9];
    expect(mean(x)).toBe(5);
    expect(standardDeviation(x, 0)).toBe(2);
    expect(standardDeviation(x)).toBeCloseTo(Math.sqrt(32 / 7), 14);
    expect(median(x)).toBe(4.5);
    expect(quantile(x, 0.25)).toBe(4);
    expect(quantile(x, 0.9)).toBeCloseTo(7.6, 14); // NumPy
    expect(robustSpread([8, 9, 10, 11, 12])).toBeCloseTo(1.4826022, 7);
    expect([...ranks([3, 1, 3, 2])]).toEqual([3.5, 1, 3.5, 2]);
    expect(rankCorrelation([1, 2, 3, 4], [10, 30, 20, 40])).toBeCloseTo(0.8, 14);
    expect(kendallTau([1, 2, 3, 4], [10, 30, 20, 40])).toBeCloseTo(4 / 6, 14);
    expect(kendallTau([1, 2, 2, 3, 5, 5], [2, 1, 3, 3, 4, 6])).toBeCloseTo(0.7412493166611013, 14); // scipy.stats.kendalltau
    expect(kendallTau([1, 1, 1], [1, 2, 3])).toBeNaN();
  });

  it("of nothing are NaN, and a spread needs two values", () => {
    for (const of of [mean, median, standardDeviation]) expect(of([])).toBeNaN();
    expect(standardDeviation([3])).toBeNaN();
    expect(rankCorrelation([1, 1], [1, 2])).toBeNaN();
  });

  it("quantiles rise with probability and stay within the list, which is left as it was", () => {
    fc.assert(
      fc.property(
        lists,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (x, p, q) => {
          const before = [...x];
          expect(quantile(x, Math.min(p, q))).toBeLessThanOrEqual(quantile(x, Math.max(p, q)));
          expect(quantile(x, 0)).toBe(Math.min(...x) + 0); // −0 counts as 0
          expect(quantile(x, 1) + 0).toBe(Math.max(...x) + 0);
          expect(x).toEqual(before);
        },
      ),
    );
  });
});

describe("distributions", () => {
  it("equal SciPy's values", () => {
    expect(logGamma(0.5)).toBeCloseTo(0.5723649429247001, 13);
    expect(logGamma(10.3)).toBeCloseTo(13.482036786138361, 11);
    expect(regularisedBeta(0.3, 2, 5)).toBeCloseTo(0.579825, 12);
    expect(regularisedBeta(0.9, 0.5, 12)).toBeCloseTo(0.9999999999998308, 14);
    expect(fTail(4.94, 3, 9)).toBeCloseTo(0.026913594950505635, 13);
    expect(fTail(1, 4, 4)).toBeCloseTo(0.5, 12); // by symmetry
    expect(tTwoSided(0.95, 1)).toBeCloseTo(12.706204736432095, 8);
    expect(tTwoSided(0.95, 20)).toBeCloseTo(2.0859634472658364, 9);
    expect(tTwoSided(0.95, Number.POSITIVE_INFINITY)).toBeCloseTo(1.959964, 5);
  });

  it("tails end at 0 and 1", () => {
    expect(fTail(0, 3, 9)).toBe(1);
    expect(regularisedBeta(0, 2, 3)).toBe(0);
    expect(regularisedBeta(1, 2, 3)).toBe(1);
  });
});
