// Stains in their colours, added up: how the page shows what it was given.

/** One stain to be drawn. */
export interface Layer {
  readonly values: Uint8Array | Uint16Array;
  /** `#rrggbb` */
  readonly colour: string;
}

const [LOW_PERCENT, HIGH_PERCENT] = [1, 99.7];
/** So many stains are drawn at full strength. */
const FULL_LAYERS = 3;
/** Pixels that contrast limits are judged by. */
const SAMPLED = 20_000;

/** RGBA of stains stretched between their outer percentiles and added; `[size, 4]`. */
export function composite(layers: readonly Layer[], size: number): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(4 * size);
  for (let i = 0; i < size; i++) rgba[4 * i + 3] = 255;
  const gain = Math.min(1, FULL_LAYERS / layers.length); // many stains at full strength would all be white
  for (const { values, colour } of layers) {
    const [low, high] = contrastLimits(values);
    const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    for (let i = 0; i < size; i++) {
      const level = gain * Math.min(1, Math.max(0, (values[i]! - low) / (high - low)));
      for (let k = 0; k < 3; k++) rgba[4 * i + k] = rgba[4 * i + k]! + level * parts[k]!; // clamped at 255
    }
  }
  return rgba;
}

/** Grey levels shown as black and as full colour. */
export function contrastLimits(values: Uint8Array | Uint16Array): readonly [number, number] {
  const step = Math.max(1, Math.floor(values.length / SAMPLED));
  const sorted = values.filter((_, i) => i % step === 0).sort();
  const at = (percent: number) => sorted[Math.round((percent / 100) * (sorted.length - 1))] ?? 0;
  const [low, high] = [at(LOW_PERCENT), at(HIGH_PERCENT)];
  return [low, high > low ? high : low + 1];
}
