// Doubling and halving the sampling rate around a warp, as dense matrices along one axis.
//
// The filters are the 9/7 pair of Cohen, Daubechies & Feauveau (1992), known from JPEG 2000: the seven taps double the rate, the
// nine taps halve it. Why this pair: both are symmetric about a sample, so that mirrored borders, flips and turns stay exact on
// the doubled grid; one undoes the other, so that a warp that moves nothing changes nothing; and both have a fourfold zero at the
// highest frequency, so that constants and slopes pass unchanged and folding is weak. (ADA's sym6 is not symmetric.)
// As a matrix the border is part of the filter, and dense products run at the machine's full rate; the work per pixel
// grows with the side, and at 256 pixels equals that of the gathers between the two.
import { fromArray, type Tensor } from "../../tensor/index.ts";

/** Taps 0, ±1, … of the filter that doubles the rate; sum 2. */
const UP_TAPS: readonly number[] = [1.115087052456994, 0.591271763114247, -0.05754352622849957, -0.09127176311424948];
/** Taps 0, ±1, … of the filter that halves the rate; sum 1. */
const DOWN_TAPS: readonly number[] = [
  0.6029490182363579, 0.2668641184428723, -0.07822326652898785, -0.01686411844287495, 0.02674875741080976,
];

/** So far beyond the image, in samples of the doubled grid, the halving filter looks. */
export const MARGIN = DOWN_TAPS.length - 1;
/** Samples of the doubled grid: the pixels and the points between them. */
export const doubled = (side: number): number => 2 * side - 1;

/** The index that a mirror at the first and the last sample shows in place of `index`; the border itself is not repeated. */
export function mirrored(index: number, length: number): number {
  const period = 2 * (length - 1);
  const wrapped = ((index % period) + period) % period;
  return wrapped < length ? wrapped : period - wrapped;
}

/** `[2·side − 1, side]`, row-major: pixels to the doubled grid, beyond the border their mirror image. */
export function upMatrix(side: number): Float64Array {
  const matrix = new Float64Array(doubled(side) * side);
  for (let row = 0; row < doubled(side); row++)
    for (let tap = 1 - UP_TAPS.length; tap < UP_TAPS.length; tap++)
      if ((row + tap) % 2 === 0)
        matrix[row * side + mirrored((row + tap) / 2, side)]! += UP_TAPS[Math.abs(tap)] as number;
  return matrix;
}

/** `[side, 2·side − 1 + 2·MARGIN]`, row-major: the doubled grid with its margin to pixels. */
export function downMatrix(side: number): Float64Array {
  const width = doubled(side) + 2 * MARGIN;
  const matrix = new Float64Array(side * width);
  for (let row = 0; row < side; row++)
    for (let tap = -MARGIN; tap <= MARGIN; tap++)
      matrix[row * width + 2 * row + MARGIN + tap] = DOWN_TAPS[Math.abs(tap)] as number;
  return matrix;
}

/** Multiplies both image axes of x `[n,c,h,w]` by `matrix` `[out,in]`: h and w are `in`, those of the result `out`. */
export function alongBothAxes(x: Tensor, matrix: Float64Array): Tensor {
  const [, , h = 1, w = 1] = x.shape;
  const onDevice = fromArray(matrix, [matrix.length / w, w]).to({ dtype: x.dtype, device: x.device });
  if (h !== w) throw new Error("internal: images are square here");
  return onDevice.matmul(x.matmul(onDevice.transpose(0, 1)));
}
