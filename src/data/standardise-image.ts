// What an encoder may be given in place of stored grey levels: every image brought to one mean and one spread, stain by stain.

/** The encoder's range [−1, 1] spans an image's mean ± this many standard deviations; of Gaussian pixels 0.3 % lie outside. */
export const STANDARDISED_INPUT_SD = 3;

/**
 * Standardises every channel of every image in place: v ↦ (v − mean) / (3 · sd), clipped to [−1, 1], mean and population standard
 * deviation over that one plane. A constant plane becomes 0.
 *
 * Brightness and contrast are taken out, so the result is the same for any a · v + b with a > 0: for stored grey levels and for grey
 * levels already mapped to [−1, 1] alike. What differs between plates in staining or exposure goes; so does mean intensity as a signal.
 * @param images `[n,c,h,w]` float32, overwritten; sums are taken in double precision.
 * @example
 * ```ts
 * import { standardiseImage } from "gan-dl/data";
 * const image = Float32Array.of(10, 10, 14, 14); // mean 12, sd 2
 * standardiseImage(image, [1, 1, 2, 2]);
 * console.assert(Math.abs(image[0]! + 1 / 3) < 1e-7 && Math.abs(image[3]! - 1 / 3) < 1e-7);
 * ```
 */
export function standardiseImage(
  images: Float32Array,
  [n, c, h, w]: readonly [n: number, c: number, h: number, w: number],
): void {
  const size = h * w;
  if (images.length !== n * c * size) throw new RangeError(`${images.length} values are not [${n},${c},${h},${w}]`);
  for (let start = 0; start < images.length; start += size) standardisePlane(images, start, start + size);
}

function standardisePlane(values: Float32Array, start: number, end: number): void {
  let sum = 0;
  for (let i = start; i < end; i++) sum += values[i]!;
  const mean = sum / (end - start);
  let squares = 0;
  for (let i = start; i < end; i++) squares += (values[i]! - mean) ** 2;
  const reach = STANDARDISED_INPUT_SD * Math.sqrt(squares / (end - start));
  const scale = reach > 0 ? 1 / reach : 0;
  for (let i = start; i < end; i++) {
    const value = (values[i]! - mean) * scale;
    values[i] = value < -1 ? -1 : value > 1 ? 1 : value;
  }
}
