import fc from "fast-check";
import { expect, it } from "vitest";
import type { ColumnAnswer } from "../../../src/schema/explorer.ts";
import { type Filter, passes, readFilters, writeFilters } from "./filters.ts";

const name = fc.string({ minLength: 1, unit: "grapheme" });
const end = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).filter((v) => !Object.is(v, -0)));
const filter: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ kind: fc.constant("number" as const), column: name, low: end, high: end }),
  fc
    .record({ kind: fc.constant("category" as const), column: name, labels: fc.array(fc.option(name)) })
    .filter(({ labels }) => !(labels.length === 1 && labels[0] === null)),
);

it("comes back from an address as it was, whatever the names hold", () => {
  fc.assert(
    fc.property(fc.array(filter), (filters) => {
      const address = new URLSearchParams({ only: writeFilters(filters) ?? "" });
      expect(readFilters(new URLSearchParams(address.toString()).get("only") ?? undefined)).toEqual(filters);
    }),
  );
  expect(writeFilters([])).toBe(null);
});

it("passes over what is no filter", () => {
  expect(readFilters("nonsense;:=a;dose:1;%E0%A4%A:=x")).toEqual([
    { kind: "category", column: "%E0%A4%A", labels: ["x"] },
  ]);
  expect(readFilters("dose:a..2")).toEqual([{ kind: "number", column: "dose", low: null, high: 2 }]);
  expect(readFilters(undefined)).toEqual([]);
});

it("lets through the values ticked, the range asked for, and everything before anything is", () => {
  const condition: ColumnAnswer = {
    kind: "category",
    name: "c",
    labels: ["Mock", null, "Active"],
    codes: [0, 1, 2, 0],
  };
  const dose: ColumnAnswer = { kind: "number", name: "d", values: [0.1, null, 1, 10] };
  const kept = (one: Filter, column: ColumnAnswer) => [0, 1, 2, 3].filter(passes(one, column));
  expect(kept({ kind: "category", column: "c", labels: ["Mock"] }, condition)).toEqual([0, 3]);
  expect(kept({ kind: "category", column: "c", labels: ["Active", null] }, condition)).toEqual([1, 2]);
  expect(kept({ kind: "category", column: "c", labels: [] }, condition)).toEqual([0, 1, 2, 3]);
  expect(kept({ kind: "number", column: "d", low: 0.1, high: 1 }, dose)).toEqual([0, 2]);
  expect(kept({ kind: "number", column: "d", low: null, high: 0.5 }, dose)).toEqual([0]);
  expect(kept({ kind: "number", column: "d", low: null, high: null }, dose)).toEqual([0, 1, 2, 3]);
});
