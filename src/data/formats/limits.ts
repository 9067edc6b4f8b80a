// Bounds on what a file may claim, checked before a byte is allocated for it.
import { unreadableImage, unsupportedImage } from "../errors.ts";

/** A plane of 16,383² pixels; no camera's, and four times as much fits in memory. */
export const MAX_PLANE_PIXELS = 0x3fff ** 2;
/** Planes that are held at a time, in bytes. */
export const MAX_IMAGE_BYTES = 4 * 1024 ** 3;
/** Pages of a TIFF, or planes of a stack. */
export const MAX_PAGES = 10_000;

/** Deflate turns a bit pair into at most 258 bytes: 1,032 to one. */
export const DEFLATE_RATIO = 1032;

/** What a header says of an image. */
export interface ClaimedSize {
  readonly height: number;
  readonly width: number;
  /** Planes that are decoded at a time. */
  readonly planes: number;
  readonly bytesPerSample: number;
}

/** @throws GanDlError `unsupported-image` for more than the limits above, `unreadable-image` for nothing at all. */
export function checkSize(size: ClaimedSize, file: string): void {
  const { height, width, planes, bytesPerSample } = size;
  if (!(height > 0 && width > 0 && planes > 0)) throw unreadableImage(file, "its header gives it no pixels.");
  const plane = height * width;
  if (plane > MAX_PLANE_PIXELS)
    throw unsupportedImage(file, `an image of ${height} × ${width} px, more than the ${MAX_PLANE_PIXELS} px read`);
  const bytes = plane * planes * bytesPerSample;
  if (bytes > MAX_IMAGE_BYTES)
    throw unsupportedImage(file, `an image of ${(bytes / 1024 ** 3).toFixed(1)} GiB, more than the 4 GiB read`);
}

/** Refuses a file too short to hold what it claims. @param ratio what its compression can reach. @throws GanDlError `unreadable-image`. */
export function checkDensity(claimedBytes: number, fileBytes: number, ratio: number, file: string): void {
  if (claimedBytes <= ratio * fileBytes) return;
  throw unreadableImage(
    file,
    `its header claims ${claimedBytes} bytes of pixels, which ${fileBytes} bytes cannot hold.`,
  );
}
