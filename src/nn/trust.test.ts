// LibTorch's convolutions are believed shape by shape (native/kernels/trust.h). Here they are spoiled on purpose.
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  distrustedConvolutions,
  grad,
  Rng,
  randn,
  setThreads,
  spoilConvolutions,
  type Tensor,
  TensorScope,
  tensorStats,
} from "../tensor/index.ts";
import { convolve, kernelErrors, worstKernel } from "./index.ts";

beforeAll(() => setThreads(1));
afterEach(() => spoilConvolutions(false));

const rng = new Rng(5);
/** A convolution with its gradients: sizes that no kernel of ours takes, so that LibTorch is asked. */
function passes(side: number): Tensor[] {
  const x = randn([2, 8, 6, 6], { rng }).setRequiresGrad(true);
  const weight = randn([9, 8, side, side], { rng }).setRequiresGrad(true);
  const y = convolve(x, weight);
  return [y, ...grad(y.square().sum(), [x, weight])];
}

describe("a LibTorch whose convolutions are wrong", () => {
  for (const side of [1, 3])
    it(`is found out at the first ${side}×${side} convolution of a shape, each pass by itself, and named`, () => {
      using _scope = new TensorScope();
      spoilConvolutions(true);
      expect(distrustedConvolutions()).toEqual([]);
      passes(side);
      const said = distrustedConvolutions().join("\n");
      const at = (pass: string, a: string, b: string) =>
        `${side}×${side} convolution, ${pass}, of ${a} and ${b} on 1 thread: off by`;
      expect(said).toContain(at("forward", "[2,8,6,6]", `[9,8,${side},${side}]`));
      expect(said).toContain(at("by the map", "[2,9,6,6]", `[9,8,${side},${side}]`));
      expect(said).toContain(at("by the weight", "[2,8,6,6]", "[2,9,6,6]"));
      passes(side);
      expect(distrustedConvolutions()).toHaveLength(3); // known by now
    });

  it("is not used: products of matrices give the right numbers, derivatives too", () => {
    spoilConvolutions(true);
    const before = tensorStats().live;
    const worst = worstKernel(
      kernelErrors("cpu", "float32", {
        channels: [
          [5, 3],
          [8, 9],
        ],
      }),
    );
    expect(worst?.error).toBeLessThan(1e-5);
    expect(distrustedConvolutions().length).toBeGreaterThan(0);
    expect(tensorStats().live).toBe(before);
  });

  it("is asked again on another number of threads, which may take another path", () => {
    using _scope = new TensorScope();
    spoilConvolutions(true);
    passes(1);
    setThreads(2);
    passes(1);
    setThreads(1);
    expect(distrustedConvolutions()).toHaveLength(6);
    expect(distrustedConvolutions()[5]).toMatch(/on 2 threads/);
  });
});

it("the LibTorch of this machine is believed where it is right: the same numbers as products of matrices", () => {
  using _scope = new TensorScope();
  spoilConvolutions(false); // forgets what was known
  const x = randn([3, 8, 6, 6], { rng });
  const weight = randn([9, 8, 1, 1], { rng });
  const want = weight
    .reshape([9, 8])
    .matmul(x.reshape([3, 8, 36]))
    .reshape([3, 9, 6, 6]);
  expect(convolve(x, weight).sub(want).abs().amax().item()).toBeLessThan(1e-5);
});
