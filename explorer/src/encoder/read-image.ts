// Dropped files to planes.
import { unequalSizes, unreadableFile, unsupportedFile } from "./errors.ts";
import type { Plane, Raster } from "./image-planes.ts";
import { isPng, readPng } from "./read-png.ts";
import { isTiff, readTiff } from "./read-tiff.ts";

const COLOURS = ["red", "green", "blue"] as const;
const isJpeg = (bytes: Uint8Array) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;

/** A file by name and content. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Decodes JPEG, for which the platform's decoder is needed; `null` where there is none. */
export type JpegDecoder = (
  bytes: Uint8Array,
) => Promise<{ rgba: Uint8ClampedArray; widthPx: number; heightPx: number }>;

/**
 * Reads the files of one image, in order of their names.
 * @throws GanDlError `unreadable-image`, `unsupported-image`, `image-mismatch` where they differ in size.
 */
export async function readImage(files: readonly NamedBytes[], decodeJpeg: JpegDecoder): Promise<Plane[]> {
  const sorted = [...files].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  const planes: Plane[] = [];
  for (const { name, bytes } of sorted) {
    const raster = await readRaster(name, bytes, decodeJpeg);
    raster.planes.forEach((values, k) => {
      const colour = raster.isRgb ? (COLOURS[k] ?? null) : null;
      const suffix = colour ? `, ${colour}` : raster.planes.length > 1 ? `, page ${k + 1}` : "";
      planes.push({ name: name + suffix, values, heightPx: raster.heightPx, widthPx: raster.widthPx, colour });
    });
  }
  const [first] = planes;
  const odd = planes.find((p) => p.heightPx !== first?.heightPx || p.widthPx !== first.widthPx);
  if (first && odd) throw unequalSizes(first.name, sizeOf(first), odd.name, sizeOf(odd));
  return planes;
}

const sizeOf = ({ heightPx, widthPx }: Plane) => `${heightPx} × ${widthPx} px`;

async function readRaster(name: string, bytes: Uint8Array, decodeJpeg: JpegDecoder): Promise<Raster> {
  if (isPng(bytes)) return readPng(bytes, name);
  if (isTiff(bytes)) return readTiff(bytes, name);
  if (!isJpeg(bytes)) throw unsupportedFile(name, "no PNG, TIFF or JPEG");
  const decoded = await decodeJpeg(bytes).catch((cause: unknown) => {
    throw unreadableFile(name, "the browser cannot decode it.", cause);
  });
  const { rgba, widthPx, heightPx } = decoded;
  const planes = [0, 1, 2].map((k) => Uint8Array.from({ length: widthPx * heightPx }, (_, i) => rgba[4 * i + k]!));
  const isGrey = planes[0]!.every((v, i) => v === planes[1]![i] && v === planes[2]![i]);
  return { heightPx, widthPx, planes: isGrey ? planes.slice(0, 1) : planes, isRgb: !isGrey };
}
