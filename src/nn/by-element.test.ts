// The kernels that cards get, told element by element and here done by a loop, against the CPU's own kernels in double precision: every
// dtype, channels that fit packs of 16 bytes and that do not, maps large enough for sums in several parts.
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  callOp,
  type DType,
  grad,
  loopOnCpu,
  Rng,
  randn,
  setThreads,
  type Tensor,
  TensorScope,
} from "../tensor/index.ts";
import { convolveDown, convolveUp, filterDown, filterGrow, filterShrink, filterUp } from "./fused.ts";
import { activate, convDown2, convUp2, scaleChannels } from "./index.ts";
import { upfirdn2d } from "./resample.ts";

beforeAll(() => setThreads(1));
afterEach(() => loopOnCpu(false));

const rng = new Rng(31);
/** What one rounding may change, in parts of a value. */
const ROUNDING = { bfloat16: 2 ** -8, float32: 2 ** -23, float64: 2 ** -52 } as const;
type MapDtype = keyof typeof ROUNDING;

const asDouble = (value: Tensor) => value.to({ dtype: "float64" });
/** The largest difference, in parts of the largest value. */
const worst = (got: Tensor, want: Tensor) => asDouble(got).sub(want).abs().amax().item() / want.abs().amax().item();

/** Values and gradients of `layer` by the loop and in double precision, on the same numbers. */
function expectAlike(dtype: MapDtype, layer: Layer, map: Tensor, operands: readonly Tensor[], roundings: number): void {
  const own: DType = dtype === "bfloat16" ? "float32" : dtype;
  const exact = map.to({ dtype });
  const cotangents: Tensor[] = [];
  const run = (mapDtype: DType, operandDtype: DType, isLoop: boolean) => {
    loopOnCpu(isLoop);
    const leaves = [exact.to({ dtype: mapDtype }), ...operands.map((value) => value.to({ dtype: operandDtype }))].map(
      (value) => value.detach().setRequiresGrad(true),
    );
    const y = layer(leaves[0]!, leaves.slice(1));
    cotangents[0] ??= randn(y.shape, { rng }).to({ dtype });
    return [y, ...grad(y, leaves, { gradOutputs: [cotangents[0].to({ dtype: mapDtype })] })];
  };
  const got = run(dtype, own, true);
  const want = run("float64", "float64", false);
  for (const [i, wanted] of want.entries())
    expect(worst(got[i]!, wanted!), `result ${i}`).toBeLessThan(roundings * ROUNDING[dtype]);
}
type Layer = (map: Tensor, operands: readonly Tensor[]) => Tensor;

const draw = (...shape: number[]) => randn(shape, { rng });
/** Numbers of float32 add up hundreds at a time; those of bfloat16 are summed in float32 and rounded once. */
const sums = (dtype: MapDtype) => (dtype === "bfloat16" ? 4 : 100);

for (const dtype of ["bfloat16", "float32", "float64"] as const)
  for (const channels of [16, 5])
    describe(`${channels} channels in ${dtype}, element by element:`, () => {
      it("scaled image by image", () => {
        using _scope = new TensorScope();
        const layer: Layer = (x, [scale]) => scaleChannels(x, scale!);
        expectAlike(dtype, layer, draw(3, channels, 40, 37), [draw(3, channels)], sums(dtype));
      });

      for (const maps of [1, 2])
        it(`activated, with ${maps === 1 ? "one noise map for all" : "a noise map each"}`, () => {
          using _scope = new TensorScope();
          const noise = draw(maps, 1, 33, 30);
          // With a slope of 1, so that no rounding moves a value over the bend.
          const layer: Layer = (x, [bias, strength, demodulation]) =>
            activate(x, {
              ...{ bias: bias!, slope: 1, demodulation: demodulation! },
              noise: { map: noise.to({ dtype: bias!.dtype }), strength: strength! },
            });
          expectAlike(
            dtype,
            layer,
            draw(2, channels, 33, 30),
            [draw(channels), draw(), draw(2, channels)],
            sums(dtype),
          );
        });

      it("activated by the bias alone, steep below zero as told", () => {
        using _scope = new TensorScope();
        const x = draw(2, channels, 6, 7).to({ dtype });
        const bias = draw(channels);
        loopOnCpu(true);
        const got = activate(x, { bias: dtype === "float64" ? asDouble(bias) : bias, slope: 0.2 });
        const want = asDouble(x)
          .add(asDouble(bias).reshape([1, -1, 1, 1]))
          .leakyRelu(0.2);
        expect(got.dtype).toBe(dtype);
        expect(worst(got, want)).toBeLessThan(2 * ROUNDING[dtype]);
      });

      for (const [name, filter, [up, down, padding, gain]] of [
        ["down", filterDown, [1, 2, [1, 1, 1, 1], 1]],
        ["up", filterUp, [2, 1, [2, 1, 2, 1], 4]],
        ["to one pixel more", filterGrow, [1, 1, [2, 2, 2, 2], 1]],
        ["to one pixel less", filterShrink, [1, 1, [1, 1, 1, 1], 4]],
      ] as const)
        it(`filtered ${name}, as the definition has it`, () => {
          using _scope = new TensorScope();
          const x = draw(2, channels, 8, 6).to({ dtype });
          const taps = [1, 3, 3, 1].flatMap((a) => [1, 3, 3, 1].map((b) => (a * b * gain) / 64));
          const kernel = asDouble(draw(4, 4)).copyFromArray(Float64Array.from(taps));
          loopOnCpu(true);
          const got = filter(x);
          const want = upfirdn2d(asDouble(x), kernel, { up: [up, up], down: [down, down], padding: [...padding] });
          expect([got.dtype, ...got.shape]).toEqual([dtype, ...want.shape]);
          expect(worst(got, want)).toBeLessThan(16 * ROUNDING[dtype]);
        });
    });

