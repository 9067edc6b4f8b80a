import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { areaDownsample } from "./area-downsample.ts";
import { ImageResizer, resizedLength } from "./image-resizer.ts";

function resized(plane: Uint8Array | Uint16Array, h: number, w: number, factor: number): Float32Array {
  const resizer = new ImageResizer(h, w, factor);
  const out = new Float32Array(resizer.heightPx * resizer.widthPx);
  resizer.resize(plane, out);
  return out;
}

const ramp = (h: number, w: number) => Uint16Array.from({ length: h * w }, (_, i) => 10 * Math.floor(i / w) + (i % w));

describe("ImageResizer", () => {
  it("at factor 1 leaves every pixel as it is", () => {
    expect([...resized(ramp(3, 5), 3, 5, 1)]).toEqual([...ramp(3, 5)]);
  });

  it("halving is the mean of each 2 × 2, and what importing at half the size stores, before rounding", () => {
    const plane = Uint8Array.from({ length: 64 }, (_, i) => (i * 37) % 251);
    const out = resized(plane, 8, 8, 0.5);
    expect(out[0]).toBe((plane[0]! + plane[1]! + plane[8]! + plane[9]!) / 4);
    const stored = new Uint8Array(16);
    areaDownsample(plane, 8, 8, stored, 4, 4);
    expect([...out].map(Math.round)).toEqual([...stored]);
  });

  it("a factor that does not divide covers exactly its share: 3 px by 2/3 gives 1 + ½ and ½ + 1", () => {
    const square = Uint8Array.of(0, 30, 90, 0, 30, 90, 0, 30, 90);
    const out = resized(square, 3, 3, 2 / 3);
    [10, 70, 10, 70].forEach((want, i) => {
      expect(out[i]).toBeCloseTo(want, 5);
    });
  });

  it("doubling interpolates between pixel centres and repeats the border", () => {
    const out = resized(Uint8Array.of(0, 40, 0, 40), 2, 2, 2);
    expect([...out.subarray(0, 4)]).toEqual([0, 10, 30, 40]);
    expect([...out.subarray(12, 16)]).toEqual([0, 10, 30, 40]);
  });

  it("doubling keeps a ramp a ramp, away from the border", () => {
    const out = resized(ramp(6, 6), 6, 6, 2);
    for (let y = 1; y < 11; y++)
      for (let x = 1; x < 11; x++)
        expect(out[y * 12 + x]).toBeCloseTo(10 * ((y + 0.5) / 2 - 0.5) + (x + 0.5) / 2 - 0.5, 4);
  });

  it("keeps a constant constant and stays within the plane's range, at any factor", () => {
    const sides = fc.integer({ min: 4, max: 20 });
    fc.assert(
      fc.property(sides, sides, fc.double({ min: 0.3, max: 3, noNaN: true }), fc.nat(255), (h, w, factor, level) => {
        const flat = resized(new Uint8Array(h * w).fill(level), h, w, factor);
        expect(flat.length).toBe(resizedLength(h, factor) * resizedLength(w, factor));
        for (const v of flat) expect(v).toBeCloseTo(level, 3);
        const out = resized(ramp(h, w), h, w, factor);
        for (const v of out) expect(v >= -1e-3 && v <= 10 * (h - 1) + w - 1 + 1e-3).toBe(true);
      }),
    );
  });

  it("lengths that meet a whole number are not cut by rounding", () => {
    for (const um of [0.65, 0.656, 1.3, 0.325]) expect(resizedLength(1024, um / (2 * um))).toBe(512);
    expect(resizedLength(300, 1 / 3)).toBe(100);
  });

  it("refuses a factor that leaves nothing", () => {
    for (const factor of [0, -1, Number.NaN, 0.1, Number.POSITIVE_INFINITY])
      expect(() => new ImageResizer(4, 4, factor)).toThrow(RangeError);
  });
});
