import { expect, it } from "vitest";
import { Crowd } from "./crowd.ts";

/** Looks a second apart, each with so much processor time since the one before. */
function looks(threads: number, cpuSeconds: readonly number[]): boolean[] {
  let at = { wallSeconds: 10, cpuSeconds: 3 };
  const crowd = new Crowd(threads, () => at);
  return cpuSeconds.map((spent) => {
    at = { wallSeconds: at.wallSeconds + 1, cpuSeconds: at.cpuSeconds + spent };
    return crowd.isCrowded();
  });
}

it("three looks in a row with less than their share are told, once", () => {
  expect(looks(2, [1.9, 1, 0.9, 1.1, 1, 1])).toEqual([false, false, false, true, false, false]);
});

it("a moment's work of others is not", () => {
  expect(looks(2, [1, 1, 1.9, 1, 1, 1.95])).toEqual(Array(6).fill(false));
});

it("one thread has nobody to wait for", () => {
  expect(looks(1, [0.3, 0.3, 0.3, 0.3])).toEqual(Array(4).fill(false));
});

it("reads the process's own clocks", () => {
  expect(new Crowd(2).isCrowded()).toBe(false);
});