describe("convolutions of stride 2 beside the filter", () => {
  for (const dtype of ["bfloat16", "float32", "float64"] as const)
    it(`halve and double as the CPU's own forms do, gradients too, in ${dtype}`, () => {
      using _scope = new TensorScope();
      const weight = draw(6, 4, 3, 3).to({ dtype }).to({ dtype: "float32" }); // what rounding would leave of it
      for (const layer of [convDown2, convUp2])
        expectAlike(dtype, (x, [w]) => layer(x, w!), draw(2, 4, 10, 8), [weight], sums(dtype));
    });

  it("are each other's transpose", () => {
    using _scope = new TensorScope();
    const weight = asDouble(draw(3, 2, 3, 3));
    const [x, y] = [asDouble(draw(1, 2, 9, 7)), asDouble(draw(1, 3, 4, 3))];
    const there = convolveDown(x, weight).mul(y).sum().item();
    const back = convolveUp(y, weight.transpose(0, 1)).mul(x).sum().item();
    expect(back).toBeCloseTo(there, 10);
    const grown = filterGrow(asDouble(draw(1, 2, 4, 4)));
    expect(grown.shape).toEqual([1, 2, 5, 5]);
  });
});

describe("by element", () => {
  it("the nearest number of bfloat16 is taken, the even one of two, and what is no number stays none", () => {
    using _scope = new TensorScope();
    const special = [1, 1, 257, 259, -257, 3.38e38, 1e-39, 0, Number.POSITIVE_INFINITY, Number.NaN];
    const numbers = Float32Array.from(
      { length: 8 * 4096 },
      (_, i) => special[i] ?? Math.tan(i) * 10 ** ((i % 60) - 30),
    );
    const x = draw(1, 8, 64, 64).copyFromArray(numbers).to({ dtype: "bfloat16" });
    const scale = draw(1, 8).copyFromArray(Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, 1, -1, 0.7, 3.1, 1e-4, 1.003));
    loopOnCpu(true);
    const got = scaleChannels(x, scale).toFloat32Array();
    const products = x.to({ dtype: "float32" }).mul(scale.reshape([1, 8, 1, 1])); // exact, rounded to float32, as ours are
    expect(got).toEqual(products.to({ dtype: "bfloat16" }).toFloat32Array());
    expect(got.some(Number.isNaN) && got.includes(Number.POSITIVE_INFINITY)).toBe(true);
  });

  it("says what it cannot work on", () => {
    using _scope = new TensorScope();
    loopOnCpu(true);
    const whole = draw(1, 2, 4, 4).to({ dtype: "int64" });
    expect(() => callOp("gandl::scale_channels", "", [whole, draw(1, 2)])).toThrow(
      /bfloat16, float32 and float64, not on Long/,
    );
    expect(() => callOp("gandl::scale_channels", "", [draw(1, 2, 4, 4), draw(1, 3)])).toThrow(
      /the scale must be \[n,c\]/,
    );
    expect(() => callOp("gandl::filter_grow", "", [draw(4, 4), 1])).toThrow(
      /needs feature maps \[n,c,h,w\], not 2 axes/,
    );
  });
});
