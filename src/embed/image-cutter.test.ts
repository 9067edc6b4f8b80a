import { describe, expect, it } from "vitest";
import { type Pixels, type SiteBatch, standardiseImage } from "../data/index.ts";
import { type ChannelSource, type CutterOptions, ImageCutter } from "./index.ts";

const [N, C, SIDE, TILE] = [2, 3, 6, 4];

/** Two images of three channels, every pixel different. */
const pixels = Uint8Array.from({ length: N * C * SIDE * SIDE }, (_, i) => (i * 7) % 251);
const batch = (data: Pixels = pixels): SiteBatch => ({ data, shape: [N, C, SIDE, SIDE], start: 0, sites: [] });
const at = (image: number, channel: number, y: number, x: number) =>
  pixels[((image * C + channel) * SIDE + y) * SIDE + x]!;

const from = (...indices: (number | null)[]): ChannelSource[] =>
  indices.map((index) => ({ encoder: "x", index, matchedBy: index === null ? null : "name", filled: null }));

function cutterOf(options: Partial<CutterOptions>): ImageCutter {
  const manifest = { heightPx: SIDE, widthPx: SIDE, dtype: "uint8" as const };
  return new ImageCutter({
    manifest,
    sources: from(0, 1, 2),
    tilePx: TILE,
    resizeFactor: 1,
    input: "stored",
    ...options,
  });
}

/** `[n · tiles, c, tile, tile]` from what a pixel should be, before it is mapped to [−1, 1]. */
function expected(
  tiles: readonly (readonly [top: number, left: number])[],
  channels: number,
  level: (image: number, channel: number, y: number, x: number) => number,
): Float32Array {
  const values: number[] = [];
  for (let image = 0; image < N; image++)
    for (const [top, left] of tiles)
      for (let channel = 0; channel < channels; channel++)
        for (let y = top; y < top + TILE; y++)
          for (let x = left; x < left + TILE; x++) values.push(level(image, channel, y, x) / 127.5 - 1);
  return Float32Array.from(values);
}

function close(got: Float32Array, want: Float32Array): void {
  expect(got.length).toBe(want.length);
  expect(Math.max(...got.map((v, i) => Math.abs(v - want[i]!)))).toBeLessThan(1e-5);
}

