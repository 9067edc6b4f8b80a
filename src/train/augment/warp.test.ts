// Geometry against closed forms: exact turns, mirrored cosines (whose picture under any affine map is known), other operators.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { upfirdn2d } from "../../nn/index.ts";
import { fromArray, pad, Rng, randn, setThreads, type Tensor, TensorScope, tidy } from "../../tensor/index.ts";
import { type Affine, compose, IDENTITY, quarterTurn, rotation, scaling, translation } from "./affine.ts";
import { movePixels, warp } from "./warp.ts";
import { alongBothAxes, doubled, downMatrix, MARGIN, mirrored, upMatrix } from "./wavelet.ts";

beforeAll(() => setThreads(1));

const SIDE = 16;
const images = (m = 1, c = 2, side = SIDE, seed = 3) =>
  randn([m, c, side, side], { rng: new Rng(seed), dtype: "float64" });
const worst = (a: Tensor, b: Tensor): number => a.sub(b).abs().amax().item();
/** One image of one channel, from a function of centre-relative pixel coordinates. */
const picture = (side: number, value: (x: number, y: number) => number): Tensor =>
  fromArray(
    Float64Array.from({ length: side * side }, (_, i) =>
      value((i % side) - (side - 1) / 2, Math.floor(i / side) - (side - 1) / 2),
    ),
    [1, 1, side, side],
  );

describe("affine maps", () => {
  it("compose in the order of application", () => {
    const turnThenShift = compose(translation(1, 0), quarterTurn(1)); // (x, y) → (−y + 1, x)
    expect(turnThenShift).toEqual([0, -1, 1, 1, 0, 0]);
    expect(compose(scaling(2, 3), translation(1, 1))).toEqual([2, 0, 2, 0, 3, 3]);
  });
  it("have quarter turns without rounding, equal to rotations", () => {
    for (let times = 0; times < 4; times++)
      for (const [i, value] of rotation((times * Math.PI) / 2).entries())
        expect(quarterTurn(times)[i]).toBeCloseTo(value, 12);
  });
});

describe("the 9/7 pair", () => {
  it("doubles the rate as zero-stuffing, mirroring and filtering do", () => {
    using _scope = new TensorScope();
    const x = images(2);
    const taps = [3, 2, 1, 0, 1, 2, 3].map((tap) => upMatrix(SIDE)[(SIDE + tap) * SIDE + SIDE / 2] as number);
    const kernel = fromArray(Float64Array.from(taps.flatMap((a) => taps.map((b) => a * b))), [7, 7]);
    const extended = upfirdn2d(pad(x, [4, 4, 4, 4], { mode: "reflect" }), kernel, {
      up: [2, 2],
      padding: [3, 3, 3, 3],
    });
    const inner = extended.narrow(2, 8, doubled(SIDE)).narrow(3, 8, doubled(SIDE));
    expect(worst(alongBothAxes(x, upMatrix(SIDE)), inner)).toBeLessThan(1e-12);
  });
  it("is undone by halving it, borders included", () => {
    const [up, down, length] = [upMatrix(SIDE), downMatrix(SIDE), doubled(SIDE)];
    for (let row = 0; row < SIDE; row++)
      for (let column = 0; column < SIDE; column++) {
        let sum = 0;
        for (let k = 0; k < length + 2 * MARGIN; k++)
          sum +=
            (down[row * (length + 2 * MARGIN) + k] as number) *
            (up[mirrored(k - MARGIN, length) * SIDE + column] as number);
        expect(sum).toBeCloseTo(row === column ? 1 : 0, 12);
      }
  });
  it("keeps a constant constant both ways", () => {
    for (const [matrix, width] of [
      [upMatrix(SIDE), SIDE],
      [downMatrix(SIDE), doubled(SIDE) + 2 * MARGIN],
    ] as const)
      for (let at = 0; at < matrix.length; at += width)
        expect(matrix.subarray(at, at + width).reduce((sum, tap) => sum + tap)).toBeCloseTo(1, 12);
  });
  it("mirrors indices without repeating the border", () => {
    expect([-2, -1, 0, 1, 2, 3, 4, 5, 6, 7].map((i) => mirrored(i, 4))).toEqual([2, 1, 0, 1, 2, 3, 2, 1, 0, 1]);
  });
});

describe("moving whole pixels", () => {
  it("moves a dot by the shift, right and down", () => {
    using _scope = new TensorScope();
    const dot = fromArray(
      Float64Array.from({ length: 64 }, (_, i) => Number(i === 2 * 8 + 3)),
      [1, 1, 8, 8],
    );
    const moved = movePixels(dot, [translation(-2, -1)]); // pixels come from 2 to the left and 1 above
    expect([...moved.toArray()].indexOf(1)).toBe(3 * 8 + 5);
    expect(moved.sum().item()).toBe(1);
  });
  it("shows the mirror image beyond the border", () => {
    using _scope = new TensorScope();
    const row = fromArray(
      Float64Array.from({ length: 16 }, (_, i) => i % 4),
      [1, 1, 4, 4],
    );
    expect([...movePixels(row, [translation(-2, 0)]).toArray()].slice(0, 4)).toEqual([2, 1, 0, 1]);
  });
  it("flips and turns as LibTorch does, bit for bit, each image by its own map", () => {
    using _scope = new TensorScope();
    for (const side of [7, 8]) {
      const x = images(6, 3, side);
      const maps = [IDENTITY, scaling(-1, 1), scaling(1, -1), quarterTurn(1), quarterTurn(2), quarterTurn(3)];
      const want = [
        (image: Tensor) => image,
        (image: Tensor) => image.flip([2]),
        (image: Tensor) => image.flip([1]),
        ...[1, 2, 3].map((times) => (image: Tensor) => image.rot90(times, [1, 2])),
      ];
      const got = movePixels(x, maps);
      for (const [i, turn] of want.entries()) expect(worst(got.select(0, i), turn(x.select(0, i)))).toBe(0);
    }
  });
});

