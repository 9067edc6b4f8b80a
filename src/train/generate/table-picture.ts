// A picture of many multi-channel images, filled tile by tile: only the picture itself is held.
import { pictureTooLarge } from "./errors.ts";

/** How one channel is shown: grey levels from `low` to `high` become black to the colour. */
export interface ChannelDisplay {
  readonly colour: string;
  readonly low: number;
  readonly high: number;
}

/** 8-bit RGB pixels, row-major. */
export interface RgbPicture {
  readonly data: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** One way to show an image: all stains together, or one of them by its position. */
export type Panel = "composite" | number;

const GAP_PX = 2;
/** Between rows of images that take several picture rows each. */
const ROW_GAP_PX = 6;
/** Sharp refuses pictures from 2^28 pixels on. */
const MAX_PIXELS = 2 ** 28 - 1;

/** Small crops are shown larger, pixel by pixel, so that a person can see them. */
const MIN_TILE_PX = 112;

/** How often a pixel of a small tile is repeated in the picture, in each direction. */
export const enlargementOf = (tilePx: number): number => Math.max(1, Math.ceil(MIN_TILE_PX / tilePx));

const rgbOf = (colour: string): [number, number, number] =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];

/** What a picture will hold. */
export interface TableLayout {
  readonly nRows: number;
  readonly nColumns: number;
  readonly heightPx: number;
  readonly widthPx: number;
  /** Shown below each other for each image. */
  readonly panels: readonly Panel[];
}

const rowHeight = ({ panels, heightPx }: TableLayout): number =>
  panels.length * (heightPx + GAP_PX) + (panels.length > 1 ? ROW_GAP_PX - GAP_PX : 0);

/**
 * Images in rows and columns, each shown once a panel. Colours of a composite add up and clip at white; of more than two
 * stains each gives 2/n of its light, so that their sum does not turn white.
 * @example
 * ```ts
 * import { TablePicture } from "gan-dl/train";
 * const channels = [{ colour: "#ff0000", low: 0, high: 100 }, { colour: "#0000ff", low: 0, high: 100 }];
 * const table = new TablePicture({ nRows: 1, nColumns: 1, heightPx: 1, widthPx: 1, panels: ["composite"] }, channels);
 * table.place(0, 0, [100, 50]);
 * console.assert([...table.picture.data].join() === "255,0,128");
 * ```
 */
export class TablePicture {
  readonly picture: RgbPicture;
  readonly layout: TableLayout;
  readonly #channels: readonly (ChannelDisplay & { readonly rgb: readonly number[] })[];

  /** @throws GanDlError `picture-too-large`. */
  constructor(layout: TableLayout, channels: readonly ChannelDisplay[]) {
    const { nRows, nColumns, panels, heightPx, widthPx } = layout;
    const factor = enlargementOf(Math.min(heightPx, widthPx));
    const width = nColumns * (widthPx + GAP_PX) - GAP_PX;
    const height = nRows * rowHeight(layout) - (panels.length > 1 ? ROW_GAP_PX : GAP_PX);
    if (width * factor * height * factor > MAX_PIXELS) throw pictureTooLarge(width * factor, height * factor);
    this.picture = { data: new Uint8Array(width * height * 3), widthPx: width, heightPx: height };
    this.layout = layout;
    this.#channels = channels.map((channel) => ({ ...channel, rgb: rgbOf(channel.colour) }));
  }

  /** Where the tile of an image begins, and how high all its panels are together. */
  tileAt(row: number, column: number): { x: number; y: number; heightPx: number } {
    const { widthPx, heightPx, panels } = this.layout;
    return {
      x: column * (widthPx + GAP_PX),
      y: row * rowHeight(this.layout),
      heightPx: panels.length * (heightPx + GAP_PX) - GAP_PX,
    };
  }

  /** Draws an image's panels. @param levels grey levels `[c,h,w]`, row-major, from position `start` on; borrowed. */
  place(row: number, column: number, levels: ArrayLike<number>, start = 0): void {
    const { panels, heightPx } = this.layout;
    const { x, y } = this.tileAt(row, column);
    for (const [i, panel] of panels.entries()) {
      const shown = panel === "composite" ? this.#channels.map((_, k) => k) : [panel];
      this.#paint(x, y + i * (heightPx + GAP_PX), levels, start, shown);
    }
  }

  #paint(x0: number, y0: number, levels: ArrayLike<number>, start: number, shown: readonly number[]): void {
    const { heightPx, widthPx } = this.layout;
    const { data, widthPx: pictureWidth } = this.picture;
    const plane = heightPx * widthPx;
    const light = Math.min(1, 2 / shown.length);
    for (let p = 0; p < plane; p++) {
      let [r, g, b] = [0, 0, 0];
      for (const k of shown) {
        const { low, high, rgb } = this.#channels[k]!;
        const share = ((levels[start + k * plane + p] ?? 0) - low) / Math.max(high - low, 1e-6);
        const level = light * Math.min(1, Math.max(0, share));
        r += level * rgb[0]!;
        g += level * rgb[1]!;
        b += level * rgb[2]!;
      }
      const at = ((y0 + Math.floor(p / widthPx)) * pictureWidth + x0 + (p % widthPx)) * 3;
      data[at] = Math.min(255, Math.round(r));
      data[at + 1] = Math.min(255, Math.round(g));
      data[at + 2] = Math.min(255, Math.round(b));
    }
  }
}
