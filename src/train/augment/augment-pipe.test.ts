// The pipe as the discriminator sees it: identity, values, gradients of two orders, reproducibility.
import { beforeAll, describe, expect, it } from "vitest";
import { SeededRandom } from "../../core/index.ts";
import { AugmentOps } from "../../schema/index.ts";
import {
  fromArray,
  full,
  grad,
  ones,
  Rng,
  randn,
  setThreads,
  type Tensor,
  TensorScope,
  tensorStats,
} from "../../tensor/index.ts";
import { r1Penalty } from "../slope.ts";
import { IDENTITY, isIdentity, quarterTurn, rotation, scaling } from "./affine.ts";
import { AugmentPipe } from "./augment-pipe.ts";
import { type AugmentDraw, drawAugment } from "./draw-augment.ts";

beforeAll(() => setThreads(1));

const ALL = AugmentOps.parse({ noise: { on: true }, cutout: { on: true } });
const pipe = new AugmentPipe(ALL);
const images = (shape: readonly number[], seed = 1) => randn(shape, { rng: new Rng(seed), dtype: "float64" });
const worst = (a: Tensor, b: Tensor): number => a.sub(b).abs().amax().item();
const STILL: Omit<AugmentDraw, "geometry"> = { colour: null, noise: null, cutout: null };
const atRest = (n: number) => Array.from({ length: n }, () => ({ source: IDENTITY, exact: true }));

describe("nothing to do", () => {
  it("p = 0 gives the very tensor back, makes no other and draws nothing", () => {
    using _scope = new TensorScope();
    const x = images([3, 5, 8, 8]);
    const random = new SeededRandom(1);
    const [before, live] = [random.state(), tensorStats().live];
    expect(pipe.augment(x, 0, random)).toBe(x);
    expect(tensorStats().live).toBe(live);
    expect(random.state()).toEqual(before);
  });
  it("a batch in which nothing was drawn is given back too, and stays its owner's", () => {
    using _scope = new TensorScope();
    const x = images([2, 3, 8, 8]);
    expect(pipe.apply(x, { geometry: atRest(2), ...STILL })).toBe(x);
    expect(x.disposed).toBe(false);
  });
  it("images that drew nothing keep every bit beside warped ones", () => {
    using _scope = new TensorScope();
    const x = images([4, 2, 8, 8]).to({ dtype: "float32" });
    const maps = [rotation(0.3), IDENTITY, quarterTurn(1), scaling(0.9, 0.9)];
    const out = pipe.apply(x, { geometry: maps.map((source, i) => ({ source, exact: i === 1 || i === 2 })), ...STILL });
    expect(worst(out.select(0, 1), x.select(0, 1))).toBe(0);
    expect(worst(out.select(0, 2), x.select(0, 2).rot90(1, [1, 2]))).toBe(0);
    for (const [row, map] of [0, 3].map((row) => [row, maps[row]!] as const)) {
      const alone = pipe.apply(x.narrow(0, row, 1), { geometry: [{ source: map, exact: false }], ...STILL });
      expect(worst(out.narrow(0, row, 1), alone)).toBeLessThan(1e-5);
      expect(worst(out.narrow(0, row, 1), x.narrow(0, row, 1))).toBeGreaterThan(0.1);
    }
  });
});

