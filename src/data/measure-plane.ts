// What one stain of one field looks like in six numbers, at the size it was taken: for quality control, not for biology.
import { crc32 } from "node:zlib";
import { ChannelHistogram } from "./channel-histogram.ts";

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
  /** CRC-32 of the upper and of the lower half of the pixels: equal planes have equal hashes, others by chance hardly ever. */
  readonly hash: bigint;
  /** Pixels at each grey level; 8-bit planes only. */
  readonly counts?: Float64Array;
}

/** Distances, in pixels along a row, whose covariances are compared. */
const NEAR_PX = 1;
const FAR_PX = 4;
/** Rows looked at for focus; more cost time and say the same. */
const FOCUS_ROWS = 128;

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
  const { mean, variance, max, nAtMax, counts } =
    plane instanceof Uint8Array ? momentsOfBytes(plane) : momentsOfShorts(plane);
  const [near, far] = rowCovariances(plane, height, width, mean);
  const half = plane.length >> 1;
  return {
    ...{ mean, sd: Math.sqrt(variance), structure: Math.sqrt(Math.max(0, near)), max, atMax: nAtMax / plane.length },
    focus: near > 1e-9 * Math.max(variance, 1e-9) ? Math.max(0, 1 - far / near) : 0,
    hash: (BigInt(crc32(bytesOf(plane.subarray(0, half)))) << 32n) | BigInt(crc32(bytesOf(plane.subarray(half)))),
    ...(counts ? { counts } : {}),
  };
}

const bytesOf = (plane: Uint8Array | Uint16Array) => new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength);

interface Moments {
  readonly mean: number;
  readonly variance: number;
  readonly max: number;
  readonly nAtMax: number;
  readonly counts: Float64Array | null;
}

/** One count of the pixels serves the moments here and the histograms of the plate and of the data set. */
function momentsOfBytes(plane: Uint8Array): Moments {
  const histogram = new ChannelHistogram("uint8");
  histogram.add(plane);
  const counts = histogram.counts();
  let sum = 0;
  let squares = 0;
  let max = 0;
  for (let level = 0; level < counts.length; level++) {
    const n = counts[level]!;
    sum += n * level;
    squares += n * level * level;
    if (n > 0) max = level;
  }
  const mean = sum / plane.length;
  return { mean, variance: Math.max(0, squares / plane.length - mean * mean), max, nAtMax: counts[max]!, counts };
}

/** 65,536 counters a plane would cost more than small planes have pixels. */
function momentsOfShorts(plane: Uint16Array): Moments {
  let sum = 0;
  let squares = 0;
  let max = 0;
  let nAtMax = 0;
  for (let i = 0; i < plane.length; i++) {
    const v = plane[i]!;
    sum += v;
    squares += v * v; // whole numbers: exact up to 2^53, two million pixels of 16 bits and more
    if (v > max) {
      max = v;
      nAtMax = 0;
    }
    if (v === max) nAtMax++;
  }
  const mean = sum / plane.length;
  return { mean, variance: Math.max(0, squares / plane.length - mean * mean), max, nAtMax, counts: null };
}

/**
 * Mean products of deviations of pixels {@link NEAR_PX} and {@link FAR_PX} apart, along up to {@link FOCUS_ROWS} rows.
 *
 * Σ(a − m)(b − m) = Σab − m(Σa + Σb) + nm²: the sums are of whole numbers, exact, and one pass makes them all.
 */
function rowCovariances(
  plane: Uint8Array | Uint16Array,
  height: number,
  width: number,
  mean: number,
): [near: number, far: number] {
  const every = Math.max(1, Math.floor(height / FOCUS_ROWS));
  const near = { products: 0, ends: 0, n: 0 };
  const far = { products: 0, ends: 0, n: 0 };
  for (let y = 0; y < height; y += every) {
    const start = y * width;
    const end = start + width;
    let nearProducts = 0;
    let farProducts = 0;
    let sum = 0;
    let i = start;
    // Four pixels and the four behind them, which are the next round's first: each is loaded once.
    if (end - start >= FAR_PX) {
      let [a, b, c, d] = [plane[i]!, plane[i + 1]!, plane[i + 2]!, plane[i + 3]!];
      for (; i + 2 * FAR_PX <= end; i += FAR_PX) {
        const e = plane[i + 4]!;
        const f = plane[i + 5]!;
        const g = plane[i + 6]!;
        const h = plane[i + 7]!;
        sum += a + b + c + d;
        nearProducts += a * b + b * c + c * d + d * e;
        farProducts += a * e + b * f + c * g + d * h;
        a = e;
        b = f;
        c = g;
        d = h;
      }
    }
    for (; i < end; i++) {
      sum += plane[i]!;
      if (i + NEAR_PX < end) nearProducts += plane[i]! * plane[i + NEAR_PX]!;
      if (i + FAR_PX < end) farProducts += plane[i]! * plane[i + FAR_PX]!;
    }
    near.products += nearProducts;
    far.products += farProducts;
    addRow(near, plane, start, end, NEAR_PX, sum);
    addRow(far, plane, start, end, FAR_PX, sum);
  }
  const covariance = ({ products, ends, n }: typeof near) => (n === 0 ? 0 : (products - mean * ends) / n + mean * mean);
  return [covariance(near), covariance(far)];
}

/** Adds Σa + Σb and the number of pairs of one row: its sum twice, less the pixels that are never first or never second. */
function addRow(
  to: { ends: number; n: number },
  plane: Uint8Array | Uint16Array,
  start: number,
  end: number,
  lag: number,
  sum: number,
): void {
  if (end - start <= lag) return;
  let outside = 0;
  for (let i = 0; i < lag; i++) outside += plane[start + i]! + plane[end - 1 - i]!;
  to.ends += 2 * sum - outside;
  to.n += end - start - lag;
}
