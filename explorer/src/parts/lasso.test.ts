import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pointsInside, polygonOf, readLasso, writeLasso } from "./lasso.ts";

/** A circle as a hand draws it: many corners. */
const circle = (radius: number, n = 400) =>
  Array.from({ length: n }, (_, i): [number, number] => {
    const angle = (2 * Math.PI * i) / n;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });

describe("a lasso", () => {
  it("holds the points within it, however many corners were drawn", () => {
    const polygon = polygonOf(circle(0.5));
    expect(polygon.length / 2).toBeLessThanOrEqual(60);
    const near = fc.tuple(fc.double({ min: 0, max: 0.485, noNaN: true }), fc.double({ min: 0, max: 7, noNaN: true }));
    const far = fc.tuple(fc.double({ min: 0.515, max: 2, noNaN: true }), fc.double({ min: 0, max: 7, noNaN: true }));
    const at = ([r, a]: readonly [number, number]) => [r * Math.cos(a), r * Math.sin(a)];
    fc.assert(
      fc.property(near, far, (inside, outside) => {
        expect(pointsInside(Float32Array.from([...at(outside), ...at(inside)]), [polygon], null)).toEqual([1]);
      }),
    );
  });

  it("holds what any of several holds, and nothing that is not shown", () => {
    const square = (x: number) => [x, 0, x + 100, 0, x + 100, 100, x, 100];
    const xy = Float32Array.from([0.05, 0.05, 0.55, 0.05, 0.25, 0.05]);
    expect(pointsInside(xy, [square(0), square(500)], null)).toEqual([0, 1]);
    expect(pointsInside(xy, [square(0), square(500)], [1, 2])).toEqual([1]);
    expect(pointsInside(xy, [], null)).toEqual([]);
  });

  it("comes back from the address as it was written, without an escape", () => {
    const corner = fc.tuple(fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: -2, max: 2, noNaN: true }));
    const drawn = fc.array(corner, { minLength: 3, maxLength: 50 });
    fc.assert(
      fc.property(fc.array(drawn, { minLength: 1, maxLength: 3 }), (shapes) => {
        const polygons = shapes.map(polygonOf);
        const text = writeLasso(polygons)!;
        expect(new URLSearchParams({ lasso: text }).toString()).toBe(`lasso=${text}`);
        expect(readLasso(text)).toEqual(polygons.map((polygon) => polygon.map((value) => value + 0)));
      }),
    );
    expect(writeLasso([])).toBeUndefined();
  });

  it.each([undefined, "", "1_2", "1_2_3_4", "a_b_c_d_e_f", "1_2_3_4_5_6_7", "1_2_3_4_5_Infinity"])(
    "is none in %j",
    (text) => {
      expect(readLasso(text)).toEqual([]);
    },
  );
});
