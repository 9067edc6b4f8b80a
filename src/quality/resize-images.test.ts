import { describe, expect, it } from "vitest";
import { greyNoise } from "./quality.fixture.ts";
import { resizeImages } from "./resize-images.ts";

describe("resizeImages", () => {
  it("leaves a plane of its size alone", () => {
    const { data } = greyNoise(1, 1, 5);
    expect(resizeImages(data, 5, 5)).toBe(data);
  });
  it("keeps a linear ramp linear when it grows, away from the edge, in both directions", () => {
    const ramp = Float32Array.from({ length: 64 }, (_, i) => (i % 8) + 10 * Math.floor(i / 8));
    const out = resizeImages(ramp, 8, 16);
    for (let y = 1; y < 15; y++)
      for (let x = 1; x < 15; x++)
        expect(out[y * 16 + x]).toBeCloseTo((x + 0.5) / 2 - 0.5 + 10 * ((y + 0.5) / 2 - 0.5), 5);
  });
  it("is the triangle filter when it shrinks: weights 1, 3, 3, 1 at half size", () => {
    const impulse = new Float32Array(64);
    impulse[3 * 8 + 4] = 64;
    const out = resizeImages(impulse, 8, 4);
    const at = (y: number, x: number) => out[y * 4 + x];
    expect([at(1, 1), at(1, 2), at(2, 1), at(2, 2)]).toEqual([3, 9, 1, 3]);
    expect(out.reduce((a, b) => a + b, 0)).toBeCloseTo(16, 5);
  });
  it("keeps constants at any pair of sizes, plane by plane", () => {
    for (const [from, to] of [
      [3, 7],
      [7, 3],
      [16, 1],
      [1, 4],
    ] as const) {
      const data = Float32Array.from({ length: 2 * from * from }, (_, i) => (i < from * from ? 0.25 : -1));
      const out = resizeImages(data, from, to);
      expect(out.length).toBe(2 * to * to);
      for (const [i, v] of out.entries()) expect(v).toBeCloseTo(i < to * to ? 0.25 : -1, 6);
    }
  });
});
