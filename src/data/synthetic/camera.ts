// From light to grey levels: optics, uneven illumination, stain and plate gain, photon and read noise, 8 bits.
import type { SeededRandom } from "../../core/seeded-random.ts";
import { blur, haze } from "./blur.ts";

const HAZE_UM = 11; // half width of the light from out of focus
const HAZE_SHARE = 0.22;
const GREY_PER_UNIT = [120, 105, 100, 105, 110]; // brightness of the five stains at gain 1
const BACKGROUND = [0.012, 0.02, 0.025, 0.025, 0.03]; // unbound dye, in units of signal
const READ_NOISE = 1.3; // grey levels
const PHOTON_NOISE = 0.16; // variance a grey level of light

/** What happens to the light of one image. */
export interface Exposure {
  readonly gain: readonly number[];
  readonly offset: readonly number[];
  /** sd of the point spread. */
  readonly blurUm: number;
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
  for (let channel = 0; channel < light.length; channel++) {
    const plane = light[channel]!;
    blur(plane, sidePx, exposure.blurUm / pixelSizeUm);
    const veil = haze(plane, sidePx, HAZE_UM / pixelSizeUm);
    const background = BACKGROUND[channel]!;
    for (let i = 0; i < plane.length; i++)
      plane[i] = lamp[i]! * ((1 - HAZE_SHARE) * plane[i]! + HAZE_SHARE * veil[i]! + background);
    const grey = GREY_PER_UNIT[channel]! * exposure.gain[channel]!;
    const target = picture.subarray(channel * plane.length, (channel + 1) * plane.length);
    readOut(plane, grey, exposure.offset[channel]!, random.integer(2 ** 32), target);
  }
  return picture;
}

function illuminate(sidePx: number, lamp: Exposure["illumination"]): Float32Array {
  const light = new Float32Array(sidePx * sidePx);
  for (let row = 0; row < sidePx; row++) {
    const y = row / (sidePx - 1) - 0.5;
    for (let column = 0; column < sidePx; column++) {
      const x = column / (sidePx - 1) - 0.5;
      light[row * sidePx + column] = (1 + lamp.x * x + lamp.y * y) * (1 - lamp.vignette * 2 * (x * x + y * y));
    }
  }
  return light;
}

const IRWIN_HALL_SD = Math.sqrt((4 * (256 * 256 - 1)) / 12);

/**
 * Grey levels of a plane of light, with photon and read noise.
 *
 * The noise is the four bytes of a mixed counter, added (Irwin–Hall: normal within ±3.5 sd): `SeededRandom` would take half of all time.
 */
function readOut(light: Float32Array, grey: number, offset: number, seed: number, target: Uint8Array): void {
  let counter = seed | 0;
  for (let i = 0; i < light.length; i++) {
    counter = (counter + 0x9e3779b9) | 0;
    let h = counter ^ (counter >>> 16); // the finaliser of MurmurHash3, in the public domain
    h = Math.imul(h, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
    const noise = ((h & 255) + ((h >>> 8) & 255) + ((h >>> 16) & 255) + (h >>> 24) - 510) / IRWIN_HALL_SD;
    const level = grey * light[i]!;
    const value = offset + level + Math.sqrt(READ_NOISE * READ_NOISE + PHOTON_NOISE * level) * noise;
    target[i] = Math.max(0, Math.min(255, value + 0.5)) | 0;
  }
}