describe("warping", () => {
  it("changes nothing by the identity, and equals moving pixels wherever pixels go to pixels", () => {
    const exact = fc
      .record({
        turns: fc.nat(3),
        flip: fc.boolean(),
        x: fc.integer({ min: -20, max: 20 }),
        y: fc.integer({ min: -20, max: 20 }),
      })
      .map(({ turns, flip, x, y }) =>
        compose(compose(scaling(flip ? -1 : 1, 1), quarterTurn(turns)), translation(x, y)),
      );
    fc.assert(
      fc.property(exact, fc.constantFrom(9, 16), (map, side) => {
        using _scope = new TensorScope();
        const x = images(1, 2, side);
        expect(worst(warp(x, [map]), movePixels(x, [map]))).toBeLessThan(1e-11);
      }),
      { numRuns: 25 },
    );
    using _scope = new TensorScope();
    expect(worst(warp(images(), [IDENTITY]), images())).toBeLessThan(1e-12);
  });
  it("turns by 90° through any-angle rotation as by an exact turn, in float32 too", () => {
    using _scope = new TensorScope();
    for (const dtype of ["float64", "float32"] as const) {
      const x = images(1, 3).to({ dtype });
      const turned = warp(x, [rotation(Math.PI / 2)]);
      expect(turned.dtype).toBe(dtype);
      expect(worst(turned, x.rot90(1, [2, 3]))).toBeLessThan(dtype === "float64" ? 1e-11 : 2e-5);
    }
  });
  it("keeps a constant image constant under any map", () => {
    const number = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(number, number, number, number, number, number), (map) => {
        using _scope = new TensorScope();
        const x = picture(SIDE, () => 0.7);
        expect(worst(warp(x, [map]), x)).toBeLessThan(1e-12);
      }),
      { numRuns: 25 },
    );
  });
  // A cosine that is level at both borders continues as its own mirror image, so its warped picture is known everywhere.
  const side = 33;
  const wave = (x: number, y: number) => {
    const half = (side - 1) / 2;
    return (
      Math.cos((2 * Math.PI * (x + half)) / (side - 1)) +
      0.5 * Math.cos((3 * Math.PI * (y + half)) / (side - 1)) * Math.cos((Math.PI * (x + half)) / (side - 1))
    );
  };
  const seen = ([a, b, tx, c, d, ty]: Affine) => picture(side, (x, y) => wave(a * x + b * y + tx, c * x + d * y + ty));
  for (const [name, map, tolerance] of [
    // Half pixels lie on the doubled grid, where only the filters' fourth-order error is left.
    ["half a pixel's shift", translation(0.5, -1.5), 2e-4],
    ["a shift by parts of a pixel", translation(3.3, -7.8), 8e-3],
    ["a rotation by 30°", rotation(Math.PI / 6), 8e-3],
    ["enlarging by 1.4", scaling(1 / 1.4, 1 / 1.4), 8e-3],
    ["shrinking by 1.4", scaling(1.4, 1.4), 1.5e-2],
    ["a stretch", scaling(1.2, 1 / 1.2), 1e-2],
    [
      "all together",
      compose(compose(rotation(0.4), scaling(1.1, 0.8)), compose(rotation(-1.2), translation(4.6, 2.1))),
      1e-2,
    ],
  ] as const)
    it(`gives the closed form of ${name}`, () => {
      using _scope = new TensorScope();
      expect(worst(warp(seen(IDENTITY), [map]), seen(map))).toBeLessThan(tolerance);
    });
  it("filters out what a shrunk image has too fine for its pixels", () => {
    using _scope = new TensorScope();
    // 2.5 pixels a period; shrunk by 1.7 that is 1.5 pixels, which plain sampling would show as a false wave.
    const fine = picture(65, (x) => Math.cos((2 * Math.PI * x) / 2.5));
    const centre = warp(fine, [scaling(1.7, 1.7)]).narrow(3, 16, 32);
    const plain = picture(65, (x) => Math.cos((2 * Math.PI * x * 1.7) / 2.5)).narrow(3, 16, 32);
    expect(centre.square().mean().item()).toBeLessThan(0.1 * plain.square().mean().item());
  });
  it("warps each image of a batch by its own map", () => {
    using _scope = new TensorScope();
    const x = images(3);
    const maps = [rotation(0.3), scaling(0.8, 1.3), translation(2.2, -0.4)];
    const together = warp(x, maps);
    for (const [i, map] of maps.entries())
      expect(
        worst(
          together.narrow(0, i, 1),
          tidy(() => warp(x.narrow(0, i, 1), [map])),
        ),
      ).toBeLessThan(1e-14);
  });
});
