// The image formats, one line each; the first that knows a file by its first bytes reads it.
import type { ImageFormat } from "./image-format.ts";
import { jpeg2000Format } from "./jpeg2000.ts";
import { npyFormat } from "./npy-format.ts";
import { pngFormat } from "./png.ts";
import { tiffFormat } from "./tiff.ts";

/**
 * All formats that are known, to be read or to be refused by name.
 * @example
 * ```ts
 * import { imageFormats } from "gan-dl/data";
 * const tiff = imageFormats.find(({ name }) => name === "TIFF");
 * console.assert(tiff?.recognises(Uint8Array.of(0x49, 0x49, 42, 0)) === true);
 * ```
 */
export const imageFormats: readonly ImageFormat[] = [pngFormat, tiffFormat, npyFormat, jpeg2000Format];
