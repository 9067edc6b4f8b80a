// What dropped files become: planes of grey levels with a name that tells what was stained.

/** One plane of an image, as its file stores it. */
export interface Plane {
  /** What the plane is called: the file's name, and its page or colour where it has several. */
  readonly name: string;
  /** `[h,w]` row-major. */
  readonly values: Uint8Array | Uint16Array;
  readonly heightPx: number;
  readonly widthPx: number;
  /** Of an RGB file; null for grey planes. */
  readonly colour: "red" | "green" | "blue" | null;
}

/** Planes of one decoded file, before it has a name. */
export interface Raster {
  readonly heightPx: number;
  readonly widthPx: number;
  /** Grey: one a page. RGB: three. */
  readonly planes: readonly (Uint8Array | Uint16Array)[];
  readonly isRgb: boolean;
}

/** Planes that lie interleaved, value by value, one after the other; the first `kept` of `n`. */
export function deinterleave<T extends Uint8Array | Uint16Array>(values: T, n: number, kept: number): T[] {
  if (n === 1) return [values];
  const make = values instanceof Uint8Array ? Uint8Array : Uint16Array;
  return Array.from({ length: kept }, (_, k) => {
    const plane = new make(values.length / n);
    for (let i = 0; i < plane.length; i++) plane[i] = values[i * n + k]!;
    return plane as T;
  });
}
