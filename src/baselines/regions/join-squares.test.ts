import { describe, expect, it } from "vitest";
import { averageSquares, smoothMap } from "./join-squares.ts";

it("smoothMap averages each place with its neighbours, fewer at an edge", () =>
  expect([...smoothMap(Float32Array.of(0, 0, 0, 0, 9, 0, 0, 0, 0), 3)]).toEqual([
    2.25, 1.5, 2.25, 1.5, 1, 1.5, 2.25, 1.5, 2.25,
  ]));

describe("averageSquares", () => {
  const grid = { rowsPx: [0], columnsPx: [0, 2], patchPx: 4 };
  it("gives each square more weight in its middle", () => {
    const [left, right] = [new Float32Array(16).fill(0), new Float32Array(16).fill(1)];
    const map = averageSquares([left, right], grid, 4, 6);
    // tents of 4 px: ¼ ¾ ¾ ¼; at pixel 2 the left square has ¾ and the right one ¼
    expect([...map.subarray(0, 6)]).toEqual([0, 0, 0.25, 0.75, 1, 1]);
  });
  it("keeps a constant", () => {
    const map = averageSquares([new Float32Array(16).fill(3), new Float32Array(16).fill(3)], grid, 4, 6);
    expect(map.every((value) => Math.abs(value - 3) < 1e-6)).toBe(true);
  });
});
