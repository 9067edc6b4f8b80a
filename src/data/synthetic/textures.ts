// Tileable noise that cells are textured with: chromatin, the ER's net, actin fibres. Made once, sampled at random places.
import { SeededRandom } from "../../core/seeded-random.ts";

const TILE_LOG2 = 8;
export const TILE_PX = 1 << TILE_LOG2;
const TILE_MASK = TILE_PX - 1;
const TEXTURE_SEED = 20220714; // fixed: textures are material, not chance

/** Square tiles of `TILE_PX`, wrapped at the edges. */
export interface Textures {
  /** Smooth blobs of about 4 µm, mean 0, sd 1. */
  readonly smooth: Float32Array;
  /** Grain of about 1 µm, mean 0, sd 1. */
  readonly grain: Float32Array;
  /** A net of bright threads about 3 µm apart, 0–1. */
  readonly net: Float32Array;
  /** Bright threads along x, about 3 µm apart, 0–1. */
  readonly fibres: Float32Array;
}

/** Value of a tile at whole pixels; any integers, negative ones too. */
export function texel(tile: Float32Array, x: number, y: number): number {
  return tile[((y & TILE_MASK) << TILE_LOG2) | (x & TILE_MASK)]!;
}

/** Draws the tiles for a pixel size; equal sizes give equal tiles. */
export function makeTextures(pixelSizeUm: number): Textures {
  const random = new SeededRandom(TEXTURE_SEED);
  const noise = (xUm: number, yUm: number) => smoothNoise(random, xUm / pixelSizeUm, yUm / pixelSizeUm);
  return {
    smooth: noise(2.4, 2.4),
    grain: noise(0.8, 0.8),
    net: ridges(noise(1.5, 1.5), 2.2),
    fibres: ridges(noise(12, 0.9), 3),
  };
}

/** White noise blurred to the given scales in pixels, wrapped, brought to mean 0 and sd 1. */
function smoothNoise(random: SeededRandom, sigmaX: number, sigmaY: number): Float32Array {
  const tile = Float32Array.from({ length: TILE_PX * TILE_PX }, () => random.normal());
  for (let pass = 0; pass < 3; pass++) {
    blurWrapped(tile, 1, TILE_PX, sigmaX); // along x
    blurWrapped(tile, TILE_PX, 1, sigmaY); // along y
  }
  const mean = tile.reduce((sum, v) => sum + v, 0) / tile.length;
  const sd = Math.sqrt(tile.reduce((sum, v) => sum + (v - mean) ** 2, 0) / tile.length);
  return tile.map((v) => (v - mean) / sd);
}

/** One pass of three towards a Gaussian: a three-point or box mean along one axis, wrapped. */
function blurWrapped(tile: Float32Array, step: number, lineStep: number, sigma: number): void {
  const radius = Math.round((Math.sqrt(4 * sigma * sigma + 1) - 1) / 2); // three boxes of this radius have variance σ²
  if (radius === 0) return;
  const line = new Float32Array(TILE_PX);
  for (let l = 0; l < TILE_PX; l++) {
    const start = l * lineStep;
    for (let i = 0; i < TILE_PX; i++) line[i] = tile[start + i * step]!;
    let sum = 0;
    for (let k = -radius; k <= radius; k++) sum += line[k & TILE_MASK]!;
    for (let i = 0; i < TILE_PX; i++) {
      tile[start + i * step] = sum / (2 * radius + 1);
      sum += line[(i + radius + 1) & TILE_MASK]! - line[(i - radius) & TILE_MASK]!;
    }
  }
}

/** Bright threads where the noise crosses zero. */
function ridges(noise: Float32Array, sharpness: number): Float32Array {
  return noise.map((v) => Math.exp(-sharpness * v * v));
}
