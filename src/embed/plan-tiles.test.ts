import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planTiles, resizeFactor, tilesPerRun } from "./index.ts";

describe("planTiles", () => {
  it("takes one tile from the middle of images that are little larger, and covers larger ones", () => {
    for (const [side, layout, rows] of [
      [64, "centre", [0]],
      [68, "centre", [2]],
      [79, "centre", [7]],
      [80, "cover", [0, 16]],
      [128, "cover", [0, 64]],
      [150, "cover", [0, 43, 86]],
    ] as const) {
      expect(planTiles(side, side, 64)).toEqual({ layout, tilePx: 64, stridePx: null, rowsPx: rows, columnsPx: rows });
    }
    expect(planTiles(64, 200, 64)).toMatchObject({ layout: "cover", rowsPx: [0], columnsPx: [0, 45, 91, 136] });
  });

  it("a stride makes a grid, its last tile flush with the end", () => {
    expect(planTiles(100, 64, 64, { stridePx: 30 })).toEqual({
      ...{ layout: "grid", tilePx: 64, stridePx: 30 },
      ...{ rowsPx: [0, 30, 36], columnsPx: [0] },
    });
    expect(planTiles(68, 68, 64, { tiles: "grid" })).toMatchObject({ stridePx: 64, rowsPx: [0, 4] });
  });

  it("cover holds every pixel, with the fewest tiles, evenly", () => {
    const sides = fc.integer({ min: 8, max: 200 });
    fc.assert(
      fc.property(sides, fc.integer({ min: 1, max: 8 }), (side, tile) => {
        const { rowsPx } = planTiles(side, side, tile, { tiles: "cover" });
        expect(rowsPx.length).toBe(Math.ceil(side / tile));
        expect([rowsPx[0], rowsPx.at(-1)]).toEqual([0, side - tile]);
        const steps = rowsPx.slice(1).map((at, i) => at - rowsPx[i]!);
        expect(Math.max(0, ...steps)).toBeLessThanOrEqual(tile);
        expect(Math.max(0, ...steps) - Math.min(...steps, Math.max(0, ...steps))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("refuses images smaller than a tile, and a stride without a grid", () => {
    expect(() => planTiles(48, 100, 64)).toThrow(/48 × 100 px hold no tile of 64 × 64 px[\s\S]*--resize 1\.34 or more/);
    expect(() => planTiles(100, 100, 64, { tiles: "cover", stridePx: 32 })).toThrow(
      /a stride was given for tiles 'cover'[\s\S]*--tiles grid/,
    );
  });
});

describe("resizeFactor", () => {
  it("auto is the data set's pixel size over the encoder's", () => {
    expect(resizeFactor("auto", { encoderUm: 1.3, datasetUm: 0.65 })).toBe(0.5);
    expect(resizeFactor("auto", { encoderUm: 0.65, datasetUm: 1.3 })).toBe(2);
    expect(resizeFactor(0.37, { encoderUm: null, datasetUm: null })).toBe(0.37);
  });

  it("says whose pixel size is not recorded, and refuses factors that are none", () => {
    expect(() => resizeFactor("auto", { encoderUm: null, datasetUm: 1 })).toThrow(
      /pixel size of the encoder is not recorded[\s\S]*--resize 0\.5/,
    );
    expect(() => resizeFactor("auto", { encoderUm: null, datasetUm: null })).toThrow(
      /of the encoder and of the data set/,
    );
    for (const factor of [0, -1, 17, Number.NaN])
      expect(() => resizeFactor(factor, { encoderUm: 1, datasetUm: 1 })).toThrow(
        /no factor to resize by[\s\S]*up to 16/,
      );
  });
});

describe("tilesPerRun", () => {
  const shape = { kind: "stylegan2", imageChannels: 5, latentDim: 512, styleDim: 512, mappingLayers: 3 } as const;
  const of = (resolutionPx: number, channelBase: number, threads: number | "card") =>
    tilesPerRun({ ...shape, resolutionPx, channelBase, channelMax: 512, minibatchStdGroup: 4 }, threads);

  it("is bounded by the size of a feature map, by threads, and by memory; never less than one tile", () => {
    expect(of(16, 512, 1)).toBe(32);
    expect(of(64, 2048, 1)).toBe(4); // half a MiB a tile
    expect(of(64, 2048, 2)).toBe(8);
    expect(of(256, 16384, 2)).toBe(1); // 16 MiB a tile
    expect(of(256, 16384, 1000)).toBe(16);
    expect(of(1024, 32768, 1)).toBe(1);
  });

  it("is larger for a card, whatever the threads beside it", () => {
    expect(of(256, 16384, "card")).toBe(32);
    expect(of(64, 2048, "card")).toBe(1024);
    expect(of(1024, 32768, "card")).toBe(4);
  });
});
