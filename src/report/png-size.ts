// The size of a PNG, read from its first bytes: with it the page keeps its place while pictures are decoded.

const SIGNATURE = "\u0089PNG\r\n\u001a\n";
const HEADER_BASE64_LENGTH = 32; // 24 bytes: signature, IHDR's length and name, width, height
const PREFIX = "data:image/png;base64,";

/**
 * Width and height of a PNG data URI; null where it is not one.
 * @example
 * ```ts
 * import { pngSize } from "gan-dl/report";
 * const uri = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6B";
 * console.assert(pngSize(uri)?.widthPx === 2 && pngSize(uri)?.heightPx === 3);
 * ```
 */
export function pngSize(dataUri: string): { widthPx: number; heightPx: number } | null {
  if (!dataUri.startsWith(PREFIX)) return null;
  let bytes: string;
  try {
    bytes = atob(dataUri.slice(PREFIX.length, PREFIX.length + HEADER_BASE64_LENGTH));
  } catch {
    return null; // not base64, so no PNG either; the browser will show the alternative text
  }
  if (bytes.length < 24 || !bytes.startsWith(SIGNATURE) || bytes.slice(12, 16) !== "IHDR") return null;
  const uint32 = (at: number) => [0, 1, 2, 3].reduce((sum, i) => sum * 256 + bytes.charCodeAt(at + i), 0);
  return { widthPx: uint32(16), heightPx: uint32(20) };
}
