import { describe, expect, it } from "vitest";
import {
  cat,
  conv2d,
  convTranspose2d,
  fromArray,
  grad,
  gradEnabled,
  linear,
  noGrad,
  pad,
  Rng,
  randn,
  type Tensor,
  TensorScope,
} from "./index.ts";

const rng = () => new Rng(11);
const f64 = (shape: number[], r: Rng) => randn(shape, { rng: r, dtype: "float64" });
const numbers = (t: Tensor) => [...(t.toArray() as Float64Array)];

/** A fixed weighting makes a scalar of any output, so that one number is differentiated. */
const scalarOf = (y: Tensor): Tensor => {
  const weights = Float64Array.from({ length: y.size }, (_, i) => Math.sin(i + 1));
  return y.mul(fromArray(weights, y.shape)).sum();
};

/** Central differences of `f` at `x`, one element at a time. */
function numericGradient(f: (x: Tensor) => Tensor, x: Tensor, step = 1e-5): number[] {
  const values = numbers(x);
  return values.map((v, i) => {
    const at = (value: number) =>
      f(
        fromArray(
          Float64Array.from(values, (old, j) => (j === i ? value : old)),
          x.shape,
        ),
      ).item();
    return (at(v + step) - at(v - step)) / (2 * step);
  });
}

const r = rng();
const weight = f64([3, 2, 3, 3], r);
const upWeight = f64([2, 3, 3, 3], r);
const matrix = f64([4, 5], r);
const CASES: [name: string, shape: number[], f: (x: Tensor) => Tensor][] = [
  ["softplus", [2, 3], (x) => x.softplus()],
  ["leaky ReLU", [2, 3], (x) => x.square().add(0.1).leakyRelu(0.2).mul(x)],
  ["rsqrt of a sum of squares", [2, 3], (x) => x.mul(x.square().sum([1], true).add(1e-8).rsqrt())],
  ["division and powers", [2, 3], (x) => x.pow(3).div(x.square().add(1))],
  ["tanh and exp", [3], (x) => x.tanh().mul(x.exp())],
  ["convolution", [2, 2, 5, 5], (x) => conv2d(x, weight, { padding: 1, stride: 2 }).square()],
  ["transposed convolution", [1, 2, 3, 3], (x) => convTranspose2d(x, upWeight, { stride: 2 }).square()],
  ["linear", [3, 5], (x) => linear(x, matrix).square()],
  [
    "padding, joining and turning",
    [1, 1, 3, 3],
    (x) => cat([pad(x, [1, 0, 0, 1]).square(), pad(x, [0, 1, 1, 0]).rot90(1, [2, 3])], 1).square(),
  ],
  ["variance", [4, 3], (x) => x.var([0]).add(1e-8).sqrt()],
];

describe("gradients agree with finite differences", () => {
  for (const [name, shape, f] of CASES) {
    it(`first order: ${name}`, () => {
      using _scope = new TensorScope();
      const x = f64(shape, rng()).setRequiresGrad(true);
      const [got] = grad(scalarOf(f(x)), [x]);
      const want = noGrad(() => numericGradient((at) => scalarOf(f(at)), x));
      for (const [i, value] of numbers(got!).entries()) expect(value).toBeCloseTo(want[i]!, 5);
    });

    it(`second order: ${name}`, () => {
      using _scope = new TensorScope();
      const x = f64(shape, rng()).setRequiresGrad(true);
      // The squared norm of the gradient, as R1 has it.
      const penalty = (at: Tensor) =>
        grad(scalarOf(f(at)), [at], { createGraph: true })[0]!
          .square()
          .sum();
      const [got] = grad(penalty(x), [x]);
      const want = numericGradient((at) => penalty(at.setRequiresGrad(true)), x);
      for (const [i, value] of numbers(got!).entries()) {
        expect(Math.abs(value - want[i]!)).toBeLessThan(1e-4 * (1 + Math.abs(want[i]!)));
      }
    });
  }
});

it("noGrad records nothing and restores the mode, also when the work throws", () => {
  using _scope = new TensorScope();
  const x = fromArray(new Float32Array([1]), [1]).setRequiresGrad(true);
  expect(noGrad(() => x.mul(2)).requiresGrad).toBe(false);
  expect(() =>
    noGrad(() => {
      throw new Error("inside");
    }),
  ).toThrow("inside");
  expect(gradEnabled()).toBe(true);
  expect(x.mul(2).requiresGrad).toBe(true);
});

it("an input that no output depends on is an error, or null where that is allowed", () => {
  using _scope = new TensorScope();
  const x = fromArray(new Float32Array([1]), [1]).setRequiresGrad(true);
  const other = fromArray(new Float32Array([1]), [1]).setRequiresGrad(true);
  expect(() => grad(x.mul(2), [other])).toThrow(/tensor operation failed[\s\S]*fix:/);
  expect(grad(x.mul(2), [other], { allowUnused: true })).toEqual([null]);
});

it("gradients of several outputs are weighted as asked", () => {
  using _scope = new TensorScope();
  const x = fromArray(new Float32Array([1, 2]), [2]).setRequiresGrad(true);
  const [got] = grad([x.mul(2), x.square()], [x], {
    gradOutputs: [fromArray(new Float32Array([1, 1]), [2]), fromArray(new Float32Array([10, 100]), [2])],
  });
  expect([...got!.toFloat32Array()]).toEqual([2 + 20, 2 + 400]);
});
