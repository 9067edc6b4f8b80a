// Which squares of an image the encoder sees.
import { tileOrigins } from "../data/tile-origins.ts";
import type { TileLayout } from "../schema/index.ts";
import { imagesSmallerThanTile, strideWithoutGrid } from "./errors.ts";

/** Images less than this times the tile's side lose little to one crop from the middle, and would cost four tiles to cover. */
const CENTRE_BELOW = 1.25;

/** Where tiles begin; every row origin with every column origin. */
export interface TilePlan {
  readonly layout: TileLayout;
  readonly tilePx: number;
  /** Of a grid; null otherwise. */
  readonly stridePx: number | null;
  readonly rowsPx: readonly number[];
  readonly columnsPx: readonly number[];
}

export interface TileOptions {
  /** @default grid when there is a stride; else centre for images below 1.25 times the tile on both sides, cover for larger ones. */
  readonly tiles?: TileLayout;
  /** Distance of a grid's tiles. @default the tile's side */
  readonly stridePx?: number;
}

/**
 * Places tiles of `tilePx` on images of one size.
 * @throws GanDlError `images-too-small`, `bad-tiles` for a stride without a grid.
 * @example
 * ```ts
 * import { planTiles } from "gan-dl/embed";
 * console.assert(planTiles(68, 68, 64).rowsPx.join() === "2"); // one tile from the middle
 * console.assert(planTiles(150, 64, 64).rowsPx.join() === "0,43,86"); // three cover 150 px
 * ```
 */
export function planTiles(heightPx: number, widthPx: number, tilePx: number, options: TileOptions = {}): TilePlan {
  const { stridePx } = options;
  if (Math.min(heightPx, widthPx) < tilePx) throw imagesSmallerThanTile(heightPx, widthPx, tilePx);
  const isNearTile = Math.max(heightPx, widthPx) < CENTRE_BELOW * tilePx;
  const layout = options.tiles ?? (stridePx !== undefined ? "grid" : isNearTile ? "centre" : "cover");
  if (stridePx !== undefined && layout !== "grid") throw strideWithoutGrid(layout);
  const origins = (lengthPx: number): number[] => {
    if (layout === "grid") return tileOrigins(lengthPx, tilePx, stridePx ?? tilePx);
    return evenOrigins(lengthPx, tilePx, layout === "centre" ? 1 : Math.ceil(lengthPx / tilePx));
  };
  const rowsPx = origins(heightPx);
  const columnsPx = origins(widthPx);
  return { layout, tilePx, stridePx: layout === "grid" ? (stridePx ?? tilePx) : null, rowsPx, columnsPx };
}

/** `n` tiles from one end to the other, equally far apart; a single one in the middle. */
function evenOrigins(lengthPx: number, tilePx: number, n: number): number[] {
  const room = lengthPx - tilePx;
  return n === 1 ? [Math.floor(room / 2)] : Array.from({ length: n }, (_, i) => Math.round((i * room) / (n - 1)));
}
