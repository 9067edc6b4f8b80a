// Layers on maps in bfloat16 against the same layers in double precision on the same, already rounded, numbers. A rounding to bfloat16
// has a relative error of at most u = 2⁻⁸ (8 significant bits).
import { beforeAll, describe, expect, it } from "vitest";
import { grad, Rng, randn, setThreads, type Tensor, TensorScope } from "../tensor/index.ts";
import {
  activate,
  convDown2,
  convolve,
  convUp2,
  inDtypeOf,
  minibatchStd,
  modulatedConv,
  pointwiseDown2,
  scaleChannels,
  styledConv,
  upsample2,
} from "./index.ts";

beforeAll(() => setThreads(1));

const U = 2 ** -8;
const rng = new Rng(17);
/** Numbers that bfloat16 holds exactly. */
const draw = (...shape: number[]) => randn(shape, { rng }).to({ dtype: "bfloat16" });
const leafOf = (value: Tensor, dtype: "bfloat16" | "float32" | "float64") =>
  value.to({ dtype }).detach().setRequiresGrad(true);
/** The largest difference, in parts of the largest value. */
const worst = (got: Tensor, want: Tensor) =>
  got.to({ dtype: "float64" }).sub(want).abs().amax().item() / want.abs().amax().item();

/** A layer of a map, weights and styles. */
interface Case {
  readonly layer: (map: Tensor, operands: readonly Tensor[]) => Tensor;
  readonly map: Tensor;
  /** Gradients by them are not differentiated again, in training neither. */
  readonly weights?: readonly Tensor[];
  /** Gradients by them are. */
  readonly styles?: readonly Tensor[];
  /** How many the longest path of the forward pass has. */
  readonly roundings: number;
}

/**
 * Holds value, gradients and the gradients of a function of the gradients by map and styles to double precision. A gradient passes
 * each rounding again on its way back, one of the second order both ways once more. Errors are told in parts of the largest value;
 * they add up at most linearly.
 */
function expectWithin({ layer, map, weights = [], styles = [], roundings }: Case): void {
  const [low, high] = (["bfloat16", "float64"] as const).map((dtype) => {
    const x = leafOf(map, dtype);
    const own = dtype === "bfloat16" ? "float32" : dtype;
    const operands = [...weights, ...styles].map((value) => leafOf(value, own));
    const y = layer(x, operands);
    const cotangent = leafOf(randn(y.shape, { rng: new Rng(3) }).to({ dtype: "bfloat16" }), dtype);
    const first = grad(y, [x, ...operands], { gradOutputs: [cotangent], createGraph: true });
    const bent = [first[0]!, ...first.slice(1 + weights.length)].map((g) => g.to({ dtype: "float64" }).square().sum());
    const sum = bent.reduce((a, b) => a.add(b));
    return { y, first, second: grad(sum, [x, ...operands, cotangent], { allowUnused: true }) };
  });
  expect(low!.y.dtype).toBe("bfloat16");
  expect(worst(low!.y, high!.y)).toBeLessThan(roundings * U);
  for (const [i, want] of high!.first.entries()) {
    expect(low!.first[i]!.dtype, "a gradient is in the dtype of what it is taken by").toBe(
      i === 0 ? "bfloat16" : "float32",
    );
    expect(worst(low!.first[i]!, want), `gradient ${i}`).toBeLessThan(2 * roundings * U);
  }
  for (const [i, want] of high!.second.entries())
    if (want !== null) expect(worst(low!.second[i]!, want), `second order, ${i}`).toBeLessThan(4 * roundings * U);
}

