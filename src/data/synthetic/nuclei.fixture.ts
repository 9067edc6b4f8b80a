// The simplest image analysis that a biologist would do by hand, to check drawings by something that knows nothing of the drawing.

/** Nuclei of one image, those at its border left out. */
export interface Nuclei {
  readonly count: number;
  /** Median area, pixels. */
  readonly area: number;
  /** Median of their mean grey level above background. */
  readonly level: number;
}

/** Thresholds a DNA plane `[h*w]` between background and bright nuclei, and measures what is connected. */
export function measureNuclei(plane: Uint8Array, sidePx: number): Nuclei {
  const sorted = Uint8Array.from(plane).sort();
  const background = sorted[sorted.length >> 1]!;
  const bright = sorted[Math.floor(0.995 * sorted.length)]!;
  const threshold = background + 0.35 * (bright - background);
  const seen = new Uint8Array(plane.length);
  const found: { area: number; level: number }[] = [];
  for (let start = 0; start < plane.length; start++) {
    if (seen[start] || plane[start]! < threshold) continue;
    const pixels = flood(plane, sidePx, start, threshold, seen);
    const atBorder = pixels.some(
      (i) => [0, sidePx - 1].includes(i % sidePx) || [0, sidePx - 1].includes(Math.floor(i / sidePx)),
    );
    const level = pixels.reduce((sum, i) => sum + plane[i]! - background, 0) / pixels.length;
    if (!atBorder && pixels.length > 15) found.push({ area: pixels.length, level });
  }
  return { count: found.length, area: median(found.map((n) => n.area)), level: median(found.map((n) => n.level)) };
}

function flood(plane: Uint8Array, sidePx: number, start: number, threshold: number, seen: Uint8Array): number[] {
  const pixels = [start];
  seen[start] = 1;
  for (let next = 0; next < pixels.length; next++) {
    const i = pixels[next]!;
    const column = i % sidePx;
    for (const j of [column > 0 ? i - 1 : -1, column < sidePx - 1 ? i + 1 : -1, i - sidePx, i + sidePx]) {
      if (j < 0 || j >= plane.length || seen[j] || plane[j]! < threshold) continue;
      seen[j] = 1;
      pixels.push(j);
    }
  }
  return pixels;
}

/** Middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Mean; NaN of nothing. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Plane `channel` of `[5,h,w]`. */
export function planeOf(planes: Uint8Array, channel: number): Uint8Array {
  const n = planes.length / 5;
  return planes.subarray(channel * n, (channel + 1) * n);
}
