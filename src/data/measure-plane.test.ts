// Every number of a plane against its definition written out.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { measurePlane } from "./measure-plane.ts";

/** Mean product of deviations of pixels `lag` apart in a row, from the plane's mean. */
function covariance(plane: ArrayLike<number>, height: number, width: number, lag: number): number {
  const mean = Array.from(plane).reduce((a, b) => a + b, 0) / plane.length;
  const products: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x + lag < width; x++)
      products.push((plane[y * width + x]! - mean) * (plane[y * width + x + lag]! - mean));
  return products.length === 0 ? 0 : products.reduce((a, b) => a + b, 0) / products.length;
}

describe("measurePlane", () => {
  const planes = fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 21 }), fc.boolean())
    .chain(([h, w, wide]) =>
      fc
        .array(fc.integer({ min: 0, max: wide ? 65535 : 255 }), { minLength: h * w, maxLength: h * w })
        .map((values) => ({ h, w, plane: wide ? Uint16Array.from(values) : Uint8Array.from(values) })),
    );
  it("gives mean, deviation, brightest level, structure and focus as they are defined", () => {
    fc.assert(
      fc.property(planes, ({ h, w, plane }) => {
        const got = measurePlane(plane, h, w);
        const values = Array.from(plane);
        const mean = values.reduce((a, b) => a + b, 0) / values.length;
        const max = Math.max(...values);
        expect(got.mean).toBeCloseTo(mean, 6);
        expect(got.sd ** 2).toBeCloseTo(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length, 2);
        expect([got.max, got.atMax]).toEqual([max, values.filter((v) => v === max).length / values.length]);
        const [near, far] = [covariance(plane, h, w, 1), covariance(plane, h, w, 4)];
        expect(got.structure ** 2).toBeCloseTo(Math.max(0, near), 2);
        if (near > 1) expect(got.focus).toBeCloseTo(Math.max(0, 1 - far / near), 6);
        if (plane instanceof Uint8Array) expect([...got.counts!].reduce((a, b) => a + b)).toBe(plane.length);
        else expect(got.counts).toBeUndefined();
      }),
    );
  });
  it("gain and offset leave focus alone; a blur lowers it", () => {
    const plane = Uint8Array.from({ length: 64 * 64 }, (_, i) => 20 + ((i * 7919) % 31));
    const brighter = Uint16Array.from(plane, (v) => 8 * v + 1000);
    expect(measurePlane(brighter, 64, 64).focus).toBeCloseTo(measurePlane(plane, 64, 64).focus, 9);
    const smooth = Uint8Array.from({ length: 64 * 64 }, (_, i) => 100 + 90 * Math.sin((i % 64) / 9));
    expect(measurePlane(smooth, 64, 64).focus).toBeLessThan(0.3);
  });
  it("one pixel more or less is another hash; the same pixels are the same", () => {
    const plane = Uint8Array.from({ length: 100 }, (_, i) => i);
    const { hash } = measurePlane(plane, 10, 10);
    expect(measurePlane(plane.slice(), 10, 10).hash).toBe(hash);
    for (const at of [0, 49, 50, 99]) {
      const other = plane.with(at, 200);
      expect(measurePlane(other, 10, 10).hash).not.toBe(hash);
    }
  });
});