describe("maps in bfloat16, parameters in float32: values and gradients of both orders", () => {
  // Rounded: the weight (also after its filter was folded in, in float32), the sum.
  for (const [name, layer, side] of [
    ["a 3×3 convolution", (x: Tensor, [w]: readonly Tensor[]) => convolve(x, w!), 3],
    ["one that doubles", (x: Tensor, [w]: readonly Tensor[]) => convUp2(x, w!), 3],
    ["one that halves", (x: Tensor, [w]: readonly Tensor[]) => convDown2(x, w!), 3],
    ["a 1×1 that halves", (x: Tensor, [w]: readonly Tensor[]) => pointwiseDown2(x, w!), 1],
  ] as const)
    it(name, () => {
      using _scope = new TensorScope();
      expectWithin({ layer, map: draw(2, 3, 8, 6), weights: [draw(4, 3, side, side)], roundings: 2 });
    });

  it("doubling alone, whose filter bfloat16 holds exactly", () => {
    using _scope = new TensorScope();
    expectWithin({ layer: (x) => upsample2(x), map: draw(2, 3, 4, 6), roundings: 1 });
  });

  it("channels scaled image by image", () => {
    using _scope = new TensorScope();
    const layer: Case["layer"] = (x, [s]) => scaleChannels(x, s!);
    expectWithin({ layer, map: draw(2, 5, 3, 4), styles: [draw(2, 5)], roundings: 2 }); // scale, product
  });

  it("what follows a convolution; with a slope of 1, so that no rounding moves a value over the bend", () => {
    using _scope = new TensorScope();
    const map = randn([2, 1, 4, 4], { rng });
    const layer: Case["layer"] = (x, [bias, strength, demodulation]) => {
      const noise = { map: map.to({ dtype: bias!.dtype }), strength: strength! };
      return activate(x, { bias: bias!, slope: 1, demodulation: demodulation!, noise });
    };
    // Factor, product; bias, sum; noise, sum; activation.
    expectWithin({ layer, map: draw(2, 6, 4, 4), weights: [draw(6), draw()], styles: [draw(2, 6)], roundings: 7 });
  });

  it("modulated convolutions, whose demodulation is computed in float32", () => {
    using _scope = new TensorScope();
    // Style, product, weight, sum, demodulation, product.
    for (const resample of ["same", "up", "down"] as const) {
      const layer: Case["layer"] = (x, [w, s]) => modulatedConv(x, w!, s!, { resample });
      const operands = { weights: [draw(4, 3, 3, 3)], styles: [draw(2, 3)] };
      expectWithin({ layer, map: draw(2, 3, 8, 6), ...operands, roundings: 6 }); // style, product, weight, sum, demodulation, product
    }
  });

  it("a whole layer's values", () => {
    using _scope = new TensorScope();
    const [x, weight, style, bias] = [draw(2, 4, 8, 8), draw(4, 4, 3, 3), draw(2, 4), draw(4)];
    const noise = { map: randn([2, 1, 16, 16], { rng }), strength: draw() };
    const run = (dtype: "bfloat16" | "float64") => {
      const [w, s, b, map, strength] = [weight, style, bias, noise.map, noise.strength].map((value) =>
        value.to({ dtype: dtype === "bfloat16" ? "float32" : dtype }),
      );
      return styledConv(x.to({ dtype }), w!, s!, { up: true, bias: b!, noise: { map: map!, strength: strength! } });
    };
    const [low, high] = [run("bfloat16"), run("float64")];
    expect(low.dtype).toBe("bfloat16");
    expect(worst(low, high)).toBeLessThan(11 * U); // four of the convolution, seven of what follows
  });
});

describe("an operand in the dtype of a map", () => {
  it("is itself where they agree, so that float32 costs nothing", () => {
    using _scope = new TensorScope();
    const weight = randn([3], { rng });
    expect(inDtypeOf(randn([2], { rng }), weight)).toBe(weight);
    expect(inDtypeOf(draw(2), weight).dtype).toBe("bfloat16");
  });
});

it("numbers far beyond float16's range pass: no normalisation of weights and styles is needed", () => {
  using _scope = new TensorScope();
  const large = 1e6; // float16 ends at 65504
  const [x, weight, style] = [
    draw(1, 4, 6, 6),
    draw(4, 4, 3, 3).to({ dtype: "float32" }),
    draw(1, 4).to({ dtype: "float32" }),
  ];
  const plain = modulatedConv(x, weight, style);
  const scaled = modulatedConv(x, weight, style.mul(large));
  expect(worst(scaled, plain.to({ dtype: "float64" }))).toBeLessThan(12 * U);
});

it("the minibatch statistic of a map in bfloat16 that is first made float32 is that of the rounded map", () => {
  using _scope = new TensorScope();
  const x = draw(4, 3, 4, 4);
  const [got, want] = (["float32", "float64"] as const).map((dtype) => minibatchStd(x.to({ dtype }), { group: 2 }));
  expect(worst(got!, want!)).toBeLessThan(1e-6);
});
