// Pictures of multi-channel images: a row of composites, then a row for each stain in its colour.
import sharp from "sharp";

/** How one channel is shown: grey levels from `low` to `high` become black to the colour. */
export interface ChannelDisplay {
  readonly colour: string;
  readonly low: number;
  readonly high: number;
}

/** Grey levels `[n,c,h,w]`, row-major. */
export interface GreyImages {
  readonly data: ArrayLike<number>;
  readonly shape: readonly [n: number, c: number, h: number, w: number] | readonly number[];
}

/** 8-bit RGB pixels, row-major. */
export interface RgbPicture {
  readonly data: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

const GAP_PX = 2;
/** Small crops are shown larger, pixel by pixel, so that a person can see them. */
const MIN_TILE_PX = 112;

const rgbOf = (colour: string): [number, number, number] =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];

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
  const widthPx = n * w + (n - 1) * GAP_PX;
  const heightPx = (c + 1) * h + c * GAP_PX;
  const sum = new Float32Array(widthPx * heightPx * 3);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < c; k++) {
      const { colour, low, high } = channels[k] as ChannelDisplay;
      const rgb = rgbOf(colour);
      const scale = 1 / Math.max(high - low, 1e-6);
      for (let p = 0; p < h * w; p++) {
        const level = Math.min(1, Math.max(0, ((images.data[(i * c + k) * h * w + p] ?? 0) - low) * scale));
        const x = i * (w + GAP_PX) + (p % w);
        const y = Math.floor(p / w);
        for (const row of [0, k + 1]) {
          const at = ((row * (h + GAP_PX) + y) * widthPx + x) * 3;
          for (let j = 0; j < 3; j++) sum[at + j]! += level * rgb[j]!;
        }
      }
    }
  }
  return { data: Uint8Array.from(sum, (value) => Math.min(255, Math.round(value))), widthPx, heightPx };
}

/** The picture as PNG bytes, small tiles enlarged by a whole factor. @param tilePx side of one image in it. */
export async function encodePicture(picture: RgbPicture, tilePx: number): Promise<Buffer> {
  const factor = Math.max(1, Math.ceil(MIN_TILE_PX / tilePx));
  const raw = { width: picture.widthPx, height: picture.heightPx, channels: 3 } as const;
  return sharp(picture.data, { raw })
    .resize(picture.widthPx * factor, picture.heightPx * factor, { kernel: "nearest" })
    .png()
    .toBuffer();
}
