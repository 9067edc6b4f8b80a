import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { standardiseImage } from "./standardise-image.ts";

const plane = fc.array(fc.integer({ min: 0, max: 65535 }), { minLength: 12, maxLength: 12 });

/** The definition, written out for one plane. */
function defined(values: readonly number[]): number[] {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const sd = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
  return values.map((v) => (sd === 0 ? 0 : Math.min(1, Math.max(-1, (v - mean) / sd / 3))));
}

const close = (got: Iterable<number>, want: readonly number[]) =>
  [...got].forEach((value, i) => {
    expect(value).toBeCloseTo(want[i]!, 5);
  });

describe("standardiseImage", () => {
  it("is its definition, for each plane by itself", () => {
    fc.assert(
      fc.property(fc.array(plane, { minLength: 4, maxLength: 4 }), (planes) => {
        const images = Float32Array.from(planes.flat());
        standardiseImage(images, [2, 2, 3, 4]);
        close(images, planes.flatMap(defined));
      }),
    );
  });

  it("does not see brightness or contrast", () => {
    fc.assert(
      fc.property(plane, fc.double({ min: 0.01, max: 100, noNaN: true }), fc.integer(), (values, gain, offset) => {
        const shift = offset % 1000;
        const one = Float64Array.from(values);
        const [a, b] = [Float32Array.from(one), Float32Array.from(one, (v) => (v / 65535) * gain + shift / 1000)];
        fc.pre(new Set(b).size === new Set(a).size); // rounding to float32 has not joined levels
        fc.pre(Math.max(...values) - Math.min(...values) > 6553);
        for (const image of [a, b]) standardiseImage(image, [1, 1, 3, 4]);
        for (const [i, value] of a.entries()) expect(b[i]).toBeCloseTo(value, 2);
      }),
    );
  });

  it("clips at three standard deviations", () => {
    const values = Float32Array.from({ length: 100 }, (_, i) => (i === 0 ? 1000 : i === 1 ? -1000 : 0));
    standardiseImage(values, [1, 1, 10, 10]);
    expect([...values.subarray(0, 3)]).toEqual([1, -1, 0]);
  });

  it("a constant plane becomes 0, whatever its level", () => {
    const values = Float32Array.from([0.1, 0.1, 0.1, 0.1, 65535, 65535, 65535, 65535]);
    standardiseImage(values, [1, 2, 2, 2]);
    expect([...values]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it("refuses a shape that is not the array's", () => {
    expect(() => standardiseImage(new Float32Array(7), [1, 2, 2, 2])).toThrow("7 values are not [1,2,2,2]");
  });
});
