import { expect, it } from "vitest";
import { mean } from "./nuclei.fixture.ts";
import { makeTextures, TILE_PX, texel } from "./textures.ts";

const textures = makeTextures(1);

/** Correlation of a tile with itself, shifted. */
function likeness(tile: Float32Array, dx: number, dy: number): number {
  const centre = mean(tile);
  let [product, square] = [0, 0];
  for (let i = 0; i < tile.length; i++) {
    const value = tile[i]! - centre;
    product += value * (texel(tile, (i % TILE_PX) + dx, Math.floor(i / TILE_PX) + dy) - centre);
    square += value * value;
  }
  return product / square;
}

it("noise tiles have mean 0 and sd 1, thread tiles stay within 0 and 1", () => {
  for (const tile of [textures.smooth, textures.grain]) {
    expect(mean(tile)).toBeCloseTo(0, 5);
    expect(mean(tile.map((v) => v * v))).toBeCloseTo(1, 3);
  }
  for (const tile of [textures.net, textures.fibres]) expect(tile.every((v) => v >= 0 && v <= 1)).toBe(true);
});

it("fibres run along x, the net runs anywhere", () => {
  expect(likeness(textures.fibres, 5, 0)).toBeGreaterThan(0.5);
  expect(likeness(textures.fibres, 0, 5)).toBeLessThan(0.1);
  expect(Math.abs(likeness(textures.net, 3, 0) - likeness(textures.net, 0, 3))).toBeLessThan(0.1);
});

it("tiles wrap without a seam, and negative places read as their wrapped ones", () => {
  const jump = (column: number) =>
    mean(
      Array.from({ length: TILE_PX }, (_, y) =>
        Math.abs(texel(textures.smooth, column, y) - texel(textures.smooth, column + 1, y)),
      ),
    );
  expect(jump(TILE_PX - 1)).toBeLessThan(1.6 * jump(100));
  expect(texel(textures.grain, -3, -1)).toBe(texel(textures.grain, TILE_PX - 3, TILE_PX - 1));
});
