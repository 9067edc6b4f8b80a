import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { averagePrecision, randomAveragePrecisions } from "./average-precision.ts";
import { eachSimilarity, unitRows } from "./similarity.ts";
import { mean, rankCorrelation } from "./statistics.ts";

describe("average precision", () => {
  it("is the mean over positives of the share of positives at or above them: the definition written out", () => {
    const item = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 12 }), (items) => {
        const hits = items.filter(([, p]) => p);
        const shares = hits.map(([score]) => {
          const above = items.filter(([s]) => s >= score);
          return above.filter(([, p]) => p).length / above.length;
        });
        const got = averagePrecision(
          items.map(([s]) => s),
          items.map(([, p]) => p),
        );
        if (hits.length === 0) expect(got).toBeNaN();
        else expect(got).toBeCloseTo(mean(shares), 12);
      }),
    );
  });

  it("of scores that are not numbers is none, and comes back", () => {
    expect(averagePrecision([Number.NaN, 1], [true, false])).toBeNaN();
    expect(averagePrecision([Number.POSITIVE_INFINITY, 1, Number.NEGATIVE_INFINITY], [true, false, true])).toBeCloseTo(
      5 / 6,
      12,
    );
  });

  it("by luck has the mean of all placements: 1 of 3 is (1 + 1/2 + 1/3) / 3", () => {
    const draws = randomAveragePrecisions(1, 3, 20_000, new SeededRandom(1));
    expect(Math.abs(mean(draws) - 11 / 18)).toBeLessThan(0.008); // 4 standard errors
    expect([...new Set(draws)].sort()).toEqual([1 / 3, 1 / 2, 1]);
    const two = randomAveragePrecisions(2, 4, 30_000, new SeededRandom(2));
    const all = [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ].map(([a, b]) => (1 / (a! + 1) + 2 / (b! + 1)) / 2);
    expect(Math.abs(mean(two) - mean(all))).toBeLessThan(0.006);
  });
});

describe("similarity", () => {
  it("equals cosine, Pearson and Spearman written out", () => {
    const f = 5;
    const x = Float32Array.of(1, 4, -2, 0.5, 9, 2, 2, -1, 7, 3, 0, 0, 0, 0, 0);
    const of = (kind: "cosine" | "pearson" | "spearman") => {
      const rows = unitRows(x, f, kind);
      const out: number[] = [];
      eachSimilarity(rows, rows, f, (i, s) => (i === 0 ? out.push(...s) : 0));
      return out;
    };
    const [a, b] = [[...x.subarray(0, 5)], [...x.subarray(5, 10)]];
    const dot = (u: number[], v: number[]) => u.reduce((sum, w, i) => sum + w * v[i]!, 0);
    const centred = (u: number[]) => u.map((v) => v - mean(u));
    const cos = (u: number[], v: number[]) => dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v));
    expect(of("cosine")[1]).toBeCloseTo(cos(a, b), 12);
    expect(of("cosine")[2]).toBe(0);
    expect(of("pearson")[1]).toBeCloseTo(cos(centred(a), centred(b)), 12);
    expect(of("spearman")[1]).toBeCloseTo(rankCorrelation(a, b), 12);
    expect(of("spearman")[0]).toBeCloseTo(1, 12);
  });
});
