// Maps of squares brought together to a map of the image.
import type { PatchGrid } from "../../math/index.ts";

/** The mean over each place and its neighbours on a square grid, `[side*side]`; at an edge, over those there are. */
export function smoothMap(map: Float32Array, side: number): Float32Array {
  return map.map((_, i) => {
    const x = i % side;
    const y = (i - x) / side;
    let sum = 0;
    let n = 0;
    for (let row = Math.max(0, y - 1); row <= Math.min(side - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(side - 1, x + 1); column++, n++)
        sum += map[row * side + column]!;
    }
    return sum / n;
  });
}

/**
 * The mean of overlapping squares at each pixel, weighted towards each square's middle, where it sees its surroundings on all sides.
 * @param squares `[patch*patch]` each, row by row of the grid, which must cover the image.
 */
export function averageSquares(
  squares: readonly Float32Array[],
  { rowsPx, columnsPx, patchPx }: PatchGrid,
  heightPx: number,
  widthPx: number,
): Float32Array {
  const tent = (at: number) => 1 - Math.abs((2 * (at + 0.5)) / patchPx - 1);
  const sum = new Float32Array(heightPx * widthPx);
  const weight = new Float32Array(heightPx * widthPx);
  squares.forEach((square, i) => {
    const top = rowsPx[Math.floor(i / columnsPx.length)]!;
    const left = columnsPx[i % columnsPx.length]!;
    for (let y = 0; y < patchPx; y++) {
      for (let x = 0; x < patchPx; x++) {
        const to = (top + y) * widthPx + left + x;
        const share = tent(y) * tent(x);
        sum[to]! += share * square[y * patchPx + x]!;
        weight[to]! += share;
      }
    }
  });
  return sum.map((value, i) => value / weight[i]!);
}
