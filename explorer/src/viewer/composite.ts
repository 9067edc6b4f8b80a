// Planes of grey levels to one picture: each stain in its colour, added up.
import { rgbOf } from "../colours.ts";

/** One plane as it was stored. */
export interface Plane {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly values: Uint8Array | Uint16Array;
}

/** How a stain is shown. */
export interface Shown {
  readonly plane: Plane;
  readonly colour: string;
  /** Grey levels that are black and full colour. */
  readonly low: number;
  readonly high: number;
}

/** Adds the stains up into `image`, which has the planes' size. By table: a grey level is mapped once, not once a pixel. */
export function composite(stains: readonly Shown[], image: ImageData): void {
  const out = image.data;
  out.fill(0);
  for (let i = 3; i < out.length; i += 4) out[i] = 255;
  // Two stains may add up to full; more share the light, or the sum would be white wherever cells are.
  const weight = Math.min(1, 2 / stains.length);
  for (const { plane, colour, low, high } of stains) {
    const rgb = rgbOf(colour);
    const nLevels = plane.values.BYTES_PER_ELEMENT === 1 ? 256 : 65536;
    const share = new Uint8ClampedArray(nLevels);
    for (let v = 0; v < nLevels; v++) share[v] = (255 * (v - low)) / Math.max(1, high - low);
    const tables = rgb.map((full) => Uint8Array.from(share, (s) => Math.round((weight * s * full) / 255)));
    const [red, green, blue] = [tables[0]!, tables[1]!, tables[2]!];
    const { values } = plane;
    for (let i = 0, o = 0; i < values.length; i++, o += 4) {
      const v = values[i]!;
      out[o]! += red[v]!; // clamped by the array itself
      out[o + 1]! += green[v]!;
      out[o + 2]! += blue[v]!;
    }
  }
}
