import { describe, expect, it } from "vitest";
import { type ColourScale, colourOf, endsOf, numberScale, scaleOfValues, shareOf } from "./scale.ts";

type Amounts = Extract<ColourScale, { kind: "number" }>;
const amounts = (scale: ColourScale) => scale as Amounts;

describe("the colours of amounts", () => {
  it("keep to what most wells have when one stretches the scale, and say so", () => {
    const scale = amounts(numberScale([10, 5000], [11, 20]));
    expect([scale.low, scale.high, scale.isClipped]).toEqual([10, 20, { low: false, high: true }]);
    expect(endsOf(scale)).toEqual(["10", "≥ 20"]);
    expect(shareOf(scale, 15)).toBe(0.5);
    expect(shareOf(scale, 5000)).toBe(1);
    expect(endsOf(amounts(numberScale([-900, 20], [11, 20])))).toEqual(["≤ 11", "20"]);
  });

  it("reach the true ends when no well stretches them, and when nearly all wells are alike", () => {
    expect(endsOf(amounts(numberScale([10, 22], [11, 20])))).toEqual(["10", "22"]);
    const alike = amounts(numberScale([0, 7], [0, 0]));
    expect([shareOf(alike, 0), shareOf(alike, 7)]).toEqual([0, 1]);
  });

  it("go by powers of ten where most wells span them, not for one outlier, and not where something is zero", () => {
    const doses = amounts(numberScale([1e-9, 100], [0.01, 100]));
    expect([doses.isLog, endsOf(doses)]).toEqual([true, ["≤ 0.01", "100 (log)"]]);
    expect(shareOf(doses, 1)).toBeCloseTo(0.5, 12);
    expect(colourOf(doses, 1e-9, "light")).toBe(colourOf(doses, 0.01, "light"));
    expect(amounts(numberScale([1, 100_000], [1, 9])).isLog).toBe(false);
    expect(amounts(numberScale([0, 100], [0.1, 100])).isLog).toBe(false);
  });

  it("are taken from the points themselves on a map, of which the absent count for nothing", () => {
    const values = [...Array.from({ length: 201 }, (_, i) => i), 1e6, null];
    const scale = amounts(scaleOfValues(values));
    expect(endsOf(scale)).toEqual(["0", "≥ 199"]);
    expect(endsOf(amounts(scaleOfValues([null])))).toEqual(["0", "1"]);
  });
});
