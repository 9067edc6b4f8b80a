import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { signTestInterval, signTestRank } from "./sign-test.ts";

describe("signTestInterval", () => {
  // docs/methods.md §4: n → k at 95 %; 24 is RxRx19a's usual six wells of four sites.
  for (const [n, k] of [
    [6, 1],
    [8, 1],
    [9, 2],
    [12, 3],
    [24, 7],
  ] as const)
    it(`of ${n} values runs from number ${k} to number ${n + 1 - k}`, () => {
      const values = new SeededRandom(n).shuffle(Array.from({ length: n }, (_, i) => i + 1));
      expect(signTestInterval(values)).toEqual({ low: k, high: n + 1 - k, k });
    });

  for (const n of [0, 1, 2, 3, 4, 5])
    it(`of ${n} values does not exist at 95 %`, () => expect(signTestInterval(new Float64Array(n))).toBeNull());

  it("exists for five values at 93.75 %, which is what their range covers exactly", () =>
    expect(signTestInterval([3, 1, 2, 5, 4], 0.9375)).toEqual({ low: 1, high: 5, k: 1 }));

  it("has the largest k that whole-number arithmetic allows, up to a thousand values", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (n) => {
        let ways = 1n;
        let sum = 0n;
        let k = 0;
        for (; k <= n / 2; k++) {
          sum += ways; // Σ over i ≤ k of n over i; the tail of rank k + 1
          if (sum * 40n > 2n ** BigInt(n)) break; // 2 · tail > 0.05
          ways = (ways * BigInt(n - k)) / BigInt(k + 1);
        }
        expect(signTestRank(n)).toBe(k);
      }),
      { numRuns: 60 },
    );
  });

  it("covers the median of a skewed distribution at least as often as it says", () => {
    const random = new SeededRandom(4);
    let covered = 0;
    for (let r = 0; r < 2000; r++) {
      const draws = Float64Array.from({ length: 12 }, () => -Math.log(1 - random.uniform())); // median ln 2
      const { low, high } = signTestInterval(draws) as { low: number; high: number };
      covered += Number(low <= Math.LN2 && Math.LN2 <= high);
    }
    expect(covered / 2000).toBeGreaterThan(0.945); // exactly 0.9614
    expect(covered / 2000).toBeLessThan(0.98);
  });
});
