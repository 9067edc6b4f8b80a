// What the encoder is given, worked out by hand.
import { describe, expect, it } from "vitest";
import type { Assignment } from "./assign-planes.ts";
import type { Plane } from "./image-planes.ts";
import { pageFixture } from "./page.fixture.ts";
import { prepareImage } from "./prepare-image.ts";

const plane = (values: Uint8Array | Uint16Array, side = 4): Plane => ({
  ...{ name: "p", colour: null, values, heightPx: side, widthPx: side },
});
const ramp = (from: number) => Uint8Array.from({ length: 16 }, (_, i) => from + i);
const BOTH: Assignment[] = [
  { plane: 1, by: "name" },
  { plane: 0, by: "name" },
];

describe("a dropped image is prepared as the screen was", () => {
  it("in the encoder's order, 0 … 255 as −1 … 1", () => {
    const { tiles, nTiles } = prepareImage(pageFixture(), [plane(ramp(0)), plane(ramp(100))], BOTH, null);
    expect(nTiles).toBe(1);
    expect(tiles[0]).toBeCloseTo((100 * 2) / 255 - 1, 6);
    expect(tiles[16]).toBeCloseTo(-1, 6);
  });

  it("with the import's ranges for 16 bits, by the channel's name and not by its place", () => {
    const page = pageFixture();
    const perChannel = [
      { low: 0, high: 510 },
      { low: 1000, high: 2000 },
    ];
    const screen = { ...page.screen, levels: { kind: "ranges" as const, perChannel } };
    const wide = (level: number) => plane(new Uint16Array(16).fill(level));
    const { tiles } = prepareImage({ ...page, screen }, [wide(1500), wide(51)], BOTH, null);
    expect(tiles[0]).toBeCloseTo((26 * 2) / 255 - 1, 6); // 25.5 rounds to 26
    expect(tiles[16]).toBeCloseTo((128 * 2) / 255 - 1, 6);
  });

  it("standardised per image where the import did so: a constant plane is mid-grey", () => {
    const page = pageFixture();
    const screen = { ...page.screen, levels: { kind: "standardise-per-image" as const } };
    const flat = plane(new Uint16Array(16).fill(700));
    const { tiles } = prepareImage({ ...page, screen }, [flat, flat], BOTH, null);
    expect(tiles[0]).toBeCloseTo((128 * 2) / 255 - 1, 6);
  });

  it("shrunk by areas where it has the size before the import's own shrinking", () => {
    const page = pageFixture();
    const screen = { ...page.screen, resizedFrom: { heightPx: 8, widthPx: 8 } };
    const large = plane(
      Uint8Array.from({ length: 64 }, (_, i) => (i % 2) * 100),
      8,
    );
    const { tiles } = prepareImage({ ...page, screen }, [large, large], BOTH, null);
    expect(tiles.length).toBe(32);
    expect(tiles[5]).toBeCloseTo((50 * 2) / 255 - 1, 6);
  });

  it("with the mean of the others or black for a stain that is not there", () => {
    const some: Assignment[] = [
      { plane: 0, by: "name" },
      { plane: null, by: null },
    ];
    const planes = [plane(ramp(60))];
    expect(prepareImage(pageFixture(), planes, some, "mean").tiles[16]).toBeCloseTo((60 * 2) / 255 - 1, 6);
    expect(prepareImage(pageFixture(), planes, some, "zero").tiles[16]).toBe(-1);
  });

  it("or refused: another bit depth, too few pixels", () => {
    const wide = plane(new Uint16Array(16));
    expect(() => prepareImage(pageFixture(), [wide, wide], BOTH, null)).toThrow(/16 bits of grey levels/);
    const small = plane(new Uint8Array(9), 3);
    expect(() => prepareImage(pageFixture(), [small, small], BOTH, null)).toThrow(
      /3 × 3 px; the encoder needs at least 4/,
    );
  });
});
