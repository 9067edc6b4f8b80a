// How coarse the picture is: the share of its light that lies in structures narrower than some width.
import type { Pixels } from "../../data/index.ts";

/** How often the picture is halved, and the squares' radii at each size. */
const OCTAVES = [[1], [1, 2], [1, 2], [1, 2]] as const;

/** Widths of the squares in pixels of the picture as it is, narrowest first. */
export const GRANULARITY_WIDTHS_PX = OCTAVES.flatMap((radii, octave) => radii.map((r) => (2 * r + 1) * 2 ** octave));

/**
 * Opens planes of one size by squares of growing width (Serra 1982); wide squares are applied to the picture halved by area, so that
 * eight times the width costs no more.
 */
export class Granularity {
  readonly #octaves: readonly { height: number; width: number; image: Int32Array }[];
  readonly #a: Int32Array;
  readonly #b: Int32Array;
  readonly #eroded: Int32Array;

  /** @param height of planes; @param width of planes, in pixels. */
  constructor(height: number, width: number) {
    this.#octaves = OCTAVES.map((_, octave) => {
      const [h, w] = [Math.max(1, height >> octave), Math.max(1, width >> octave)];
      return { height: h, width: w, image: new Int32Array(h * w) };
    });
    this.#a = new Int32Array(height * width);
    this.#b = new Int32Array(height * width);
    this.#eroded = new Int32Array(height * width);
  }

  /**
   * For each width, the share of light above the plane's minimum that opening by a square of that width takes away: 0 to 1, 0 for a
   * constant plane. @param plane `[height,width]`, borrowed. @param out one value a width.
   */
  measure(plane: Pixels, min: number, out: Float32Array): void {
    let k = 0;
    for (const [octave, radii] of OCTAVES.entries()) {
      const { image, height, width } = this.#octaves[octave]!;
      if (octave === 0) for (let i = 0; i < plane.length; i++) image[i] = plane[i]! - min;
      else halve(this.#octaves[octave - 1]!, this.#octaves[octave]!);
      const light = sumOf(image, height * width);
      let from = image;
      for (const radius of radii) {
        erode(from, this.#a, this.#eroded, height, width);
        from = this.#eroded; // radius 1 eroded once more is radius 2
        dilate(this.#eroded, this.#a, this.#b, height, width);
        for (let r = 1; r < radius; r++) dilate(this.#b, this.#a, this.#b, height, width);
        out[k++] = light > 0 ? Math.max(0, 1 - sumOf(this.#b, height * width) / light) : 0;
      }
    }
  }
}

function sumOf(values: Int32Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]!;
  return sum;
}

interface Plane {
  readonly height: number;
  readonly width: number;
  readonly image: Int32Array;
}

/** Sums of 2 × 2 pixels, which are whole numbers as pixels are; a last odd row or column is left out. */
function halve(from: Plane, to: Plane): void {
  const right = from.width > 1 ? 1 : 0;
  const down = from.height > 1 ? from.width : 0;
  for (let y = 0, o = 0; y < to.height; y++) {
    for (let x = 0, i = 2 * y * from.width; x < to.width; x++, i += 2) {
      const { image } = from;
      to.image[o++] = image[i]! + image[i + right]! + image[i + down]! + image[i + down + right]!;
    }
  }
}

// Whether a pixel is darker than its neighbour is a coin toss that no processor foresees: a − b, kept where it is negative, needs no branch.
const lesser = (a: number, b: number): number => b + ((a - b) & ((a - b) >> 31));
const greater = (a: number, b: number): number => a - ((a - b) & ((a - b) >> 31));

/** Minimum over 3 × 3, the outside counting for nothing: rows into `passing`, then columns into `to`, which may be `from`. */
function erode(from: Int32Array, passing: Int32Array, to: Int32Array, height: number, width: number): void {
  for (let y = 0; y < height; y++) {
    const start = y * width;
    const last = start + width - 1;
    let left = from[start]!;
    let here = left;
    for (let i = start; i < last; i++) {
      const right = from[i + 1]!;
      passing[i] = lesser(lesser(left, here), right);
      left = here;
      here = right;
    }
    passing[last] = lesser(left, here);
  }
  for (let y = 0; y < height; y++) {
    const here = y * width;
    const up = y > 0 ? here - width : here;
    const down = y < height - 1 ? here + width : here;
    for (let x = 0; x < width; x++)
      to[here + x] = lesser(lesser(passing[up + x]!, passing[here + x]!), passing[down + x]!);
  }
}

/** Maximum over 3 × 3, as {@link erode}. */
function dilate(from: Int32Array, passing: Int32Array, to: Int32Array, height: number, width: number): void {
  for (let y = 0; y < height; y++) {
    const start = y * width;
    const last = start + width - 1;
    let left = from[start]!;
    let here = left;
    for (let i = start; i < last; i++) {
      const right = from[i + 1]!;
      passing[i] = greater(greater(left, here), right);
      left = here;
      here = right;
    }
    passing[last] = greater(left, here);
  }
  for (let y = 0; y < height; y++) {
    const here = y * width;
    const up = y > 0 ? here - width : here;
    const down = y < height - 1 ? here + width : here;
    for (let x = 0; x < width; x++)
      to[here + x] = greater(greater(passing[up + x]!, passing[here + x]!), passing[down + x]!);
  }
}
