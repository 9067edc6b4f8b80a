import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coreRange, linearAxis, markText, roundMarks } from "./chart-scale.ts";

describe("a chart's axes", () => {
  it("are marked at round values within their range, few enough to be read", () => {
    expect(roundMarks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(roundMarks(-3, 7, 4)).toEqual([0, 5]);
    expect(roundMarks(2, 2, 4)).toEqual([2]);
    const range = fc.tuple(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
    );
    fc.assert(
      fc.property(range, ([low, size]) => {
        const marks = roundMarks(low, low + size, 5);
        expect(marks.length).toBeLessThanOrEqual(6);
        const slack = 1e-6 * (Math.abs(low) + size);
        for (const mark of marks) expect(mark >= low - slack && mark <= low + size + slack).toBe(true);
      }),
    );
  });

  it("run from one pixel to the other, also for a constant", () => {
    const axis = linearAxis([2, Number.NaN, 4], 100, 0, 3);
    expect([axis.at(2), axis.at(3), axis.at(4)]).toEqual([100, 50, 0]);
    expect(linearAxis([5, 5], 0, 10, 3).at(5)).toBe(5);
  });

  it("are written short", () => {
    expect([0, -0.5, 123456, 0.00012, 1.5].map(markText)).toEqual(["0", "−0.5", "10⁵", "10⁻⁴", "1.5"]);
  });

  it("leave one wild value out where there are many", () => {
    const values = [...Array.from({ length: 1000 }, (_, i) => i / 1000), 1e9];
    expect(coreRange(values)[1]).toBeLessThan(1.1);
    expect(coreRange([1, 9, Number.NaN])).toEqual([1, 9]);
  });
});
