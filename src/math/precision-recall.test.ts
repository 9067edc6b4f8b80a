import { describe, expect, it } from "vitest";
import { gaussianRows, line, rowsBetween } from "./feature-rows.fixture.ts";
import { compareManifolds, fitManifold, precisionRecall } from "./precision-recall.ts";

describe("precisionRecall on sets made for it", () => {
  it("is 1 and 1 for a set and its copy, repeated rows included", () => {
    const rows = gaussianRows(40, 3, 1, { shift: 1e4 });
    expect(precisionRecall(rows, { ...rows, data: rows.data.slice() })).toEqual({ precision: 1, recall: 1 });
    const point = { data: new Float64Array(30).fill(1 / 3), n: 10, d: 3 };
    expect(precisionRecall(point, point)).toEqual({ precision: 1, recall: 1 });
  });
  it("is 0 and 0 for sets far apart", () => {
    expect(precisionRecall(gaussianRows(20, 2, 1), gaussianRows(20, 2, 2, { shift: 99 }))).toEqual({
      precision: 0,
      recall: 0,
    });
  });
  it("has full precision and half recall when one of two groups is drawn", () => {
    const [one, two] = [line(0, 1, 2, 3), line(100, 101, 102, 103)];
    const real = line(...one.data, ...two.data);
    expect(precisionRecall(real, line(0.5, 1.5, 2.5, 2.6))).toEqual({ precision: 1, recall: 0.5 });
  });
  it("has half precision and full recall when a group is drawn that is not real", () => {
    expect(precisionRecall(line(0, 1, 2, 3), line(0.1, 1.1, 2.1, 3.1, 50, 51, 52, 53))).toEqual({
      precision: 0.5,
      recall: 1,
    });
  });
  it("counts a row on the edge of a ball as inside, and one beyond as outside", () => {
    const real = line(0, 1, 3, 6); // radii to the third neighbour: 6, 5, 3, 6
    const generated = (x: number) => precisionRecall(real, line(x, 90, 91, 92)).precision;
    expect([generated(12), generated(12.001), generated(-6), generated(-6.001)]).toEqual([0.25, 0, 0.25, 0]);
  });
  it("takes k", () => {
    expect([...fitManifold(line(0, 1, 3, 6), { k: 1 }).squaredRadii].map((v) => Math.round(v))).toEqual([1, 1, 4, 9]);
    expect([...fitManifold(line(0, 1, 3, 6)).squaredRadii].map((v) => Math.round(v))).toEqual([36, 25, 9, 36]);
  });
});

it("is the definition, by sorting all distances, across blocks", () => {
  for (const [seed, n, m] of [
    [1, 515, 20],
    [2, 60, 514],
  ] as const) {
    const d = 2;
    const [real, made] = [gaussianRows(n, d, seed), gaussianRows(m, d, seed + 1, { shift: 0.4, spread: 0.9 })];
    const squared = (x: typeof real, i: number, y: typeof real, j: number) =>
      [0, 1].reduce((sum, c) => sum + (x.data[i * d + c]! - y.data[j * d + c]!) ** 2, 0);
    const radii = (x: typeof real) =>
      Array.from(
        { length: x.n },
        (_, i) =>
          Array.from({ length: x.n }, (_, j) => squared(x, i, x, j))
            .sort((p, q) => p - q)
            .at(3)!, // the first is itself
      );
    const inside = (x: typeof real, y: typeof real) => {
      const reach = radii(y);
      return (
        Array.from({ length: x.n }, (_, i) => reach.some((r, j) => squared(x, i, y, j) <= r)).filter(Boolean).length /
        x.n
      );
    };
    expect(precisionRecall(real, made)).toEqual({ precision: inside(made, real), recall: inside(real, made) });
  }
});

it("manifolds fitted once give the same answer", () => {
  const [real, made] = [gaussianRows(50, 3, 1), gaussianRows(40, 3, 2)];
  const fitted = fitManifold(real);
  expect(compareManifolds(fitted, fitManifold(made, { origin: fitted.origin }))).toEqual(precisionRecall(real, made));
});

it("refuses fewer rows than neighbours, other widths and values that are not finite", () => {
  const rows = gaussianRows(9, 2, 1);
  expect(() => precisionRecall(rows, rowsBetween(rows, 0, 3))).toThrow(
    /manifold of 3 neighbours needs at least 4 rows; there are 3/,
  );
  expect(() => precisionRecall(rows, line(1, 2, 3, 4))).toThrow(/2 features a row, the other 1/);
  expect(() => precisionRecall(line(1, 2, 3, Number.NaN), line(1, 2, 3, 4))).toThrow(/at row 3, column 0/);
});
