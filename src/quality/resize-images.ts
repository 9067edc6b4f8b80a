// Images to the size that a network was trained at.

/** For each output pixel, the input pixels that it is made of and their weights (sum 1). */
interface Taps {
  readonly first: Int32Array;
  /** `[size, reach]` */
  readonly weights: Float64Array;
  readonly reach: number;
}

/**
 * Resizes square planes: linear interpolation when they grow, a triangle as wide as the step when they shrink (no aliasing).
 * @param data planes `[n,side,side]`. @returns `[n,to,to]`; `data` itself where nothing changes.
 */
export function resizeImages(data: Float32Array, side: number, to: number): Float32Array {
  if (side === to) return data;
  const taps = triangleTaps(side, to);
  const nPlanes = data.length / side ** 2;
  const out = new Float32Array(nPlanes * to * to);
  const wide = new Float64Array(side * to);
  for (let plane = 0; plane < nPlanes; plane++) {
    resample(data.subarray(plane * side * side, (plane + 1) * side * side), side, 1, side, taps, wide, to, 1);
    resample(wide, to, to, 1, taps, out.subarray(plane * to * to, (plane + 1) * to * to), 1, to);
  }
  return out;
}

/** Resamples `lines` lines along one axis: steps are the distance of neighbours along it, and of lines. */
function resample(
  from: ArrayLike<number>,
  lines: number,
  step: number,
  lineStep: number,
  { first, weights, reach }: Taps,
  out: Float32Array | Float64Array,
  outLineStep: number,
  outStep: number,
): void {
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < first.length; i++) {
      let sum = 0;
      for (let t = 0; t < reach; t++) {
        const weight = weights[i * reach + t]!;
        if (weight !== 0) sum += weight * from[line * lineStep + (first[i]! + t) * step]!;
      }
      out[line * outLineStep + i * outStep] = sum;
    }
  }
}

function triangleTaps(side: number, to: number): Taps {
  const scale = side / to;
  const radius = Math.max(1, scale);
  const reach = Math.ceil(2 * radius) + 1;
  const first = new Int32Array(to);
  const weights = new Float64Array(to * reach);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale - 0.5;
    const start = Math.max(0, Math.ceil(centre - radius));
    first[i] = start;
    let total = 0;
    for (let t = 0; t < reach && start + t < side; t++) {
      const weight = Math.max(0, 1 - Math.abs(start + t - centre) / radius);
      weights[i * reach + t] = weight;
      total += weight;
    }
    for (let t = 0; t < reach; t++) weights[i * reach + t]! /= total;
  }
  return { first, weights, reach };
}
