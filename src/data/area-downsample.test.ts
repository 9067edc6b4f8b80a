import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { areaDownsample, fittedSize } from "./area-downsample.ts";

function shrink(source: number[], height: number, width: number, outHeight: number, outWidth: number): number[] {
  const out = new Uint16Array(outHeight * outWidth);
  areaDownsample(Uint16Array.from(source), height, width, out, outHeight, outWidth);
  return [...out];
}

describe("areaDownsample", () => {
  it("is the mean of each block where sizes divide, rounded to the nearest level", () => {
    expect(shrink([1, 3, 10, 20, 5, 7, 30, 41], 2, 4, 1, 2)).toEqual([4, 25]);
  });

  it("counts border pixels by the covered fraction where they do not", () => {
    expect(shrink([0, 30, 90], 1, 3, 1, 2)).toEqual([10, 70]); // (0 + 30/2)/1.5 and (30/2 + 90)/1.5
  });

  it("keeps a constant image constant, and any image between its extremes, at every size", () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        fc.integer({ min: 0, max: 65535 }),
        fc.integer(),
        (h, w, a, b, level, seed) => {
          const [oh, ow] = [Math.min(h, a), Math.min(w, b)];
          expect(shrink(Array(h * w).fill(level), h, w, oh, ow)).toEqual(Array(oh * ow).fill(level));
          const noisy = Array.from({ length: h * w }, (_, i) => (Math.imul(i ^ seed, 2654435761) >>> 16) & 0xffff);
          const small = shrink(noisy, h, w, oh, ow);
          expect(Math.min(...small)).toBeGreaterThanOrEqual(Math.min(...noisy));
          expect(Math.max(...small)).toBeLessThanOrEqual(Math.max(...noisy));
        },
      ),
    );
  });

  it("keeps the mean grey level, to rounding", () => {
    const source = Array.from({ length: 68 * 68 }, (_, i) => (i * 7919) % 60000);
    const mean = (x: number[]) => x.reduce((sum, v) => sum + v, 0) / x.length;
    expect(Math.abs(mean(shrink(source, 68, 68, 32, 32)) - mean(source))).toBeLessThan(0.5);
  });
});

it("fittedSize keeps proportions and never reaches zero", () => {
  expect(fittedSize(1024, 2048, 512)).toEqual({ height: 256, width: 512 });
  expect(fittedSize(1, 1000, 10)).toEqual({ height: 1, width: 10 });
});
