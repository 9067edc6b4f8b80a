// Where the wells of a plate are drawn, and which well is under a point or next to another.
import type { PlateAnswer } from "../../../src/schema/explorer.ts";

export type Well = PlateAnswer["wells"][number];

/** Side of a well's place, in the drawing's units. */
export const CELL = 20;
/** Room for the letters and numbers. */
export const EDGE = 22;
const GAP = 1.5;
const CORNER = 4.5;

/** Many wells as one shape: a plate of 1536 is then a few shapes, not thousands of elements. */
export function wellsPath(wells: readonly Well[]): string {
  const side = CELL - 2 * (GAP + CORNER);
  const arc = (x: number, y: number) => `a${CORNER} ${CORNER} 0 0 1 ${x} ${y}`;
  const outline = `h${side}${arc(CORNER, CORNER)}v${side}${arc(-CORNER, CORNER)}h${-side}${arc(-CORNER, -CORNER)}v${-side}${arc(CORNER, -CORNER)}z`;
  return wells.map(({ row, column }) => `M${xOf(column) + GAP + CORNER} ${yOf(row) + GAP}${outline}`).join("");
}

/** A dot in the midst of each place. */
export function dotsPath(places: readonly { readonly row: number; readonly column: number }[], radius: number): string {
  const outline = `a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0`;
  return places
    .map(({ row, column }) => `M${xOf(column) + CELL / 2 - radius} ${yOf(row) + CELL / 2}${outline}`)
    .join("");
}

export const xOf = (column: number): number => EDGE + column * CELL;
export const yOf = (row: number): number => EDGE + row * CELL;

/** Positions that hold no image. */
export function freePlaces({ nRows, nColumns, wells }: Pick<PlateAnswer, "nRows" | "nColumns" | "wells">) {
  const taken = new Set(wells.map(({ row, column }) => row * nColumns + column));
  const places = Array.from({ length: nRows * nColumns }, (_, i) => i).filter((i) => !taken.has(i));
  return places.map((i) => ({ row: Math.floor(i / nColumns), column: i % nColumns }));
}

/** The well whose place holds a point of the drawing. */
export function wellAt(wells: readonly Well[], x: number, y: number): Well | null {
  const [row, column] = [Math.floor((y - EDGE) / CELL), Math.floor((x - EDGE) / CELL)];
  return wells.find((well) => well.row === row && well.column === column) ?? null;
}

/** The next well that way; the first one where there is none yet. */
export function neighbour(
  wells: readonly Well[],
  from: Well | null,
  [down, right]: readonly [number, number],
): Well | null {
  if (!from) return wells[0] ?? null;
  let best: Well | null = null;
  let nearest = Number.POSITIVE_INFINITY;
  for (const well of wells) {
    const [dy, dx] = [well.row - from.row, well.column - from.column];
    const along = dy * down + dx * right;
    if (along <= 0) continue;
    const distance = along + 3 * Math.abs(dy * right + dx * down);
    if (distance < nearest) [best, nearest] = [well, distance];
  }
  return best ?? from;
}

/** A to Z, then AA to AF, as plates are lettered. */
export const rowName = (row: number): string =>
  row < 26 ? String.fromCharCode(65 + row) : `A${String.fromCharCode(65 + row - 26)}`;
