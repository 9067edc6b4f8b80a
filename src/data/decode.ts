// Image files to planes of measured grey levels, each by the format that knows its first bytes.
import sharp from "sharp";
import { isGanDlError } from "../core/errors.ts";
import { firstLine, unreadableImage, unsupportedImage } from "./errors.ts";
import type { DecodedImage, DecodeOptions } from "./formats/image-format.ts";
import { imageFormats } from "./formats/index.ts";

/**
 * Decodes a PNG, TIFF or NumPy array to its stored grey levels, bit for bit: no colour conversion, profile, gamma, scaling or rotation.
 *
 * Gray files give 1 channel, RGB and RGBA files 3, a TIFF of several gray pages one channel a page. An OME-TIFF gives its
 * channels in order, each the maximum over z or one plane of it, as `options.z` says. What a header claims is bounded:
 * 16,383² px a plane, 10,000 pages, 4 GiB in all, and no more than the file's bytes could hold.
 * @param file names the file in errors.
 * @throws GanDlError `unreadable-image` (truncated, damaged, not an image), `unsupported-image` (palette, 1…4-bit, float,
 * pages of different sizes, beyond the bounds), `z-not-chosen`, `bad-z`, `bad-stack` (OME-XML that its pages do not fit).
 * @example
 * ```ts
 * import { decodeImage } from "gan-dl/data";
 * import sharp from "sharp";
 * const raw = { width: 2, height: 1, channels: 1 } as const;
 * const file = await sharp(Uint8Array.of(7, 200), { raw }).toColourspace("b-w").png().toBuffer();
 * console.assert((await decodeImage(file, "a.png")).data.join() === "7,200");
 * ```
 */
export async function decodeImage(bytes: Uint8Array, file: string, options: DecodeOptions = {}): Promise<DecodedImage> {
  try {
    const format = imageFormats.find((candidate) => candidate.recognises(bytes));
    if (format === undefined) throw await unknownFormat(bytes, file);
    return await format.decode(bytes, file, options);
  } catch (error) {
    if (isGanDlError(error)) throw error;
    throw unreadableImage(file, firstLine(error), error);
  }
}

/** What to say of a file that no format knows: its name where sharp knows one, else that it is no image. */
async function unknownFormat(bytes: Uint8Array, file: string): Promise<Error> {
  const { format } = await sharp(bytes).metadata(); // throws for what is no image
  return unsupportedImage(file, `a ${format ?? "file of unknown format"}`);
}
