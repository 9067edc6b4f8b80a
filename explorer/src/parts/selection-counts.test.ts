import { expect, it } from "vitest";
import { type Counts, countsOf } from "./selection-counts.ts";

it("counts each label beside all of its rows, commonest first", () => {
  const column = { kind: "category" as const, name: "condition", labels: ["a", null, "b"], codes: [0, 0, 1, 2, 2, 2] };
  expect(countsOf([0, 3, 4, 2], column)).toEqual({
    kind: "values",
    lines: [
      { label: "b", n: 2, of: 3 },
      { label: "a", n: 1, of: 2 },
      { label: "no value", n: 1, of: 1 },
    ],
    nMore: 0,
  });
});

it("counts a few doses in their order, and names only the commonest of many labels", () => {
  const doses = { kind: "number" as const, name: "dose_um", values: [10, 10, 0.3, null, null, null, 3] };
  const { lines } = countsOf([0, 1, 2, 3, 4], doses) as Extract<Counts, { kind: "values" }>;
  expect(lines.map(({ label, n, of }) => [label, n, of])).toEqual([
    ["0.3", 1, 1],
    ["10", 2, 2],
    ["no value", 2, 3],
  ]);
  const many = Array.from({ length: 40 }, (_, i) => i);
  const column = { kind: "category" as const, name: "compound", labels: many.map((i) => `c${i}`), codes: many };
  expect(countsOf(many, column)).toMatchObject({ nMore: 10 });
});

it("tells where many different numbers lie, beside those of all rows", () => {
  const values = [...Array.from({ length: 101 }, (_, i) => 100 - i), null];
  const counts = countsOf([100, 99, 98, 97, 96, 101], { kind: "number", name: "focus", values });
  expect(counts).toEqual({
    kind: "amounts",
    chosen: { n: 5, lowest: 0, lowerQuartile: 1, median: 2, upperQuartile: 3, highest: 4 },
    all: { n: 101, lowest: 0, lowerQuartile: 25, median: 50, upperQuartile: 75, highest: 100 },
  });
  expect(countsOf([101], { kind: "number", name: "focus", values })).toMatchObject({ chosen: null });
});
