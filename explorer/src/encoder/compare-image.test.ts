import { describe, expect, it } from "vitest";
import { featuresCsv, signed, wellCell } from "./answer-table.ts";
import { conditionScore, nearestWells, wellRows } from "./compare-image.ts";
import { composite, contrastLimits } from "./composite.ts";
import { pageFixture } from "./page.fixture.ts";
import { stripScale } from "./strip-scale.ts";
import { conditionText } from "./summary-text.ts";

const percentiles = (from: number) => Array.from({ length: 101 }, (_, i) => from + i / 100);
const AXIS = {
  ...{ negativeName: "Mock", positiveName: "Active", weights: [2, 0], bias: -1 },
  heldOut: {
    auc: 0.875,
    ci95: [0.8, 0.9] as [number, number],
    nPlates: 3,
    negative: percentiles(0),
    positive: percentiles(1),
  },
};

describe("an image beside the screen", () => {
  it("is nearest to the wells whose standardised features point the same way; constant features do not count", () => {
    const page = pageFixture();
    const rows = wellRows(page, Uint16Array.of(6, 0, 0, 0, 4, 0)); // features 3, 0 and 2: +1, −0.5 and +0.5 sd
    expect([...rows]).toEqual([3, 5, 0, 5, 2, 5]);
    const near = nearestWells(page, rows, Float32Array.of(7, 999), 2);
    expect(near).toEqual([
      { row: 0, similarity: 1 },
      { row: 2, similarity: 1 },
    ]);
    expect(nearestWells(page, rows, Float32Array.of(-1, 0), 1)).toEqual([{ row: 1, similarity: 1 }]);
    expect(() => wellRows(page, new Uint16Array(5))).toThrow(/5 values/);
  });

  it("has a condition score with its place among held-out images of both classes", () => {
    const found = conditionScore(pageFixture({ axis: AXIS }), Float32Array.of(0.875, 0))!;
    expect(found.score).toBeCloseTo(0.75, 12);
    expect(found.aboveNegative).toBeCloseTo(0.75, 6);
    expect(found.abovePositive).toBe(0);
    expect(conditionScore(pageFixture({ axis: AXIS }), Float32Array.of(9, 0))!.abovePositive).toBe(1);
    expect(conditionScore(pageFixture(), Float32Array.of(0, 0))).toBeNull();
  });

  it("is told in words, with the doubt", () => {
    const page = pageFixture({ axis: AXIS });
    const text = conditionText(AXIS, conditionScore(page, Float32Array.of(0.875, 0))!).join(" ");
    expect(text).toContain("Nearer to Active: score +0.75");
    expect(text).toContain("Higher than 75 % of the images of Mock and 0 % of those of Active");
    expect(text).toContain("AUC 0.88 (95 % interval 0.80 to 0.90)");
    const untested = { ...AXIS, heldOut: null };
    const score = conditionScore(pageFixture({ axis: untested }), Float32Array.of(0, 0))!;
    expect(conditionText(untested, score).join(" ")).toMatch(/Nearer to Mock: score −1\.00.*do not rely on it/);
  });

  it("is written as people read it", () => {
    expect(wellCell("dose_um", 0.30000001)).toBe("0.3");
    expect(wellCell("role", "negative_control")).toBe("negative control");
    expect(wellCell("well_id", "P_1")).toBe("P_1");
    expect(wellCell("treatment", null)).toBe("–");
    expect(signed(-0.5, 2)).toBe("−0.50");
    expect(featuresCsv(Float32Array.of(0.5, 0.1))).toBe(`feature_0,feature_1\n0.5,${Math.fround(0.1)}\n`);
  });
});

describe("pictures", () => {
  it("add stains in their colours between their own outer percentiles", () => {
    const values = Uint8Array.of(10, 20);
    expect(contrastLimits(values)).toEqual([10, 20]);
    expect(contrastLimits(Uint8Array.of(7, 7))).toEqual([7, 8]);
    const layers = [
      { values, colour: "#ff0000" },
      { values: Uint8Array.of(20, 10), colour: "#0000ff" },
    ];
    expect([...composite(layers, 2)]).toEqual([0, 0, 255, 255, 255, 0, 0, 255]);
  });

  it("place scores along a strip, with room at both ends", () => {
    const x = stripScale([0, 10], 100, 208);
    expect([x(0), x(5), x(10)]).toEqual([104, 154, 204]);
  });
});
