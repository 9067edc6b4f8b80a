// From planes to what the encoder takes, by the code and in the order of `gandl import` and `gandl embed`.
import { areaDownsample } from "../../../src/data/area-downsample.ts";
import { mapLevels, standardisedRange } from "../../../src/data/intensity.ts";
import { ImageCutter } from "../../../src/embed/image-cutter.ts";
import type { ChannelSource } from "../../../src/embed/match-channels.ts";
import type { EncoderPage } from "../../../src/schema/encoder-page.ts";
import type { Assignment } from "./assign-planes.ts";
import { imageTooSmall, wrongDepth } from "./errors.ts";
import type { Plane } from "./image-planes.ts";

/** Tiles that an encoder can be run on. */
export interface PreparedImage {
  /** `[n,c,r,r]` in [−1, 1]. */
  readonly tiles: Float32Array;
  readonly nTiles: number;
}

/**
 * Shrinks planes to the screen's stored size, maps grey levels as its import did, fills missing stains and cuts tiles.
 * @param planes of one size. @param assigned one a channel of the encoder.
 * @throws GanDlError `image-mismatch` for another bit depth, `images-too-small`.
 */
export function prepareImage(
  page: EncoderPage,
  planes: readonly Plane[],
  assigned: readonly Assignment[],
  missing: "zero" | "mean" | null,
): PreparedImage {
  const used = assigned.flatMap(({ plane }) => (plane === null ? [] : [planes[plane]!]));
  const stored = assigned.flatMap(({ plane }, i) =>
    plane === null ? [] : [storedPlane(page, planes[plane]!, page.encoder.channels[i]!)],
  );
  const { heightPx, widthPx } = shrunkSize(page, used[0]!);
  const size = heightPx * widthPx;
  const dtype = page.screen.dtype;
  const data = dtype === "uint8" ? new Uint8Array(size * stored.length) : new Uint16Array(size * stored.length);
  for (const [k, values] of stored.entries()) data.set(values, k * size);
  const sources = sourcesOf(page, assigned, missing);
  const { layout, views, stridePx } = page.tiling;
  const { resolutionPx: tilePx } = page.encoder;
  if (Math.min(heightPx, widthPx) * page.resizeFactor + 1e-6 < tilePx)
    throw imageTooSmall(`${heightPx} × ${widthPx} px`, Math.ceil(tilePx / page.resizeFactor));
  const cutter = new ImageCutter({
    ...{ manifest: { heightPx, widthPx, dtype }, sources, tilePx, views },
    ...{ resizeFactor: page.resizeFactor, input: page.input, tiles: layout },
    ...(layout === "grid" && stridePx !== null ? { stridePx } : {}),
  });
  const batch = { data, shape: [1, stored.length, heightPx, widthPx] as const, sites: [], start: 0 };
  return { tiles: cutter.cut(batch), nTiles: cutter.nTilesPerImage };
}

function sourcesOf(
  page: EncoderPage,
  assigned: readonly Assignment[],
  missing: "zero" | "mean" | null,
): ChannelSource[] {
  let next = 0;
  return assigned.map(({ plane }, i) => ({
    encoder: page.encoder.channels[i]!.name,
    index: plane === null ? null : next++,
    matchedBy: null,
    filled: plane === null ? missing : null,
  }));
}

/** A plane as the screen would have stored it. */
function storedPlane(
  page: EncoderPage,
  plane: Plane,
  channel: EncoderPage["encoder"]["channels"][number],
): Uint8Array | Uint16Array {
  const { screen } = page;
  const { heightPx, widthPx } = shrunkSize(page, plane);
  let values = plane.values;
  if (heightPx !== plane.heightPx || widthPx !== plane.widthPx) {
    const out = values instanceof Uint8Array ? new Uint8Array(heightPx * widthPx) : new Uint16Array(heightPx * widthPx);
    areaDownsample(values, plane.heightPx, plane.widthPx, out, heightPx, widthPx);
    values = out;
  }
  if (screen.levels.kind === "stored") {
    const is = values instanceof Uint8Array ? "uint8" : "uint16";
    if (is !== screen.dtype) throw wrongDepth(bitsOf(is), bitsOf(screen.dtype));
    return values;
  }
  const ranges = screen.levels.kind === "ranges" ? screen.levels.perChannel : null;
  const position = screen.channels.findIndex(({ name }) => name === channel.screen);
  const range = ranges?.[position] ?? standardisedRange(values);
  const out = new Uint8Array(values.length);
  mapLevels(values, range, out);
  return out;
}

const bitsOf = (dtype: "uint8" | "uint16") => (dtype === "uint8" ? "8 bits of" : "16 bits of");

/** Images of the size that the import shrank are shrunk as it did; all others are taken to be at the stored pixel size. */
function shrunkSize({ screen }: EncoderPage, plane: Plane): { heightPx: number; widthPx: number } {
  const from = screen.resizedFrom;
  const isSource = from !== null && plane.heightPx === from.heightPx && plane.widthPx === from.widthPx;
  return isSource ? screen : plane;
}
