// Which cell each pixel belongs to, and how deep inside it lies.
import { type Blob, type Cell, OUTLINE_STEPS } from "./cell.ts";

const ANGLE_TO_STEP = OUTLINE_STEPS / (2 * Math.PI);
export const NOBODY = -1;

/** A map of the image, all `[h*w]`. */
export interface Territory {
  /** Index of the owning cell, or `NOBODY`. */
  readonly owner: Int16Array;
  /** Distance to the edge of the owner, µm; 0 outside. */
  readonly depthUm: Float32Array;
  /** Distance from the owner's nucleus relative to its radius there: below 1 inside. */
  readonly nuclear: Float32Array;
}

/** Distance of a point from a blob's centre, relative to the blob's radius in that direction. */
export function relativeDistance(blob: Blob, x: number, y: number): number {
  const dx = x - blob.x;
  const dy = y - blob.y;
  const step = (Math.atan2(dy, dx) * ANGLE_TO_STEP + OUTLINE_STEPS) & (OUTLINE_STEPS - 1);
  return Math.sqrt(dx * dx + dy * dy) / (blob.radius * blob.outline[step]!);
}

/** Calls `visit(pixel index, x µm, y µm)` for the pixels within `reachUm` of a point. */
export function eachPixelNear(
  at: { x: number; y: number },
  reachUm: number,
  image: { sidePx: number; pixelSizeUm: number },
  visit: (index: number, x: number, y: number) => void,
): void {
  const { sidePx, pixelSizeUm } = image;
  const first = (centre: number) => Math.max(0, Math.floor((centre - reachUm) / pixelSizeUm));
  const last = (centre: number) => Math.min(sidePx - 1, Math.floor((centre + reachUm) / pixelSizeUm));
  for (let row = first(at.y); row <= last(at.y); row++)
    for (let column = first(at.x); column <= last(at.x); column++)
      visit(row * sidePx + column, (column + 0.5) * pixelSizeUm, (row + 0.5) * pixelSizeUm);
}

/**
 * Shares the image out between cells: each pixel goes to the cell it lies deepest in, so that neighbours meet at a common border.
 */
export function shareOut(cells: readonly Cell[], image: { sidePx: number; pixelSizeUm: number }): Territory {
  const { sidePx, pixelSizeUm } = image;
  const n = sidePx * sidePx;
  const owner = new Int16Array(n).fill(NOBODY);
  const nearest = new Float32Array(n).fill(1);
  const second = new Float32Array(n).fill(1);
  const depthUm = new Float32Array(n);
  const nuclear = new Float32Array(n);
  for (const [index, { body, nucleus }] of cells.entries()) {
    const reach = body.radius * Math.max(...body.outline);
    const nuclearReach = 1.15 * nucleus.radius * Math.max(...nucleus.outline);
    eachPixelNear(body, reach, image, (i, x, y) => {
      if ((x - body.x) ** 2 + (y - body.y) ** 2 > reach * reach) return;
      let d = relativeDistance(body, x, y);
      // A nucleus is never cut by a border: inside it the cell counts as deep.
      if ((x - nucleus.x) ** 2 + (y - nucleus.y) ** 2 < nuclearReach * nuclearReach) {
        const q = relativeDistance(nucleus, x, y);
        if (q < 1.15) d = Math.min(d, 0.35 * q);
      }
      if (d < nearest[i]!) {
        second[i] = nearest[i]!;
        nearest[i] = d;
        owner[i] = index;
      } else if (d < second[i]!) second[i] = d;
    });
  }
  for (let i = 0; i < n; i++) {
    const cell = cells[owner[i]!];
    if (cell === undefined) continue;
    // Half the way to where the neighbour is nearer; outside there is no neighbour, and the edge is at 1.
    depthUm[i] = (second[i]! - nearest[i]!) * cell.body.radius * (second[i]! < 1 ? 0.5 : 1);
    const column = i % sidePx;
    nuclear[i] = relativeDistance(
      cell.nucleus,
      (column + 0.5) * pixelSizeUm,
      ((i - column) / sidePx + 0.5) * pixelSizeUm,
    );
  }
  return { owner, depthUm, nuclear };
}
