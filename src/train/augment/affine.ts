// Affine maps of the plane: one per image says where each output pixel comes from.

/** x' = a·x + b·y + tx, y' = c·x + d·y + ty, as [a, b, tx, c, d, ty]; x to the right, y down, from the image's centre. */
export type Affine = readonly [a: number, b: number, tx: number, c: number, d: number, ty: number];

export const IDENTITY: Affine = [1, 0, 0, 0, 1, 0];

/** First `inner`, then `outer`. */
export function compose(outer: Affine, inner: Affine): Affine {
  const [a, b, tx, c, d, ty] = outer;
  const [e, f, ux, g, h, uy] = inner;
  return [a * e + b * g, a * f + b * h, a * ux + b * uy + tx, c * e + d * g, c * f + d * h, c * ux + d * uy + ty];
}

export const scaling = (x: number, y: number): Affine => [x, 0, 0, 0, y, 0];
export const translation = (x: number, y: number): Affine => [1, 0, x, 0, 1, y];
export function rotation(radians: number): Affine {
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  return [cos, -sin, 0, sin, cos, 0];
}

/** `times` quarter turns, in whole numbers: {@link rotation} would leave 6e-17 where a zero belongs. */
export function quarterTurn(times: number): Affine {
  const cos = [1, 0, -1, 0][times & 3] as number;
  const sin = [0, 1, 0, -1][times & 3] as number;
  return [cos, -sin, 0, sin, cos, 0];
}

export const isIdentity = (map: Affine): boolean => map.every((value, i) => value === IDENTITY[i]);
