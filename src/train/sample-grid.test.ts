import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { encodePicture, sampleGrid } from "./sample-grid.ts";

/** Two images of 2 channels, 1×2 px. */
const IMAGES = { data: Uint8Array.of(0, 100, 100, 100, 200, 50, 0, 255), shape: [2, 2, 1, 2] } as const;
const CHANNELS = [
  { colour: "#ff0000", low: 0, high: 100 },
  { colour: "#80ff00", low: 0, high: 200 },
];

describe("sampleGrid", () => {
  const { data, widthPx, heightPx } = sampleGrid(IMAGES, CHANNELS);
  const at = (x: number, y: number) => [...data.subarray((y * widthPx + x) * 3, (y * widthPx + x) * 3 + 3)];

  it("has a column per image, a row of composites and a row per channel, two dark pixels apart", () => {
    expect([widthPx, heightPx]).toEqual([2 + 2 + 2, 1 + 2 + 1 + 2 + 1]);
    for (const y of [1, 2, 4, 5]) expect(at(0, y)).toEqual([0, 0, 0]);
    for (const x of [2, 3]) expect(at(x, 0)).toEqual([0, 0, 0]);
  });
  it("shows each channel in its colour, dark at `low`, full at `high`", () => {
    expect([at(0, 3), at(1, 3)]).toEqual([
      [0, 0, 0],
      [255, 0, 0],
    ]);
    expect(at(0, 6)).toEqual([64, 128, 0]); // half of #80ff00
    expect(at(5, 6)).toEqual([128, 255, 0]); // above `high`
    expect(at(4, 3)).toEqual([255, 0, 0]);
  });
  it("adds the colours in the composite and clips at white", () => {
    expect(at(0, 0)).toEqual([64, 128, 0]);
    expect(at(1, 0)).toEqual([255, 128, 0]); // 255 + 64, clipped
    expect(at(4, 0)).toEqual([255, 0, 0]);
    expect(at(5, 0)).toEqual([255, 255, 0]);
  });
  it("takes floats, and a channel that does not vary", () => {
    const flat = sampleGrid({ data: Float32Array.of(-5, 7.5), shape: [1, 1, 1, 2] }, [
      { colour: "#ffffff", low: 5, high: 5 },
    ]);
    expect([...flat.data.subarray(0, 6)]).toEqual([0, 0, 0, 255, 255, 255]);
  });
});

describe("encodePicture", () => {
  it("enlarges small tiles by a whole factor, pixel by pixel", async () => {
    const png = await encodePicture({ data: Uint8Array.of(255, 0, 0, 0, 0, 255), widthPx: 2, heightPx: 1 }, 40);
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([6, 3, 3]);
    const row = [...data.subarray(0, 18)];
    expect(row).toEqual([...Array(3).fill([255, 0, 0]), ...Array(3).fill([0, 0, 255])].flat());
  });
  it("leaves large tiles as they are", async () => {
    const png = await encodePicture({ data: new Uint8Array(6), widthPx: 2, heightPx: 1 }, 112);
    expect((await sharp(png).metadata()).width).toBe(2);
  });
});
