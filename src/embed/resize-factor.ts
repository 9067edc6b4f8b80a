// How much images are enlarged or reduced before an encoder sees them.
import { badResize, unknownPixelSize } from "./errors.ts";

const LARGEST = 16;

/**
 * The factor to resize by: new pixels per old along a side.
 * @param wanted a number, or `auto`: the data set's pixel size over the encoder's, so that cells have the size that it was trained on.
 * @throws GanDlError `bad-resize`; `unknown-pixel-size` for auto where one of them is not recorded.
 * @example
 * ```ts
 * import { resizeFactor } from "gan-dl/embed";
 * console.assert(resizeFactor("auto", { encoderUm: 1.3, datasetUm: 0.65 }) === 0.5); // RxRx19a for an encoder of RxRx1's scale
 * ```
 */
export function resizeFactor(
  wanted: number | "auto",
  { encoderUm, datasetUm }: { readonly encoderUm: number | null; readonly datasetUm: number | null },
): number {
  if (wanted !== "auto") {
    if (!(wanted > 0 && wanted <= LARGEST)) throw badResize(wanted);
    return wanted;
  }
  if (encoderUm === null || datasetUm === null)
    throw unknownPixelSize([
      ...(encoderUm === null ? ["the encoder"] : []),
      ...(datasetUm === null ? ["the data set"] : []),
    ]);
  return datasetUm / encoderUm;
}
