// From light to grey levels: optics, uneven illumination, stain and plate gain, photon and read noise, 8 bits.
import type { SeededRandom } from "../../core/seeded-random.ts";

const BLUR_UM = 0.55; // sd of the point spread
const HAZE_UM = 9; // light from out of focus
const HAZE_SHARE = 0.22;
const GREY_PER_UNIT = [120, 105, 100, 105, 110]; // brightness of the five stains at gain 1
const BACKGROUND = [0.012, 0.02, 0.025, 0.025, 0.03]; // unbound dye, in units of signal
const READ_NOISE = 1.3; // grey levels
const PHOTON_NOISE = 0.16; // variance a grey level of light

/** What happens to the light of one image. */
export interface Exposure {
  readonly gain: readonly number[];
  readonly offset: readonly number[];
  readonly illumination: { readonly x: number; readonly y: number; readonly vignette: number };
}

/**
 * Takes the picture of `[5]` planes, which it uses up.
 * @returns `[5,h,w]` uint8, one plane after the other; caller owns it.
 */
export function photograph(
  light: Float32Array[],
  sidePx: number,
  pixelSizeUm: number,
  exposure: Exposure,
  random: SeededRandom,
): Uint8Array {
  const picture = new Uint8Array(light.length * sidePx * sidePx);
  const lamp = illuminate(sidePx, exposure.illumination);
  const noise = pixelNoise(random.integer(2 ** 32));
  for (const [channel, plane] of light.entries()) {
    blur(plane, sidePx, BLUR_UM / pixelSizeUm);
    const haze = plane.slice();
    for (let pass = 0; pass < 2; pass++) boxBlur(haze, sidePx, Math.round((HAZE_UM * 1.2) / pixelSizeUm));
    const grey = GREY_PER_UNIT[channel]! * exposure.gain[channel]!;
    const offset = exposure.offset[channel]!;
    const start = channel * plane.length;
    for (let i = 0; i < plane.length; i++) {
      const signal = (1 - HAZE_SHARE) * plane[i]! + HAZE_SHARE * haze[i]! + BACKGROUND[channel]!;
      const level = grey * lamp[i]! * signal;
      const sd = Math.sqrt(READ_NOISE * READ_NOISE + PHOTON_NOISE * level);
      const value = offset + level + sd * noise();
      picture[start + i] = value <= 0 ? 0 : value >= 255 ? 255 : value + 0.5;
    }
  }
  return picture;
}

function illuminate(sidePx: number, lamp: Exposure["illumination"]): Float32Array {
  return Float32Array.from({ length: sidePx * sidePx }, (_, i) => {
    const x = (i % sidePx) / (sidePx - 1) - 0.5;
    const y = Math.floor(i / sidePx) / (sidePx - 1) - 0.5;
    return (1 + lamp.x * x + lamp.y * y) * (1 - lamp.vignette * 2 * (x * x + y * y));
  });
}

/** Normal noise, 3 ns a value: the four bytes of a mixed counter, added (Irwin–Hall, within ±3.5 sd). */
function pixelNoise(seed: number): () => number {
  const sd = Math.sqrt((4 * (256 * 256 - 1)) / 12);
  let counter = seed | 0;
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    let h = counter ^ (counter >>> 16); // the finaliser of MurmurHash3, public domain
    h = Math.imul(h, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
    return ((h & 255) + ((h >>> 8) & 255) + ((h >>> 16) & 255) + (h >>> 24) - 510) / sd;
  };
}

/** Gaussian blur of a small sd in pixels by a five-point kernel, edges repeated. */
function blur(plane: Float32Array, sidePx: number, sigma: number): void {
  const weights = [0, 1, 2].map((k) => Math.exp(-(k * k) / (2 * Math.max(sigma, 1e-3) ** 2)));
  const total = weights[0]! + 2 * weights[1]! + 2 * weights[2]!;
  const [a, b, c] = weights.map((w) => w / total) as [number, number, number];
  const line = new Float32Array(sidePx + 4);
  const along = (start: number, step: number) => {
    for (let i = 0; i < sidePx; i++) line[i + 2] = plane[start + i * step]!;
    line[0] = line[1] = line[2]!;
    line[sidePx + 2] = line[sidePx + 3] = line[sidePx + 1]!;
    for (let i = 0; i < sidePx; i++)
      plane[start + i * step] = a * line[i + 2]! + b * (line[i + 1]! + line[i + 3]!) + c * (line[i]! + line[i + 4]!);
  };
  for (let l = 0; l < sidePx; l++) along(l * sidePx, 1);
  for (let l = 0; l < sidePx; l++) along(l, sidePx);
}

/** Mean over a square of the given radius in pixels, edges repeated. */
function boxBlur(plane: Float32Array, sidePx: number, radius: number): void {
  const line = new Float32Array(sidePx + 2 * radius + 1);
  const along = (start: number, step: number) => {
    for (let i = 0; i < line.length; i++)
      line[i] = plane[start + Math.min(sidePx - 1, Math.max(0, i - radius)) * step]!;
    let sum = 0;
    for (let i = 0; i < 2 * radius + 1; i++) sum += line[i]!;
    for (let i = 0; i < sidePx; i++) {
      plane[start + i * step] = sum / (2 * radius + 1);
      sum += line[i + 2 * radius + 1]! - line[i]!;
    }
  };
  for (let l = 0; l < sidePx; l++) along(l * sidePx, 1);
  for (let l = 0; l < sidePx; l++) along(l, sidePx);
}
