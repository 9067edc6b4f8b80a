// Where the light lies: rings around the centre of the picture, and how even each is. Telling for crops of one cell, illumination for fields.
import type { Pixels } from "../../data/index.ts";

/** Rings of equal width from the centre to the corners. */
export const N_RINGS = 4;
const N_SECTORS = 8;
const N_BINS = N_RINGS * N_SECTORS;

// Working memory, used within one call.
const ringLight = new Float64Array(N_BINS);

/** Adds up the light of rings and of eight sectors of each, for planes of one size. */
export class RadialDistribution {
  /** Neighbouring pixels of a row that lie in one bin are a run: where each ends, and its bin. */
  readonly #runEnds: Int32Array;
  readonly #runBins: Uint8Array;
  readonly #areas = new Float64Array(N_BINS);

  constructor(height: number, width: number) {
    const [ends, bins]: [number[], number[]] = [[], []];
    const [cy, cx] = [(height - 1) / 2, (width - 1) / 2];
    const corner = Math.hypot(cy, cx);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const radius = corner > 0 ? Math.hypot(y - cy, x - cx) / corner : 0;
        const ring = Math.min(N_RINGS - 1, Math.floor(radius * N_RINGS));
        const turn = Math.atan2(y - cy, x - cx) / (2 * Math.PI) + 0.5;
        const bin = ring * N_SECTORS + Math.min(N_SECTORS - 1, Math.floor(turn * N_SECTORS));
        this.#areas[bin]!++;
        if (x === 0 || bin !== bins.at(-1)) {
          bins.push(bin);
          ends.push(0);
        }
        ends[ends.length - 1] = y * width + x + 1;
      }
    }
    this.#runEnds = Int32Array.from(ends);
    this.#runBins = Uint8Array.from(bins);
  }

  /**
   * For each ring, from the inside: its mean light over the picture's (1: no more than elsewhere); then for each ring the coefficient
   * of variation of its sectors' means (0: even all around). Light is counted from the plane's minimum; a constant plane has 1 and 0.
   * @param plane of that size, borrowed. @param out 8 values.
   */
  measure(plane: Pixels, min: number, out: Float32Array): void {
    const [ends, bins] = [this.#runEnds, this.#runBins];
    const light = ringLight;
    light.fill(0);
    for (let run = 0, i = 0; run < ends.length; run++) {
      const end = ends[run]!;
      let sum = -min * (end - i);
      for (; i < end; i++) sum += plane[i]!;
      light[bins[run]!]! += sum;
    }
    let total = 0;
    for (const value of light) total += value;
    const mean = total / plane.length;
    for (let ring = 0; ring < N_RINGS; ring++) {
      const own = this.#ring(ring);
      out[ring] = mean > 0 && own.area > 0 ? own.mean / mean : 1;
      out[N_RINGS + ring] = own.mean > 0 ? own.sd / own.mean : 0;
    }
  }

  /** Mean light of a ring, and how much the means of its sectors spread. */
  #ring(ring: number): { area: number; mean: number; sd: number } {
    let [sum, area, means, squares, n] = [0, 0, 0, 0, 0];
    for (let bin = ring * N_SECTORS; bin < (ring + 1) * N_SECTORS; bin++) {
      if (this.#areas[bin] === 0) continue;
      const mean = ringLight[bin]! / this.#areas[bin]!;
      sum += ringLight[bin]!;
      area += this.#areas[bin]!;
      means += mean;
      squares += mean * mean;
      n++;
    }
    if (n === 0) return { area: 0, mean: 0, sd: 0 };
    return { area, mean: sum / area, sd: Math.sqrt(Math.max(0, squares / n - (means / n) ** 2)) };
  }
}
