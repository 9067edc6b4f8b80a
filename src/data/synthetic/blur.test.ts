import { expect, it } from "vitest";
import { blur, haze } from "./blur.ts";

const SIDE = 65;
const impulse = () => Float32Array.from({ length: SIDE * SIDE }, (_, i) => (i === 32 * SIDE + 32 ? 1 : 0));

/** Total, and variance along x and along y around the centre. */
function moments(plane: Float32Array): [total: number, x: number, y: number] {
  let [total, x, y] = [0, 0, 0];
  for (const [i, v] of plane.entries()) {
    total += v;
    x += v * ((i % SIDE) - 32) ** 2;
    y += v * (Math.floor(i / SIDE) - 32) ** 2;
  }
  return [total, x / total, y / total];
}

it("blur keeps the light and has the variance it was asked for", () => {
  for (const sigma of [0.8, 1.5, 3]) {
    const plane = impulse();
    blur(plane, SIDE, sigma);
    const [total, x, y] = moments(plane);
    expect(total).toBeCloseTo(1, 5);
    expect(Math.abs(x / sigma ** 2 - 1)).toBeLessThan(0.12); // cut off at 2.5 sd
    expect(y).toBeCloseTo(x, 5);
  }
});

it("haze keeps the light and is as wide as two boxes, coarse grid or not", () => {
  for (const radius of [3, 8, 11]) {
    const plane = impulse();
    const [total, x, y] = moments(haze(plane, SIDE, radius));
    expect(Math.abs(total - 1)).toBeLessThan(0.01);
    const boxes = (2 * ((2 * radius + 1) ** 2 - 1)) / 12;
    expect(Math.abs(x / boxes - 1)).toBeLessThan(0.35); // the radius is rounded to the coarse grid
    expect(y).toBeCloseTo(x, 3);
  }
});

it("an even plane stays even up to its edges", () => {
  const plane = new Float32Array(30 * 30).fill(0.7);
  for (const v of haze(plane, 30, 9)) expect(v).toBeCloseTo(0.7, 5);
  blur(plane, 30, 1.2);
  for (const v of plane) expect(v).toBeCloseTo(0.7, 5);
});
