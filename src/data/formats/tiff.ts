// TIFF, OME-TIFF and plain stacks: pages are channels, or planes in z where OME-XML says so.

import { unsupportedImage } from "../errors.ts";
import { badStack } from "../errors-formats.ts";
import type { DecodedImage, DecodeOptions, ImageFormat } from "./image-format.ts";
import { checkDensity, checkSize, DEFLATE_RATIO, MAX_IMAGE_BYTES } from "./limits.ts";
import { isOmeXml, type OmePixels, omePixels, pageOf } from "./ome-xml.ts";
import { sharpPlanes } from "./sharp-planes.ts";
import { isTiff, type TiffPage, tiffPages } from "./tiff-directory.ts";
import { stackPlanes } from "./z-stack.ts";

export const tiffFormat: ImageFormat = { name: "TIFF", recognises: isTiff, decode: decodeTiff };

/** The most that a compression can reach: an LZW code stands for 4,096 bytes at most; 0 where there is no bound. */
const RATIO: Record<number, number> = { 1: 1, 5: 4096, 8: DEFLATE_RATIO, 32773: 64, 32946: DEFLATE_RATIO };

async function decodeTiff(bytes: Uint8Array, file: string, options: DecodeOptions): Promise<DecodedImage> {
  const pages = tiffPages(bytes, file);
  const first = pages[0]!;
  const bitDepth = checkPage(first, bytes.length, file);
  const isRgb = first.samples >= 3;
  if (isRgb) {
    if (pages.length > 1) throw unsupportedImage(file, `a stack of ${pages.length} pages in colour`);
    return { ...(await sharpPlanes(bytes, { bitDepth, planes: 3 }, file)), channels: 3, bitDepth };
  }
  const xml = first.description !== null && isOmeXml(first.description) ? first.description : null;
  const whole = pages.map((page, i) => ({ page, i })).filter(({ page }) => !page.isReduced);
  for (const { page } of whole) checkSameForm(page, first, file);
  const layout = xml === null ? plainStack(whole.length) : omePixels(xml, file);
  if (xml !== null) checkOme(layout, first, whole.length, file);
  const held = layout.channels.length * first.width * first.height * (bitDepth / 8);
  if (held > MAX_IMAGE_BYTES) throw unsupportedImage(file, "a stack whose channels are more than the 4 GiB read");
  const read = async (channel: number, z: number) => {
    const at = whole[pageOf(layout, channel, z)];
    if (at === undefined) throw badStack(file, `its OME-XML names a page that it has not got (it has ${whole.length})`);
    return (await sharpPlanes(bytes, { bitDepth, planes: 1, page: at.i }, file)).data;
  };
  const form = { height: first.height, width: first.width, bitDepth, file };
  return stackPlanes(layout.channels.length, layout.sizeZ, form, options.z, read);
}

/** Pages without OME-XML are channels. */
const plainStack = (n: number): OmePixels => ({
  ...{ sizeZ: 1, sizeT: 1, order: "XYCZT", pixelSizeUm: null, pages: null, width: null, height: null },
  channels: Array.from({ length: n }, (_, i) => ({ name: `channel ${i + 1}`, stain: null })),
});

function checkPage(page: TiffPage, fileBytes: number, file: string): 8 | 16 {
  const { width, height, bitsPerSample: bits, samples, sampleFormat, photometric, compression } = page;
  if (photometric === 3) throw unsupportedImage(file, "an image with a colour palette");
  if (sampleFormat === 3) throw unsupportedImage(file, `an image of float values, ${bits} bits each`);
  if (sampleFormat !== 1) throw unsupportedImage(file, "an image of signed or complex values");
  if (bits !== 8 && bits !== 16) throw unsupportedImage(file, `an image of ${bits} bits a pixel`);
  if (samples > 4) throw unsupportedImage(file, `an image of 1 page(s) with ${samples} channels each`);
  checkSize({ height, width, planes: samples, bytesPerSample: bits / 8 }, file);
  const ratio = RATIO[compression] ?? 0;
  if (ratio > 0) checkDensity((height * width * samples * bits) / 8, fileBytes, ratio, file);
  return bits;
}

function checkSameForm(page: TiffPage, first: TiffPage, file: string): void {
  const form = ({ width, height, bitsPerSample, samples, sampleFormat, photometric }: TiffPage) =>
    [width, height, bitsPerSample, samples, sampleFormat, photometric].join();
  if (form(page) !== form(first)) throw unsupportedImage(file, "a stack of pages of different sizes or kinds");
}

function checkOme(pixels: OmePixels, page: TiffPage, nPages: number, file: string): void {
  if (pixels.sizeT > 1) throw badStack(file, `it is a film of ${pixels.sizeT} time points`);
  const isSameSize =
    (pixels.width === null || pixels.width === page.width) && (pixels.height === null || pixels.height === page.height);
  if (!isSameSize) throw badStack(file, "its OME-XML gives another size than its pages");
  const wanted = pixels.channels.length * pixels.sizeZ;
  if (pixels.pages === null && wanted !== nPages)
    throw badStack(file, `its OME-XML tells of ${wanted} planes, and it has ${nPages} pages`);
}
