import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { dotProducts } from "./dot-products.ts";
import {
  gaussianRows,
  line,
  referencePresent,
  referenceRows,
  referenceValues,
  rowsBetween,
} from "./feature-rows.fixture.ts";
import { frechetDistance } from "./frechet-distance.ts";
import { type Moments, momentsOf, RunningMoments } from "./running-moments.ts";
import { symmetricEigen, symmetricEigenvalues } from "./symmetric-eigen.ts";

const gaussian = (mean: number[], covariance: number[]): Moments => ({
  n: 100,
  d: mean.length,
  mean: Float64Array.from(mean),
  covariance: Float64Array.from(covariance),
});

describe.skipIf(!referencePresent)("reference values (shared data)", () => {
  const halves = { "A first half": [0, 544], "A second half": [544, 1088] } as const;
  const rowsOf = (name: string) => {
    const half = halves[name as keyof typeof halves];
    return half ? rowsBetween(referenceRows("A_dmso_27801"), half[0], half[1]) : referenceRows(name);
  };
  for (const [pair, { fid_eig }] of referencePresent ? referenceValues() : []) {
    it(`${pair} is ${fid_eig.toFixed(6)}, either way round`, () => {
      const [a, b] = pair.split(" vs ").map((name) => momentsOf(rowsOf(name!))) as [Moments, Moments];
      // With 20 rows of 27 features the reference itself is good to 1e-8: its two methods differ by that.
      expect(Math.abs(frechetDistance(a, b) - Math.max(0, fid_eig))).toBeLessThan(5e-8);
      expect(Math.abs(frechetDistance(b, a) - Math.max(0, fid_eig))).toBeLessThan(5e-8);
    });
  }
});

describe("frechetDistance, closed forms", () => {
  it("of N(0, I) and N(m, s²I) is d(1 − s)² + |m|²", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.double({ min: 0, max: 9, noNaN: true }),
        fc.integer(),
        (d, s, seed) => {
          const random = new SeededRandom(seed);
          const m = Array.from({ length: d }, () => random.normal());
          const diagonal = (v: number) => Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? v : 0));
          const want = d * (1 - s) ** 2 + m.reduce((sum, v) => sum + v * v, 0);
          const got = frechetDistance(gaussian(Array(d).fill(0), diagonal(1)), gaussian(m, diagonal(s * s)));
          expect(Math.abs(got - want)).toBeLessThan(1e-11 * (1 + want));
        },
      ),
    );
  });
  it("of N(0, diag(1, 4)) and N((1, 2), diag(9, 16)) is 13", () => {
    expect(frechetDistance(gaussian([0, 0], [1, 0, 0, 4]), gaussian([1, 2], [9, 0, 0, 16]))).toBeCloseTo(13, 12);
  });
  it("of covariances that do not commute, 2×2: Tr √(AB) is √(Tr AB + 2√det AB)", () => {
    const [a, b] = [
      [2, 1, 1, 3],
      [5, -2, -2, 1],
    ] as const;
    const trace = 2 * 5 + 2 * 1 * -2 + 3 * 1;
    const want = 5 + 6 - 2 * Math.sqrt(trace + 2 * Math.sqrt(5 * 1));
    expect(frechetDistance(gaussian([0, 0], [...a]), gaussian([0, 0], [...b]))).toBeCloseTo(want, 12);
  });
  it("of singular covariances: orthogonal lines share nothing, a point has no spread at all", () => {
    expect(frechetDistance(gaussian([0, 0], [4, 0, 0, 0]), gaussian([0, 0], [0, 0, 0, 9]))).toBeCloseTo(13, 12);
    expect(frechetDistance(gaussian([0, 0], [0, 0, 0, 0]), gaussian([3, 0], [1, 0, 0, 1]))).toBeCloseTo(11, 12);
    expect(frechetDistance(gaussian([0], [0]), gaussian([0], [0]))).toBe(0);
  });
  it("does not change when both sides are turned", () => {
    const turned = ({ data, n, d }: ReturnType<typeof gaussianRows>) => {
      const symmetric = dotProducts(
        Float64Array.from(gaussianRows(d, d, 7).data),
        d,
        Float64Array.from(gaussianRows(d, d, 7).data),
        d,
        d,
      );
      return { data: dotProducts(Float64Array.from(data), n, symmetricEigen(symmetric, d).vectors, d, d), n, d };
    };
    const [a, b] = [gaussianRows(40, 6, 1), gaussianRows(30, 6, 2, { shift: 0.5, spread: 2 })];
    const straight = frechetDistance(momentsOf(a), momentsOf(b));
    expect(frechetDistance(momentsOf(turned(a)), momentsOf(turned(b)))).toBeCloseTo(straight, 10);
  });
  it("refuses features of different widths", () => {
    expect(() => frechetDistance(gaussian([0], [1]), gaussian([0, 0], [1, 0, 0, 1]))).toThrow(
      /one side has 1 features a row, the other 2\.[\s\S]*same features[\s\S]*same extractor/,
    );
  });
});