describe("ImageCutter", () => {
  it("cuts the encoder's channels, in its order, from the middle", () => {
    const cutter = cutterOf({ sources: from(2, 0), tiles: "centre" });
    close(
      cutter.cut(batch()),
      expected([[1, 1]], 2, (i, c, y, x) => at(i, c === 0 ? 2 : 0, y, x)),
    );
  });

  it("cuts several tiles row by row, image by image", () => {
    const cutter = cutterOf({ tiles: "cover" });
    expect(cutter.nTilesPerImage).toBe(4);
    const corners = [0, 2].flatMap((top) => [0, 2].map((left) => [top, left] as const));
    close(cutter.cut(batch()), expected(corners, 3, at));
  });

  it("maps 16 bits by their own range", () => {
    const wide = Uint16Array.from(pixels, (v) => v * 257);
    const cutter = cutterOf({ tiles: "centre", manifest: { heightPx: SIDE, widthPx: SIDE, dtype: "uint16" } });
    close(cutter.cut(batch(wide)), expected([[1, 1]], 3, at));
  });

  it("resizes before it cuts: halved, 12 px hold a tile of 4 where 6 px do", () => {
    const big = Uint8Array.from({ length: N * C * 144 }, (_, i) => {
      const [x, y, plane] = [i % 12, Math.floor(i / 12) % 12, Math.floor(i / 144)];
      return at(Math.floor(plane / C), plane % C, y >> 1, x >> 1); // every pixel four times
    });
    const manifest = { heightPx: 12, widthPx: 12, dtype: "uint8" as const };
    const cutter = cutterOf({ manifest, resizeFactor: 0.5, tiles: "centre" });
    const shape = [N, C, 12, 12] as const;
    close(cutter.cut({ data: big, shape }), expected([[1, 1]], 3, at));
    expect(() => cutterOf({ resizeFactor: 0.5 })).toThrow(/3 × 3 px hold no tile of 4/);
  });

  it("fills missing stains with black, or with the mean of those that are there", () => {
    const sources = (filled: "zero" | "mean"): ChannelSource[] => [
      ...from(0, 2),
      { encoder: "missing", index: null, matchedBy: null, filled },
    ];
    const own = (i: number, c: number, y: number, x: number) => at(i, c === 0 ? 0 : 2, y, x);
    close(
      cutterOf({ sources: sources("zero"), tiles: "centre" }).cut(batch()),
      expected([[1, 1]], 3, (i, c, y, x) => (c === 2 ? 0 : own(i, c, y, x))),
    );
    close(
      cutterOf({ sources: sources("mean"), tiles: "centre" }).cut(batch()),
      expected([[1, 1]], 3, (i, c, y, x) => (c === 2 ? (own(i, 0, y, x) + own(i, 1, y, x)) / 2 : own(i, c, y, x))),
    );
  });

  it("standardises each tile, as training does each crop; a missing stain is then 0", () => {
    const sources: ChannelSource[] = [...from(1), { encoder: "missing", index: null, matchedBy: null, filled: "zero" }];
    const corners = [0, 2].flatMap((top) => [0, 2].map((left) => [top, left] as const));
    const want = expected(corners, 2, (i, c, y, x) => (c === 1 ? 0 : at(i, 1, y, x)));
    standardiseImage(want, [8, 2, TILE, TILE]);
    close(cutterOf({ sources, tiles: "cover", input: "standardised" }).cut(batch()), want);
    expect([...want.subarray(TILE * TILE, 2 * TILE * TILE)].every((v) => v === 0)).toBe(true);
  });

  it("gives an image the same tiles in another batch", () => {
    const options = { tiles: "cover", resizeFactor: 1.5, input: "standardised" } as const;
    const both = cutterOf(options).cut(batch());
    const size = C * SIDE * SIDE;
    const second = { data: pixels.slice(size), shape: [1, C, SIDE, SIDE] as const, start: 1, sites: [] };
    expect(cutterOf(options).cut(second)).toEqual(both.slice(both.length / 2));
  });
});

describe("dihedral views", () => {
  /** One image of 16 × 16 pixels and two channels, as a batch. */
  const batchOf = (data: Uint8Array) => ({ data, shape: [1, 2, 16, 16], sites: [] }) as unknown as SiteBatch;
  const cutter = (views: "upright" | "dihedral", input: "stored" | "standardised" = "stored") =>
    new ImageCutter({
      manifest: { heightPx: 16, widthPx: 16, dtype: "uint8" },
      ...{ sources: from(0, 1), tilePx: 16, resizeFactor: 1, input, views },
    });
  const image = Uint8Array.from({ length: 512 }, (_, i) => (i * 97) % 251);
  const size = 512;
  const viewsOf = (data: Uint8Array, input: "stored" | "standardised" = "stored") => {
    const all = cutter("dihedral", input).cut(batchOf(data));
    return Array.from({ length: 8 }, (_, v) => [...all.subarray(v * size, (v + 1) * size)].join());
  };

  it("are eight different ones of each tile, the first as it lies", () => {
    expect(cutter("dihedral").nTilesPerImage).toBe(8);
    expect(new Set(viewsOf(image)).size).toBe(8);
    for (const input of ["stored", "standardised"] as const)
      expect(viewsOf(image, input)[0]).toBe([...cutter("upright", input).cut(batchOf(image))].join());
  });

  it("are the same set however the image lies, so that their mean does not depend on it", () => {
    const turned = Uint8Array.from({ length: 512 }, (_, i) => {
      const [c, y, x] = [Math.floor(i / 256), Math.floor(i / 16) % 16, i % 16];
      return image[c * 256 + x * 16 + (15 - y)]!; // a quarter turn of every channel
    });
    expect(viewsOf(turned).sort()).toEqual(viewsOf(image).sort());
  });

  it("keep the channels of a tile together", () => {
    const flat = new Uint8Array(512).fill(255, 0, 256); // the first channel white, the second black
    for (const view of viewsOf(flat)) expect(view).toBe([...Array(256).fill(1), ...Array(256).fill(-1)].join());
  });
});
