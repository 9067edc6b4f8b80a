import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { projectMap, regionAuc, resizeMap, spreadPatches } from "./region-map.ts";

describe("spreadPatches", () => {
  it("averages the patches over each pixel, by hand", () => {
    const map = spreadPatches([1, 2, 3, 4], { rowsPx: [0, 1], columnsPx: [0, 1], patchPx: 2 }, 3, 3);
    expect([...map]).toEqual([1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4]);
  });
  it("is 0 where no patch lies, and refuses scores that are not one a patch", () => {
    expect([...spreadPatches([5], { rowsPx: [0], columnsPx: [0], patchPx: 1 }, 1, 2)]).toEqual([5, 0]);
    expect(() => spreadPatches([1, 2], { rowsPx: [0], columnsPx: [0], patchPx: 1 }, 1, 2)).toThrow(
      "2 scores for 1 × 1 patches",
    );
  });
});

describe("projectMap", () => {
  it("is the weighted sum of the channels plus the bias", () =>
    expect([...projectMap(Float32Array.of(1, 2, 10, 20), [2, -1], 0.5)]).toEqual([-7.5, -15.5]));
  it("refuses a map that is not of so many channels", () =>
    expect(() => projectMap(new Float32Array(5), [1, 2])).toThrow("5 values are no map of 2 channels"));
});

describe("resizeMap", () => {
  it("is linear between centres and level beyond them, down the rows too", () =>
    expect([...resizeMap(Float32Array.of(0, 8), [2, 1], [4, 1])]).toEqual([0, 2, 6, 8]));
  it("keeps a map of its own size, and a constant map at every size", () => {
    const map = Float32Array.of(1, 5, 2, 7, 3, 9);
    expect([...resizeMap(map, [2, 3], [2, 3])]).toEqual([...map]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 20 }), (from, to) => {
        const out = resizeMap(new Float32Array(from * 2).fill(3), [from, 2], [to, 5]);
        expect(out.every((value) => Math.abs(value - 3) < 1e-6) && out.length === to * 5).toBe(true);
      }),
    );
  });
  it("refuses a size that is not the map's", () =>
    expect(() => resizeMap(new Float32Array(3), [2, 2], [4, 4])).toThrow("3 values are not a map of 2 × 2"));
});

describe("regionAuc", () => {
  it("counts pairs of pixels over all images together, with and without background", () => {
    // infected 0.9, 0.4; healthy 0.5, 0.1; background 0.95: 2 + 1 of 4 pairs against cells, and none against background
    const maps = [Float32Array.of(0.9, 0.5, 0.95), Float32Array.of(0.4, 0.1)];
    const auc = regionAuc(maps, [Uint8Array.of(2, 1, 0), Uint8Array.of(2, 1)]);
    expect(auc).toEqual({ amongAll: 3 / 6, amongCells: 3 / 4, nPixels: 5, infectedShare: 2 / 5 });
  });
  it("is NaN without an infected pixel, and refuses maps that are not of their cells' size", () => {
    expect(regionAuc([Float32Array.of(1)], [Uint8Array.of(1)]).amongAll).toBeNaN();
    expect(() => regionAuc([Float32Array.of(1)], [])).toThrow("map 0 has 1 pixels, its cells undefined");
  });
});
