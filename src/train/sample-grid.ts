// Pictures of multi-channel images: a row of composites, then a row for each stain in its colour.
import sharp from "sharp";
import { type ChannelDisplay, enlargementOf, type RgbPicture, TablePicture } from "./generate/table-picture.ts";

/** Grey levels `[n,c,h,w]`, row-major. */
export interface GreyImages {
  readonly data: ArrayLike<number>;
  readonly shape: readonly [n: number, c: number, h: number, w: number] | readonly number[];
}

/**
 * One composite row and one row per channel, one column per image; colours add up and clip at white.
 * @example
 * ```ts
 * import { sampleGrid } from "gan-dl/train";
 * const channels = [{ colour: "#ff0000", low: 0, high: 100 }, { colour: "#0000ff", low: 0, high: 100 }];
 * const grid = sampleGrid({ data: [100, 50], shape: [1, 2, 1, 1] }, channels);
 * console.assert([...grid.data.subarray(0, 3)].join() === "255,0,128");
 * ```
 */
export function sampleGrid(images: GreyImages, channels: readonly ChannelDisplay[]): RgbPicture {
  const [n = 0, c = 0, h = 0, w = 0] = images.shape;
  const panels = ["composite" as const, ...channels.map((_, k) => k)];
  const table = new TablePicture({ nRows: 1, nColumns: n, heightPx: h, widthPx: w, panels }, channels);
  for (let i = 0; i < n; i++) table.place(0, i, images.data, i * c * h * w);
  return table.picture;
}

/** The picture as PNG bytes, small tiles enlarged by a whole factor. @param tilePx side of one image in it. */
export async function encodePicture(picture: RgbPicture, tilePx: number): Promise<Buffer> {
  const factor = enlargementOf(tilePx);
  const raw = { width: picture.widthPx, height: picture.heightPx, channels: 3 } as const;
  return sharp(picture.data, { raw })
    .resize(picture.widthPx * factor, picture.heightPx * factor, { kernel: "nearest" })
    .png()
    .toBuffer();
}
