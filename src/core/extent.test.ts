import { expect, it } from "vitest";
import { extent } from "./extent.ts";

it("finds the ends of more values than a call takes as arguments, and of none", () => {
  const many = Float64Array.from({ length: 400_000 }, (_, i) => (i * 7919) % 400_000);
  expect(extent(many)).toEqual([0, 399_999]);
  expect(extent([])).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
});
