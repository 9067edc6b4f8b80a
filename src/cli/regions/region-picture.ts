// A picture of a region map: the image's composite, the map, and what was planted, side by side.
import sharp from "sharp";
import type { ImageBatch } from "../../data/index.ts";
import { CELL_MAP } from "../../math/index.ts";
import type { DatasetManifest } from "../../schema/index.ts";

/** Dark violet over red to pale yellow: even steps of lightness, told apart in grey print too. */
const RAMP = [
  [10, 7, 34],
  [85, 16, 109],
  [165, 44, 96],
  [227, 89, 51],
  [249, 161, 11],
  [252, 253, 191],
] as const;
const GAP_PX = 4;
/** Small images are enlarged to about this. */
const PANEL_PX = 384;

export interface RegionPicture {
  readonly manifest: DatasetManifest;
  /** One image `[1,c,h,w]`. */
  readonly image: ImageBatch;
  /** `[h*w]`. */
  readonly map: Float32Array;
  /** What is shown darkest and brightest. */
  readonly range: readonly [low: number, high: number];
  /** `[h*w]` of what was planted, or null. */
  readonly cells: Uint8Array | null;
}

/** PNG bytes. */
export async function regionPicture(picture: RegionPicture): Promise<Buffer> {
  const { manifest, cells } = picture;
  const { heightPx, widthPx } = manifest;
  const panels = [composite(picture), mapColours(picture), ...(cells ? [planted(picture, cells)] : [])];
  const width = panels.length * widthPx + (panels.length - 1) * GAP_PX;
  const rgb = new Uint8Array(width * heightPx * 3).fill(255);
  for (const [k, panel] of panels.entries()) {
    for (let y = 0; y < heightPx; y++) {
      const row = panel.subarray(y * widthPx * 3, (y + 1) * widthPx * 3);
      rgb.set(row, (y * width + k * (widthPx + GAP_PX)) * 3);
    }
  }
  const factor = Math.max(1, Math.round(PANEL_PX / Math.max(heightPx, widthPx)));
  return sharp(rgb, { raw: { width, height: heightPx, channels: 3 } })
    .resize(width * factor, heightPx * factor, { kernel: "nearest" })
    .png()
    .toBuffer();
}

/** Stains in their colours over their 0.5th to 99.5th percentile, added up. */
function composite({ manifest, image }: RegionPicture): Uint8ClampedArray {
  const size = manifest.heightPx * manifest.widthPx;
  const sum = new Float32Array(size * 3);
  for (const [k, { colour, statistics }] of manifest.channels.entries()) {
    const { p0_5: low, p99_5: high } = statistics;
    const rgb = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    for (let i = 0; i < size; i++) {
      const level = Math.min(1, Math.max(0, (image.data[k * size + i]! - low) / Math.max(1, high - low)));
      for (let c = 0; c < 3; c++) sum[i * 3 + c]! += level * rgb[c]!;
    }
  }
  return Uint8ClampedArray.from(sum, (value) => 0.8 * value);
}

function mapColours({ map, range: [low, high] }: RegionPicture): Uint8ClampedArray {
  const out = new Uint8ClampedArray(map.length * 3);
  for (let i = 0; i < map.length; i++) {
    const at = Math.min(1, Math.max(0, (map[i]! - low) / (high - low || 1))) * (RAMP.length - 1);
    const below = Math.min(RAMP.length - 2, Math.floor(at));
    for (let c = 0; c < 3; c++)
      out[i * 3 + c] = RAMP[below]![c]! + (at - below) * (RAMP[below + 1]![c]! - RAMP[below]![c]!);
  }
  return out;
}

/** Infected cells bright, healthy ones dim, in the map's own colours. */
function planted({ map }: RegionPicture, cells: Uint8Array): Uint8ClampedArray {
  const out = new Uint8ClampedArray(map.length * 3);
  const colourOf = (kind: number) => (kind === CELL_MAP.infected ? RAMP[4] : RAMP[kind === CELL_MAP.healthy ? 1 : 0]);
  for (let i = 0; i < cells.length; i++) out.set(colourOf(cells[i]!), i * 3);
  return out;
}
