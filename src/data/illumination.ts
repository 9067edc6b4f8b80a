// Flat fields: how unevenly a microscope lights each stain of a plate, estimated from the plate itself, and its removal.
import type { Pixels } from "./shards.ts";

/** Relative brightness of one stain over the field; its mean is 1 when estimated. */
export interface FlatField {
  readonly heightPx: number;
  readonly widthPx: number;
  /** `[h,w]`. */
  readonly values: Float64Array;
}

/** The longer side of the reduced images that are averaged; light falls off slowly, so little is enough. */
const REDUCED_PX = 64;
/** Highest power of x and of y in the smooth surface: enough for vignetting off centre, too few for a cell. */
const DEGREE = 4;
/** No part of a field is taken for darker than this share of its mean: noise there would be blown up. */
const LEAST = 0.1;

/** The size at which the mean image of a plate is kept. */
export function reducedSize(heightPx: number, widthPx: number): { heightPx: number; widthPx: number } {
  const scale = Math.min(1, REDUCED_PX / Math.max(heightPx, widthPx));
  return { heightPx: Math.max(1, Math.round(heightPx * scale)), widthPx: Math.max(1, Math.round(widthPx * scale)) };
}

/**
 * Returns the flat field of a mean image: the least-squares polynomial surface through it (degree 4 in x and in y),
 * divided by its mean.
 *
 * After Singh et al. 2014 (J. Microsc. 256:231): averaged over many fields, cells cancel and light remains. A polynomial
 * has no bias at the borders, where a blur would flatten the very fall-off that is looked for.
 * @param mean `[h,w]`, borrowed.
 * @example
 * ```ts
 * import { estimateFlatField } from "gan-dl/data";
 * const { values } = estimateFlatField(Float64Array.of(10, 20, 30), 1, 3); // a slope from left to right
 * console.assert(Math.abs(values[0]! - 0.5) < 1e-9 && Math.abs(values[2]! - 1.5) < 1e-9);
 * ```
 */
export function estimateFlatField(mean: Float64Array, heightPx: number, widthPx: number): FlatField {
  const rows = orthonormalPolynomials(heightPx);
  const columns = orthonormalPolynomials(widthPx);
  const values = new Float64Array(mean.length);
  for (const p of rows) {
    for (const q of columns) {
      let weight = 0; // the basis is orthonormal, so each coefficient is one inner product
      for (let y = 0; y < heightPx; y++)
        for (let x = 0; x < widthPx; x++) weight += mean[y * widthPx + x]! * p[y]! * q[x]!;
      for (let y = 0; y < heightPx; y++)
        for (let x = 0; x < widthPx; x++) values[y * widthPx + x]! += weight * p[y]! * q[x]!;
    }
  }
  const average = values.reduce((sum, v) => sum + v, 0) / values.length;
  if (!(average > 0)) return { heightPx, widthPx, values: values.fill(1) }; // a dark stain tells nothing about the light
  for (let i = 0; i < values.length; i++) values[i] = Math.max(LEAST, values[i]! / average);
  return { heightPx, widthPx, values };
}

/** Polynomials of degree 0…4 over n equally spaced points, orthonormal by Gram–Schmidt. */
function orthonormalPolynomials(n: number): Float64Array[] {
  const basis: Float64Array[] = [];
  for (let degree = 0; degree <= Math.min(DEGREE, n - 1); degree++) {
    const p = Float64Array.from({ length: n }, (_, i) => (n === 1 ? 1 : (2 * i) / (n - 1) - 1) ** degree);
    for (let pass = 0; pass < 2; pass++) {
      for (const q of basis) {
        const shared = p.reduce((sum, v, i) => sum + v * q[i]!, 0);
        for (let i = 0; i < n; i++) p[i]! -= shared * q[i]!;
      }
    }
    const norm = Math.sqrt(p.reduce((sum, v) => sum + v * v, 0));
    basis.push(p.map((v) => v / norm));
  }
  return basis;
}

/** Returns `[heightPx,widthPx]` factors 1/field, the field interpolated linearly between its points; pixel centres align. */
export function gainsOf(field: FlatField, heightPx: number, widthPx: number): Float32Array {
  const gains = new Float32Array(heightPx * widthPx);
  const at = (i: number, n: number, m: number) => Math.min(m - 1, Math.max(0, ((i + 0.5) * m) / n - 0.5));
  for (let y = 0; y < heightPx; y++) {
    const v = at(y, heightPx, field.heightPx);
    const y0 = Math.floor(v);
    const y1 = Math.min(field.heightPx - 1, y0 + 1);
    for (let x = 0; x < widthPx; x++) {
      const u = at(x, widthPx, field.widthPx);
      const x0 = Math.floor(u);
      const x1 = Math.min(field.widthPx - 1, x0 + 1);
      const value = (row: number, column: number) => field.values[row * field.widthPx + column]!;
      const top = value(y0, x0) + (u - x0) * (value(y0, x1) - value(y0, x0));
      const bottom = value(y1, x0) + (u - x0) * (value(y1, x1) - value(y1, x0));
      gains[y * widthPx + x] = 1 / (top + (v - y0) * (bottom - top));
    }
  }
  return gains;
}

/** Multiplies `plane` by `gains` in place, rounded, clamped to the type's highest level. */
export function applyGains(plane: Pixels, gains: Float32Array): void {
  const top = plane instanceof Uint8Array ? 255 : 65535;
  for (let i = 0; i < plane.length; i++) {
    const level = plane[i]! * gains[i]! + 0.5;
    plane[i] = level >= top ? top : level; // storing cuts the fraction off
  }
}
