// What one stain of one field looks like in six numbers, at the size it was taken: for quality control, not for biology.
import { createHash } from "node:crypto";

/** Measures of one plane, in source grey levels. */
export interface PlaneMeasure {
  readonly mean: number;
  /** Population standard deviation. */
  readonly sd: number;
  /** Standard deviation of what neighbouring pixels share: the picture without its pixel noise. */
  readonly structure: number;
  /** 0 (blurred beyond detail) to about 1 (detail as fine as a pixel); see {@link measurePlane}. */
  readonly focus: number;
  readonly max: number;
  /** Share of pixels at `max`. */
  readonly atMax: number;
  /** The first 64 bits of the pixels' SHA-1: equal planes have equal hashes. */
  readonly hash: bigint;
}

/** Distances, in pixels along a row, whose covariances are compared. */
const NEAR_PX = 1;
const FAR_PX = 4;
/** Rows looked at for focus; more cost time and say the same. */
const FOCUS_ROWS = 256;

/**
 * Measures one plane.
 *
 * Focus is 1 − γ(4)/γ(1), γ(d) being the covariance of pixels d apart in a row: how much of the picture's variation is
 * lost over three pixels. White camera noise is in γ(0) alone, so it does not look like sharpness, and gain and offset
 * cancel. For structure whose covariance falls as exp(−d²/4σ²) it is 1 − exp(−15/4σ²).
 * @param plane `[height,width]`, borrowed.
 * @example
 * ```ts
 * import { measurePlane } from "gan-dl/data";
 * const { mean, max, atMax } = measurePlane(Uint8Array.of(0, 0, 0, 8, 8, 8), 1, 6);
 * console.assert(mean === 4 && max === 8 && atMax === 0.5);
 * ```
 */
export function measurePlane(plane: Uint8Array | Uint16Array, height: number, width: number): PlaneMeasure {
  let sum = 0;
  let squares = 0;
  let max = 0;
  let atMax = 0;
  for (let i = 0; i < plane.length; i++) {
    const v = plane[i]!;
    sum += v;
    squares += v * v; // whole numbers: exact up to 2^53, two million pixels of 16 bits and more
    if (v > max) {
      max = v;
      atMax = 0;
    }
    if (v === max) atMax++;
  }
  const mean = sum / plane.length;
  const variance = Math.max(0, squares / plane.length - mean * mean);
  const near = rowCovariance(plane, height, width, NEAR_PX, mean);
  const far = rowCovariance(plane, height, width, FAR_PX, mean);
  const bytes = Buffer.from(plane.buffer, plane.byteOffset, plane.byteLength);
  return {
    ...{ mean, sd: Math.sqrt(variance), structure: Math.sqrt(Math.max(0, near)), max, atMax: atMax / plane.length },
    focus: near > 1e-9 * Math.max(variance, 1e-9) ? Math.max(0, 1 - far / near) : 0,
    hash: createHash("sha1").update(bytes).digest().readBigUInt64LE(0),
  };
}

/** Mean product of deviations of pixels `lag` apart, along up to {@link FOCUS_ROWS} rows. */
function rowCovariance(
  plane: Uint8Array | Uint16Array,
  height: number,
  width: number,
  lag: number,
  mean: number,
): number {
  const every = Math.max(1, Math.floor(height / FOCUS_ROWS));
  let sum = 0;
  let n = 0;
  for (let y = 0; y < height; y += every) {
    const start = y * width;
    for (let i = start; i < start + width - lag; i++) sum += (plane[i]! - mean) * (plane[i + lag]! - mean);
    n += Math.max(0, width - lag);
  }
  return n === 0 ? 0 : sum / n;
}
