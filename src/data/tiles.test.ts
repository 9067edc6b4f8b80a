import fc from "fast-check";
import { expect, it } from "vitest";
import { messageOf } from "./files.fixture.ts";
import { tileOrigins } from "./tile-origins.ts";
import { tiles } from "./tiles.ts";

it("tiles cover every pixel, stay inside, and never repeat, at every size", () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 90 }), fc.nat(60), fc.integer({ min: 1, max: 90 }));
  fc.assert(
    fc.property(sizes, ([tile, more, stride]) => {
      const length = tile + more;
      const origins = tileOrigins(length, tile, Math.min(stride, tile));
      const covered = new Set(origins.flatMap((o) => Array.from({ length: tile }, (_, i) => o + i)));
      expect(covered).toEqual(new Set(Array.from({ length }, (_, i) => i)));
      expect(new Set(origins).size).toBe(origins.length);
    }),
  );
});

it("cuts all channels of a tile together, row by row", () => {
  const image = Uint16Array.from({ length: 2 * 3 * 4 }, (_, i) => i);
  const { data, n } = tiles(image, [2, 3, 4], 3, 3);
  expect(n).toBe(2);
  expect([...data.subarray(0, 9)]).toEqual([0, 1, 2, 4, 5, 6, 8, 9, 10]);
  expect([...data.subarray(9, 18)]).toEqual([12, 13, 14, 16, 17, 18, 20, 21, 22]);
  expect([...data.subarray(18, 27)]).toEqual([1, 2, 3, 5, 6, 7, 9, 10, 11]);
});

it("refuses images smaller than a tile", async () => {
  const message = await messageOf("images-too-small", () => tiles(new Uint8Array(6), [1, 2, 3], 3, 3));
  expect(message).toContain("images of 2 × 3 px give no crop of 3 × 3 px");
  expect(message).toContain("at most 2 px");
});