describe("values", () => {
  it("symmetries alone never blur: every image holds just the values it had", () => {
    using _scope = new TensorScope();
    const ops = AugmentOps.parse({
      integerShift: { on: false },
      ...Object.fromEntries(
        ["scale", "rotation", "stretch", "fractionalShift", "brightness", "contrast"].map((name) => [
          name,
          { on: false },
        ]),
      ),
    });
    const x = images([16, 2, 8, 8]).to({ dtype: "float32" });
    const out = new AugmentPipe(ops).augment(x, 1, new SeededRandom(4));
    const sorted = (t: Tensor) => [...t.toArray()].map(Number).sort((a, b) => a - b);
    for (let row = 0; row < 16; row++) expect(sorted(out.select(0, row))).toEqual(sorted(x.select(0, row)));
    expect(worst(out, x)).toBeGreaterThan(0.1);
  });
  it("brightness and contrast work on each channel by its own numbers", () => {
    using _scope = new TensorScope();
    const x = images([2, 3, 4, 4]);
    const gain = Float64Array.of(1, 2, 3, 4, 5, 6);
    const offset = Float64Array.of(0, -1, 1, 0.5, 0, 0.25);
    const out = pipe.apply(x, { geometry: atRest(2), ...STILL, colour: { gain, offset } });
    for (let n = 0; n < 2; n++)
      for (let c = 0; c < 3; c++) {
        const want = x
          .select(0, n)
          .select(0, c)
          .mul(gain[n * 3 + c]!)
          .add(offset[n * 3 + c]!);
        expect(worst(out.select(0, n).select(0, c), want)).toBe(0);
      }
  });
  it("noise has the level of its image, differs from pixel to pixel and channel to channel, and comes from its seed", () => {
    using _scope = new TensorScope();
    const x = images([3, 2, 64, 64]);
    const noise = { sigma: Float64Array.of(0.5, 0, 2), seed: 9 };
    const added = pipe.apply(x, { geometry: atRest(3), ...STILL, noise }).sub(x);
    for (const [row, sigma] of noise.sigma.entries())
      expect(Math.abs(added.select(0, row).square().mean().sqrt().item() - sigma)).toBeLessThan(0.05 * sigma + 1e-12);
    const [first, second] = [added.select(0, 0).select(0, 0), added.select(0, 0).select(0, 1)];
    expect(Math.abs(first.mul(second).mean().item())).toBeLessThan((4 * 0.25) / 64);
    expect(worst(pipe.apply(x, { geometry: atRest(3), ...STILL, noise }).sub(x), added)).toBe(0);
    const other = pipe.apply(x, { geometry: atRest(3), ...STILL, noise: { ...noise, seed: 10 } }).sub(x);
    expect(worst(other, added)).toBeGreaterThan(0.1);
  });
  it("cutout sets a square to zero in every channel, cut at the border, and leaves the rest", () => {
    using _scope = new TensorScope();
    const cutout = { x: Float64Array.of(0.5, Number.NaN, 0), y: Float64Array.of(0.25, Number.NaN, 1) };
    const out = pipe.apply(ones([3, 2, 8, 8]), { geometry: atRest(3), ...STILL, cutout });
    const holes = (row: number, channel: number) =>
      [...out.select(0, row).select(0, channel).toFloat32Array()].flatMap((value, i) => (value === 0 ? [i] : []));
    const square = (top: number, left: number, h: number, w: number) =>
      Array.from({ length: h * w }, (_, i) => (top + Math.floor(i / w)) * 8 + left + (i % w));
    for (const channel of [0, 1]) {
      expect(holes(0, channel)).toEqual(square(0, 2, 4, 4));
      expect(holes(1, channel)).toEqual([]);
      expect(holes(2, channel)).toEqual(square(6, 0, 2, 2));
    }
    expect(new Set(out.toFloat32Array())).toEqual(new Set([0, 1]));
  });
  it("works for one channel and for six, and keeps dtype and shape", () => {
    using _scope = new TensorScope();
    for (const c of [1, 6])
      for (const dtype of ["float32", "float64"] as const) {
        const out = pipe.augment(images([4, c, 16, 16]).to({ dtype }), 1, new SeededRandom(c));
        expect([out.shape, out.dtype]).toEqual([[4, c, 16, 16], dtype]);
        expect(out.isFinite().all().item()).toBe(1);
      }
  });
  it("refuses images that are not square", () => {
    using _scope = new TensorScope();
    expect(() => pipe.augment(full([1, 2, 8, 9], 0), 0.5, new SeededRandom(1))).toThrow(/the images to augment/);
  });
});

