// The eight turns and flips of a square: a cell has no up or down.
import type { Pixels } from "./shards.ts";

/** How many there are; 0 leaves the image as it is. */
export const DIHEDRAL_COUNT = 8;

/**
 * Copies the square at (`top`, `left`) of one plane into `out`, turned by element `element` of the dihedral group.
 *
 * Bit 0 flips left-right, bit 1 flips top-bottom, bit 2 then swaps rows and columns.
 * @param plane `[·,stride]`, borrowed. @param out `[side,side]` from `at` on, overwritten.
 */
export function copyTurned<T extends Pixels | Float32Array>(
  plane: T,
  stride: number,
  top: number,
  left: number,
  side: number,
  element: number,
  out: T,
  at: number,
): void {
  const flipX = (element & 1) !== 0;
  const flipY = (element & 2) !== 0;
  if (element === 0 || element === 2) {
    for (let y = 0; y < side; y++) {
      const from = (top + (flipY ? side - 1 - y : y)) * stride + left;
      out.set(plane.subarray(from, from + side), at + y * side);
    }
    return;
  }
  const swap = (element & 4) !== 0;
  // Walking along an output row moves through the source by `stepX`, down a column by `stepY`.
  const alongX = flipX ? -1 : 1;
  const alongY = flipY ? -stride : stride;
  const stepX = swap ? alongY : alongX;
  const stepY = swap ? alongX : alongY;
  const origin = (top + (flipY ? side - 1 : 0)) * stride + left + (flipX ? side - 1 : 0);
  for (let y = 0; y < side; y++) {
    let from = origin + y * stepY;
    const row = at + y * side;
    for (let x = 0; x < side; x++, from += stepX) out[row + x] = plane[from]!;
  }
}
