import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CELL,
  dotsPath,
  freePlaces,
  neighbour,
  rowName,
  type Well,
  wellAt,
  wellsPath,
  xOf,
  yOf,
} from "./plate-geometry.ts";

const well = (row: number, column: number): Well => ({
  ...{ wellId: `w${row}-${column}`, well: `${rowName(row)}${column + 1}`, row, column },
  ...{ nSites: 1, value: null, nValues: 0 },
});
const plate = (nRows: number, nColumns: number) =>
  Array.from({ length: nRows * nColumns }, (_, i) => well(Math.floor(i / nColumns), i % nColumns));

describe("the drawing of a plate", () => {
  it("finds each well anywhere on its place, and none on the letters or beyond the plate", () => {
    const wells = plate(16, 24);
    const inside = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(fc.nat(383), inside, inside, (i, dx, dy) => {
        const { row, column } = wells[i]!;
        expect(wellAt(wells, xOf(column) + dx * CELL, yOf(row) + dy * CELL)).toBe(wells[i]);
      }),
    );
    for (const [x, y] of [
      [3, 40],
      [40, 3],
      [xOf(24) + 1, 40],
    ] as const)
      expect(wellAt(wells, x, y)).toBeNull();
  });

  it("draws a closed shape for each well, within its place", () => {
    const path = wellsPath([well(0, 0), well(2, 3)]);
    expect(path.match(/z/g)).toHaveLength(2);
    const starts = [...path.matchAll(/M([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
    expect(starts).toEqual([
      [28, 23.5],
      [88, 63.5],
    ]);
    // The steps of one outline lead back to where it began.
    const steps = [...path.split("z")[0]!.matchAll(/h(-?\d+)|v(-?\d+)|a\S+ \S+ 0 0 1 (\S+?) (-?[\d.]+)/g)];
    const sum = (at: readonly number[]) =>
      steps.reduce((total, step) => total + at.reduce((s, k) => s + Number(step[k] ?? 0), 0), 0);
    expect([sum([1, 3]), sum([2, 4])]).toEqual([0, 0]);
  });

  it("knows the places without an image", () => {
    const free = freePlaces({ nRows: 2, nColumns: 2, wells: [well(0, 1), well(1, 0)] });
    expect(free).toEqual([
      { row: 0, column: 0 },
      { row: 1, column: 1 },
    ]);
    expect(dotsPath(free, 2).match(/M/g)).toHaveLength(2);
  });

  it("moves to the nearest well that way, over gaps, and stays at the edge", () => {
    const wells = [well(0, 0), well(0, 5), well(3, 0)];
    expect(neighbour(wells, null, [0, 1])).toBe(wells[0]);
    expect(neighbour(wells, wells[0]!, [0, 1])).toBe(wells[1]);
    expect(neighbour(wells, wells[0]!, [1, 0])).toBe(wells[2]);
    expect(neighbour(wells, wells[1]!, [0, 1])).toBe(wells[1]);
  });

  it("letters rows as plates do", () => {
    expect([0, 15, 25, 26, 31].map(rowName)).toEqual(["A", "P", "Z", "AA", "AF"]);
  });
});
