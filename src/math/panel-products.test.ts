import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { addOuterProducts, cholesky } from "./dense-symmetric.ts";
import { dotProducts } from "./dot-products.ts";
import { panelProducts, rowLines } from "./panel-products.ts";
import { multiplyRows, scatterOf } from "./row-products.ts";

const drawn = (n: number, seed: number) => {
  const random = new SeededRandom(seed);
  return Float64Array.from({ length: n }, () => random.normal());
};

/** Whole numbers, so that sums are exact in whatever order they are made. */
const whole = (n: number, seed: number) => drawn(n, seed).map((v) => Math.round(20 * v));

const product = (a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, d: number) =>
  Array.from({ length: d }, (_, c) => a[i * d + c]! * b[j * d + c]!).reduce((sum, v) => sum + v, 0);

describe("products by panels", () => {
  it("are those of the definition, whatever lines are left over at the edges", () => {
    const sides = fc.record({ nA: fc.integer({ min: 1, max: 13 }), nB: fc.integer({ min: 1, max: 60 }) });
    fc.assert(
      fc.property(sides, fc.integer({ min: 1, max: 30 }), fc.nat(), ({ nA, nB }, d, seed) => {
        const [a, b] = [whole(nA * d, seed), whole(nB * d, seed + 1)];
        const got = dotProducts(a, nA, b, nB, d);
        for (let i = 0; i < nA; i++) for (let j = 0; j < nB; j++) expect(got[i * nB + j]).toBe(product(a, i, b, j, d));
      }),
      { numRuns: 40 },
    );
  });

  it("go on over more lines and deeper ones than a panel holds", () => {
    const [nA, nB, d] = [197, 101, 1027];
    const [a, b] = [whole(nA * d, 1), whole(nB * d, 2)];
    const got = dotProducts(a, nA, b, nB, d);
    for (let i = 0; i < nA; i += 7) for (let j = 0; j < nB; j++) expect(got[i * nB + j]).toBe(product(a, i, b, j, d));
  });

  it("do not take what an earlier product left behind, not even what is no number", () => {
    const bad = new Float64Array(7 * 9).fill(Number.NaN);
    expect(dotProducts(bad, 7, bad, 7, 9).every(Number.isNaN)).toBe(true);
    expect([...dotProducts(Float64Array.of(1, 2, 3), 1, Float64Array.of(1, 1, 1, 2, 2, 2), 2, 3)]).toEqual([6, 12]);
  });

  it("leave out the panels that nobody wants", () => {
    const lines = rowLines(whole(300 * 5, 3), 300, 5);
    const taken: string[] = [];
    const isWanted = (fromA: number, _nA: number, fromB: number) => fromB >= fromA;
    panelProducts(lines, lines, 5, (fromA, nA, fromB, nB) => taken.push(`${fromA}+${nA} ${fromB}+${nB}`), isWanted);
    expect(taken).toContain("192+108 192+48");
    expect(taken).not.toContain("192+108 144+48");
  });

  it("are the same bits whether few lines are multiplied or many", () => {
    const [n, f] = [5, 1201];
    const rows = Float32Array.from(drawn(n * f, 4));
    const lines = drawn(40 * f, 5);
    const many = multiplyRows(rows, lines, f, new Float64Array(n * 40));
    const few = multiplyRows(rows, lines.subarray(0, 3 * f), f, new Float64Array(n * 3));
    for (let i = 0; i < n; i++)
      expect([...few.subarray(i * 3, i * 3 + 3)]).toEqual([...many.subarray(i * 40, i * 40 + 3)]);
  });
});

it("rows by a matrix of more lines than are done at once, in single precision, are rounded once", () => {
  const [n, k, f] = [3, 1100, 700];
  const [rows, matrix] = [Float32Array.from(drawn(n * f, 6)), drawn(k * f, 7)];
  const got = multiplyRows(rows, matrix, f);
  for (let c = 0; c < k; c += 11) {
    const want = product(rows, 2, matrix, c, f);
    expect(Math.abs(got[2 * k + c]! - want)).toBeLessThanOrEqual(2 ** -23 * Math.abs(want) + 1e-12);
  }
});

it("a scatter and a factor larger than a panel are those of the definition", () => {
  const [n, p] = [700, 230];
  const x = drawn(n * p, 8);
  const { mean, scatter } = scatterOf(x, p);
  for (let j = 0; j < p; j += 13)
    for (let k = 0; k < p; k += 7) {
      let want = 0;
      for (let i = 0; i < n; i++) want += (x[i * p + j]! - mean[j]!) * (x[i * p + k]! - mean[k]!);
      expect(scatter[j * p + k]).toBeCloseTo(want, 8);
    }
  const u = cholesky(scatter, p)!;
  for (let j = 0; j < p; j += 13)
    for (let k = j; k < p; k += 7) {
      let back = 0;
      for (let i = 0; i <= j; i++) back += u[i * p + j]! * u[i * p + k]!;
      expect(back).toBeCloseTo(scatter[j * p + k]!, 8);
    }
});

it("outer products of many rows leave the columns before the first wanted as they were", () => {
  const [n, p, from] = [40, 60, 21];
  const x = whole(n * p, 9);
  const gram = new Float64Array(p * p);
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  addOuterProducts(gram, x, p, rows, new Float64Array(n).fill(-1), from);
  for (let j = 0; j < p; j++)
    for (let k = j; k < p; k++) {
      let want = 0;
      if (j >= from) for (let i = 0; i < n; i++) want -= x[i * p + j]! * x[i * p + k]!;
      expect(gram[j * p + k]).toBe(want);
    }
});
