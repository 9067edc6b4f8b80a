// How coarse the picture is: the share of its light that lies in structures narrower than some width.
import type { Pixels } from "../../data/index.ts";
import { type PlaneKernels, planeKernels } from "./plane-kernels.ts";

/** How often the picture is halved, and the squares' radii at each size. */
const OCTAVES = [[1], [1, 2], [1, 2], [1, 2]] as const;

/** Widths of the squares in pixels of the picture as it is, narrowest first. */
export const GRANULARITY_WIDTHS_PX = OCTAVES.flatMap((radii, octave) => radii.map((r) => (2 * r + 1) * 2 ** octave));

const BYTES = Int32Array.BYTES_PER_ELEMENT;

/** A picture of int32 in the kernels' memory. */
interface Plane {
  readonly height: number;
  readonly width: number;
  readonly image: Int32Array;
}

/**
 * Opens planes of one size by squares of growing width (Serra 1982); wide squares are applied to the picture halved by area, so that
 * eight times the width costs no more.
 */
export class Granularity {
  readonly #kernels: PlaneKernels;
  readonly #octaves: readonly Plane[];
  /** Working memory of each octave, in the same memory: rows of an erosion or dilation, the picture eroded and the picture opened. */
  readonly #working: readonly { readonly passing: Plane; readonly eroded: Plane; readonly opened: Plane }[];
  readonly #sums: BigInt64Array;

  /** @param height of planes; @param width of planes, in pixels. */
  constructor(height: number, width: number) {
    const sizes = OCTAVES.map((_, octave) => [Math.max(1, height >> octave), Math.max(1, width >> octave)] as const);
    const areas = [...sizes.map(([h, w]) => h * w), height * width, height * width, height * width];
    const { buffer, starts, kernels } = planeKernels([...areas.map((area) => area * BYTES), 2 * 8]);
    const plane = (index: number, [h, w]: readonly [number, number]): Plane => {
      return { height: h, width: w, image: new Int32Array(buffer, starts[index], h * w) };
    };
    const n = sizes.length;
    this.#kernels = kernels;
    this.#octaves = sizes.map((size, octave) => plane(octave, size));
    this.#working = sizes.map((size) => ({
      ...{ passing: plane(n, size), eroded: plane(n + 1, size), opened: plane(n + 2, size) },
    }));
    this.#sums = new BigInt64Array(buffer, starts[n + 3], 2);
  }

  /**
   * For each width, the share of light above the plane's minimum that opening by a square of that width takes away: 0 to 1, 0 for a
   * constant plane. @param plane `[height,width]`, borrowed. @param out one value a width.
   */
  measure(plane: Pixels, min: number, out: Float32Array): void {
    const erosion: Extreme = { ofThree: this.#kernels.least, ofTwo: Math.min };
    const dilation: Extreme = { ofThree: this.#kernels.greatest, ofTwo: Math.max };
    let k = 0;
    for (const [octave, radii] of OCTAVES.entries()) {
      const picture = this.#octaves[octave]!;
      const { passing, eroded, opened } = this.#working[octave]!;
      if (octave === 0) picture.image.set(plane);
      else halve(this.#octaves[octave - 1]!, picture);
      const dark = min * 4 ** octave * picture.image.length; // opening a picture less its minimum gives the opening less that
      const light = this.#sumOf(picture) - dark;
      let from = picture;
      for (const radius of radii) {
        over3x3(erosion, from, passing, eroded);
        from = eroded; // radius 1 eroded once more is radius 2
        over3x3(dilation, eroded, passing, opened);
        for (let r = 1; r < radius; r++) over3x3(dilation, opened, passing, opened);
        out[k++] = light > 0 ? Math.max(0, 1 - (this.#sumOf(opened) - dark) / light) : 0;
      }
    }
  }

  #sumOf({ image }: Plane): number {
    const whole = image.length - (image.length % 4);
    let sum = 0;
    if (whole > 0) {
      this.#kernels.total(image.byteOffset, image.byteOffset + whole * BYTES, this.#sums.byteOffset);
      sum = Number(this.#sums[0]! + this.#sums[1]!);
    }
    for (let i = whole; i < image.length; i++) sum += image[i]!;
    return sum;
  }
}

/** Sums of 2 × 2 pixels, which are whole numbers as pixels are; a last odd row or column is left out. */
function halve(from: Plane, to: Plane): void {
  const [image, halved] = [from.image, to.image];
  const right = from.width > 1 ? 1 : 0;
  const down = from.height > 1 ? from.width : 0;
  for (let y = 0, o = 0; y < to.height; y++) {
    for (let x = 0, i = 2 * y * from.width; x < to.width; x++, i += 2) {
      halved[o++] = image[i]! + image[i + right]! + image[i + down]! + image[i + down + right]!;
    }
  }
}

/** The least, or the greatest. */
interface Extreme {
  readonly ofThree: PlaneKernels["least"];
  readonly ofTwo: (a: number, b: number) => number;
}

/** An extreme over 3 × 3, the outside counting for nothing: along rows into `passing`, then along columns into `to`, which may be `from`. */
function over3x3({ ofThree, ofTwo }: Extreme, from: Plane, passing: Plane, to: Plane): void {
  const { height, width } = from;
  const size = height * width;
  const [source, middle, target] = [from, passing, to].map(({ image }) => image.byteOffset) as [number, number, number];
  ofThree(source - BYTES, source, source + BYTES, middle, middle + size * BYTES);
  // The first and the last of each row were held against the rows beside: they are done again by what is theirs.
  const beside = Math.min(1, width - 1);
  for (let first = 0; first < size; first += width) {
    const last = first + width - 1;
    passing.image[first] = ofTwo(from.image[first]!, from.image[first + beside]!);
    passing.image[last] = ofTwo(from.image[last]!, from.image[last - beside]!);
  }
  const row = width * BYTES;
  const [top, bottom] = [middle, middle + (height - 1) * row];
  const below = Math.min(top + row, bottom);
  ofThree(top, top, below, target, target + row);
  if (height > 2) ofThree(top, below, below + row, target + row, target + (height - 1) * row);
  if (height > 1) ofThree(bottom - row, bottom, bottom, target + (height - 1) * row, target + height * row);
}
