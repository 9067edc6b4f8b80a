import { describe, expect, it } from "vitest";
import { imageScore, isCalledInfected, topK, validationScore } from "./top-k.ts";

describe("topK", () => {
  it("gives the largest first, the earlier of equals, and all of them where there are fewer", () => {
    expect(topK([0.2, 0.7, 0.7, 0.1, 0.9], 3)).toEqual([4, 1, 2]);
    expect(topK([0.3, 0.1], 5)).toEqual([0, 1]);
    expect(topK([], 2)).toEqual([]);
  });
});

describe("an image", () => {
  const patches = [0.1, 0.9, 0.6, 0.4, 0.8];
  it("scores the median of its k most infected patches", () => {
    expect(imageScore(patches, 1)).toBe(0.9);
    expect(imageScore(patches, 2)).toBeCloseTo(0.85, 12);
    expect(imageScore(patches, 3)).toBe(0.8);
    expect(imageScore(patches, 9)).toBe(0.6);
  });
  it("is called infected when its k-th most infected patch reaches a half, the half included", () => {
    expect(isCalledInfected(patches, 3)).toBe(true);
    expect(isCalledInfected(patches, 4)).toBe(false);
    expect(isCalledInfected([0.5, 0.2], 1)).toBe(true);
  });
});

describe("validationScore", () => {
  it("is one less half of both error rates, whatever the classes' sizes", () => {
    // one of three healthy images is called infected, one of two infected ones is missed
    expect(validationScore([true, false, false, true, false], [0, 0, 0, 1, 1])).toBeCloseTo(
      1 - (1 / 3 + 1 / 2) / 2,
      12,
    );
    expect(validationScore([true, false], [1, 0])).toBe(1);
    expect(validationScore([false, true], [1, 0])).toBe(0);
    expect(validationScore([true], [1])).toBe(1);
  });
});