describe("gradients, in float64 against finite differences", () => {
  const [n, c, side] = [4, 2, 8];
  const draw = drawAugment(ALL, 0.6, { n, c, sidePx: side }, new SeededRandom(5));
  const weight = () => images([n, c, side, side], 7);
  /** A discriminator that bends: Σ tanh(w · pixel), per image. */
  const score = (x: Tensor) => pipe.apply(x, draw).mul(weight()).tanh().sum([1, 2, 3]);
  const slopeAlong = (value: (x: Tensor) => Tensor, x: Tensor, direction: Tensor, step = 1e-5): number =>
    (value(x.add(direction.mul(step))).item() - value(x.sub(direction.mul(step))).item()) / (2 * step);

  it("the draw takes every path", () => {
    expect(draw.geometry.some(({ exact }) => !exact)).toBe(true);
    expect(draw.geometry.some(({ exact, source }) => exact && !isIdentity(source))).toBe(true);
    for (const part of [draw.colour, draw.noise, draw.cutout]) expect(part).not.toBeNull();
  });
  it("first order", () => {
    using _scope = new TensorScope();
    const x = images([n, c, side, side], 2).setRequiresGrad(true);
    const [slope] = grad(score(x).sum(), [x]);
    for (let seed = 20; seed < 24; seed++) {
      const direction = images([n, c, side, side], seed);
      const numeric = slopeAlong((at) => score(at).sum(), x.detach(), direction);
      expect(Math.abs(slope!.mul(direction).sum().item() - numeric)).toBeLessThan(
        1e-6 * Math.max(1, Math.abs(numeric)),
      );
    }
  });
  it("second order: the gradient of R1 through the augmentation", () => {
    using _scope = new TensorScope();
    const penalty = (at: Tensor) => {
      const leaf = at.detach().setRequiresGrad(true);
      return r1Penalty(leaf, score(leaf));
    };
    const x = images([n, c, side, side], 2).setRequiresGrad(true);
    const [slope] = grad(r1Penalty(x, score(x)), [x]);
    for (let seed = 30; seed < 34; seed++) {
      const direction = images([n, c, side, side], seed);
      const numeric = slopeAlong(penalty, x.detach(), direction);
      expect(Math.abs(numeric)).toBeGreaterThan(1e-3);
      expect(Math.abs(slope!.mul(direction).sum().item() - numeric)).toBeLessThan(
        1e-6 * Math.max(1, Math.abs(numeric)),
      );
    }
  });
  it("third order too: a penalty on the gradient of R1", () => {
    using _scope = new TensorScope();
    const penalty = (leaf: Tensor) => {
      const [slope] = grad(r1Penalty(leaf, score(leaf)), [leaf], { createGraph: true });
      return slope!.square().sum();
    };
    const x = images([n, c, side, side], 2).setRequiresGrad(true);
    const [slope] = grad(penalty(x), [x]);
    const direction = images([n, c, side, side], 40);
    const numeric = slopeAlong((at) => penalty(at.detach().setRequiresGrad(true)), x.detach(), direction, 1e-4);
    expect(Math.abs(slope!.mul(direction).sum().item() / numeric - 1)).toBeLessThan(1e-5);
  });
});

describe("reproducibility", () => {
  it("equal generators give equal bits, and a restored generator goes on where it was", () => {
    using _scope = new TensorScope();
    const x = images([4, 3, 16, 16]).to({ dtype: "float32" });
    const [a, b] = [new SeededRandom(2), new SeededRandom(2)];
    for (let step = 0; step < 2; step++) expect(worst(pipe.augment(x, 0.7, a), pipe.augment(x, 0.7, b))).toBe(0);
    const restored = SeededRandom.fromState(JSON.parse(JSON.stringify(a.state())));
    expect(worst(pipe.augment(x, 0.7, a), pipe.augment(x, 0.7, restored))).toBe(0);
    expect(worst(pipe.augment(x, 0.7, a), pipe.augment(x, 0.7, new SeededRandom(2)))).toBeGreaterThan(0.1);
  });
  it("leaves no tensor behind but its result", () => {
    using _scope = new TensorScope();
    const x = fromArray(new Float32Array(4 * 2 * 64).fill(0.5), [4, 2, 8, 8]);
    const before = tensorStats().live;
    const out = pipe.augment(x, 1, new SeededRandom(1));
    expect(tensorStats().live).toBe(before + 1);
    out.dispose();
    expect(tensorStats().live).toBe(before);
  });
});
