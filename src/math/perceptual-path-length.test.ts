import { expect, it } from "vitest";
import { gaussianRows, line } from "./feature-rows.fixture.ts";
import { perceptualPathLength } from "./perceptual-path-length.ts";

it("a linear map's path length is its squared length, whatever ε", () => {
  const from = gaussianRows(50, 2, 1);
  for (const epsilon of [1, 1e-4]) {
    const to = { ...from, data: from.data.map((v, i) => v + (i % 2 === 0 ? 3 : 4) * epsilon) };
    expect(perceptualPathLength(from, to, epsilon)).toBeCloseTo(25, 5);
  }
});

it("leaves out the outermost steps, and only those", () => {
  // 301 steps 0, 1, …, 300 squared: the 1st percentile is the fourth smallest, the 99th the fourth largest.
  const steps = Array.from({ length: 301 }, (_, i) => Math.sqrt((i * 8) % 301));
  const zeros = line(...steps.map(() => 0));
  expect(perceptualPathLength(zeros, line(...steps), 1)).toBeCloseTo(150, 9);
  const spoilt = steps.map((v) => (v * v > 297.5 ? 1e6 : v));
  expect(perceptualPathLength(zeros, line(...spoilt), 1)).toBeCloseTo(150, 9);
  const more = steps.map((v) => (v * v > 296.5 ? 1e6 : v));
  expect(perceptualPathLength(zeros, line(...more), 1)).toBeGreaterThan(1e9);
});

it("refuses no pairs, unequal sides and values that are not finite", () => {
  expect(() => perceptualPathLength(line(), line(), 1)).toThrow(/a path length needs at least 1 rows; there are 0/);
  expect(() => perceptualPathLength(line(1), line(1, 2), 1)).toThrow(/pairs of 1 and 2 rows/);
  expect(() => perceptualPathLength(line(1), gaussianRows(1, 2, 1), 1)).toThrow(/1 features a row, the other 2/);
  expect(() => perceptualPathLength(line(1), line(Number.NaN), 1)).toThrow(/at row 0/);
});