describe("RunningMoments", () => {
  it("are the same bits however the rows are cut, across several blocks of features", () => {
    const rows = gaussianRows(700, 5, 3, { shift: 1e6 });
    const whole = momentsOf(rows);
    const running = new RunningMoments(5);
    for (const [from, to] of [
      [0, 1],
      [1, 299],
      [299, 299],
      [299, 700],
    ] as const)
      running.add(rowsBetween(rows, from, to));
    expect(running.n).toBe(700);
    expect(running.moments()).toEqual(whole);
  });
  it("keep their digits under a large common offset: the definition in two passes", () => {
    const rows = gaussianRows(600, 3, 4, { shift: 1e7 });
    const { mean, covariance } = momentsOf(rows);
    const column = (j: number) => Array.from({ length: 600 }, (_, i) => rows.data[i * 3 + j]! - 1e7);
    const average = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
    for (let i = 0; i < 3; i++) {
      expect(mean[i]! - 1e7).toBeCloseTo(average(column(i)), 7);
      for (let j = 0; j < 3; j++) {
        const [x, y] = [column(i), column(j)];
        const [mx, my] = [average(x), average(y)];
        const want = x.reduce((sum, v, r) => sum + (v - mx) * (y[r]! - my), 0) / 599;
        expect(covariance[i * 3 + j]).toBeCloseTo(want, 7);
      }
    }
  });
  it("reach past one block of features", () => {
    const rows = gaussianRows(4, 520, 5);
    const { covariance, mean } = momentsOf(rows);
    const want = [0, 1, 2, 3].reduce(
      (sum, r) => sum + (rows.data[r * 520 + 3]! - mean[3]!) * (rows.data[r * 520 + 517]! - mean[517]!),
      0,
    );
    expect(covariance[3 * 520 + 517]).toBeCloseTo(want / 3, 12);
    expect(covariance[517 * 520 + 3]).toBe(covariance[3 * 520 + 517]);
  });
  it("refuse one row, other widths and values that are not finite, naming the row", () => {
    expect(() => momentsOf(line(1))).toThrow(
      /a covariance needs at least 2 rows; there is 1\.[\s\S]*chance[\s\S]*draw more/,
    );
    expect(() => new RunningMoments(2).add(line(1))).toThrow(/2 features a row, the other 1/);
    expect(() => momentsOf(line(1, 2, Number.NaN))).toThrow(/image features has a value .* at row 2, column 0/);
  });
});

describe("dotProducts", () => {
  it("are the sums they are named after, for every remainder of rows", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer(),
        (nA, nB, d, seed) => {
          const [a, b] = [
            gaussianRows(nA, d, seed).data as Float64Array,
            gaussianRows(nB, d, seed + 1).data as Float64Array,
          ];
          const got = dotProducts(a, nA, b, nB, d);
          let worst = 0;
          for (let i = 0; i < nA; i++)
            for (let j = 0; j < nB; j++) {
              let want = 0;
              for (let c = 0; c < d; c++) want += a[i * d + c]! * b[j * d + c]!;
              worst = Math.max(worst, Math.abs(got[i * nB + j]! - want));
            }
          expect(worst).toBeLessThan(1e-12);
        },
      ),
      { numRuns: 30 },
    );
  });
});

it("symmetricEigen manages matrices of low rank, whose other eigenvalues are round-off", () => {
  for (const [rank, p] of [
    [19, 184],
    [1, 60],
    [59, 200],
  ] as const) {
    const columns = gaussianRows(p, rank, 8).data as Float64Array;
    const { values } = symmetricEigen(dotProducts(columns, p, columns, p, rank), p);
    const rows = Float64Array.from({ length: rank * p }, (_, i) => columns[(i % p) * rank + Math.floor(i / p)]!);
    const want = symmetricEigen(dotProducts(rows, rank, rows, rank, p), rank).values; // AᵀA has those of AAᵀ, and no others
    values.forEach((value, i) => {
      expect(Math.abs(value - (want[i] ?? 0))).toBeLessThan(1e-12 * want[0]!);
    });
  }
});

it("symmetricEigenvalues are those of symmetricEigen", () => {
  const a = dotProducts(
    gaussianRows(9, 9, 6).data as Float64Array,
    9,
    gaussianRows(9, 9, 6).data as Float64Array,
    9,
    9,
  );
  const [alone, together] = [symmetricEigenvalues(a, 9), symmetricEigen(a, 9).values];
  for (const [i, value] of alone.entries()) expect(value).toBeCloseTo(together[i]!, 10);
});
