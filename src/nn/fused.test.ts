// The native kernels against the same steps in LibTorch's own operators, gradients of the first and second order included.
import { beforeAll, describe, expect, it } from "vitest";
import { callOp, conv2d, grad, Rng, randn, setThreads, type Tensor, TensorScope } from "../tensor/index.ts";
import { activate, convolve, scaleChannels } from "./index.ts";

// Tensors this small spend their time at the barriers between threads where other work shares the cores.
beforeAll(() => setThreads(1));

const rng = new Rng(11);
const leaf = (...shape: number[]) => randn(shape, { rng, dtype: "float64" }).setRequiresGrad(true);
const worst = (a: Tensor, b: Tensor) => a.sub(b).abs().amax().item() / Math.max(1, b.abs().amax().item());

/** Values, gradients, and gradients of a function of the gradients agree. */
function expectSame(fast: () => Tensor, slow: () => Tensor, inputs: readonly Tensor[]): void {
  const [a, b] = [fast(), slow()];
  expect(a.shape).toEqual(b.shape);
  expect(worst(a, b)).toBeLessThan(1e-12);
  const cotangent = leaf(...a.shape);
  // Once without a graph of the gradient, which takes the fused kernels, once with.
  for (const createGraph of [false, true]) {
    const [first, want] = [fast(), slow()].map((y) => grad(y, inputs, { gradOutputs: [cotangent], createGraph }));
    for (const [i, gradient] of first!.entries()) expect(worst(gradient, want![i]!), `input ${i}`).toBeLessThan(1e-12);
    if (!createGraph) continue;
    const second = [first!, want!].map((gradients) =>
      grad(
        gradients.map((g) => g.pow(3).sum()).reduce((x, y) => x.add(y)),
        [...inputs, cotangent],
        { allowUnused: true },
      ),
    );
    for (const [i, wanted] of second[1]!.entries()) {
      const got = second[0]![i] ?? null;
      if (wanted === null || got === null) {
        // Unused, or used with a derivative of zero: both say that nothing flows.
        expect((got ?? wanted)?.abs().amax().item() ?? 0, `input ${i}, second order`).toBe(0);
      } else expect(worst(got, wanted), `input ${i}, second order`).toBeLessThan(1e-11);
    }
  }
}

describe("native kernels are LibTorch's operators, to the second derivative", () => {
  for (const channels of [3, 16]) {
    it(`activation with demodulation, noise and bias, ${channels} channels`, () => {
      using _scope = new TensorScope();
      const [x, d, strength, bias] = [leaf(2, channels, 5, 4), leaf(2, channels), leaf(), leaf(channels)];
      for (const maps of [1, 2]) {
        const map = randn([maps, 1, 5, 4], { rng, dtype: "float64" });
        expectSame(
          () => activate(x, { bias, slope: 0.2, demodulation: d, noise: { map, strength } }),
          () =>
            x
              .mul(d.reshape([2, -1, 1, 1]))
              .add(map.mul(strength))
              .add(bias.reshape([1, -1, 1, 1]))
              .leakyRelu(0.2),
          [x, d, strength, bias],
        );
      }
    });
  }

  it("activation with bias alone, and with noise but without demodulation", () => {
    using _scope = new TensorScope();
    const [x, strength, bias] = [leaf(3, 4, 3, 3), leaf(), leaf(4)];
    const map = randn([3, 1, 3, 3], { rng, dtype: "float64" });
    const biased = () => x.add(bias.reshape([1, -1, 1, 1]));
    expectSame(
      () => activate(x, { bias, slope: 0.2 }),
      () => biased().leakyRelu(0.2),
      [x, bias],
    );
    expectSame(
      () => activate(x, { bias, slope: 0.1, noise: { map, strength } }),
      () => biased().add(map.mul(strength)).leakyRelu(0.1),
      [x, strength, bias],
    );
  });

  it("channels scaled image by image", () => {
    using _scope = new TensorScope();
    const [x, s] = [leaf(2, 5, 3, 4), leaf(2, 5)];
    expectSame(
      () => scaleChannels(x, s),
      () => x.mul(s.reshape([2, 5, 1, 1])),
      [x, s],
    );
  });

  it("convolution with 1×1 and 3×3 kernels", () => {
    using _scope = new TensorScope();
    for (const side of [1, 3]) {
      const [x, w] = [leaf(2, 3, 5, 4), leaf(4, 3, side, side)];
      expectSame(
        () => convolve(x, w),
        () => conv2d(x, w, { padding: (side - 1) / 2 }),
        [x, w],
      );
    }
  });

  for (const [n, c, o, h, w] of [
    [3, 4, 16, 5, 7],
    [2, 8, 32, 1, 1],
    [1, 12, 16, 40, 3],
    [2, 16, 48, 2, 130],
  ] as const) {
    it(`own weight gradient of a 3×3 convolution in float32: ${c} to ${o} channels at ${h} × ${w}`, () => {
      using _scope = new TensorScope();
      const x = randn([n, c, h, w], { rng });
      const weight = randn([o, c, 3, 3], { rng }).setRequiresGrad(true);
      const cotangent = randn([n, o, h, w], { rng });
      const [got, want] = [convolve(x, weight), conv2d(x, weight, { padding: 1 })].map(
        (y) => grad(y, [weight], { gradOutputs: [cotangent] })[0]!,
      );
      expect(worst(got!, want!)).toBeLessThan(1e-5);
    });
  }

  // By minimal filtering, all three passes: sizes that end within a block of tiles, images that share one, borders on all sides, channels
  // that are a multiple of 8, of 16 and of 32; tiles of 2×2, and of 4×4 where four divides a map of 64 pixels and more.
  for (const [n, c, o, h, w] of [
    [3, 16, 32, 10, 6],
    [1, 32, 16, 2, 2],
    [5, 8, 16, 4, 4],
    [2, 64, 64, 34, 32],
    [2, 24, 48, 34, 32],
    [2, 48, 16, 34, 32],
    [2, 40, 16, 34, 32],
    [2, 24, 48, 16, 20],
    [1, 8, 16, 20, 16],
    [3, 40, 32, 16, 16],
    [17, 32, 16, 8, 8],
    [2, 64, 64, 32, 32],
  ] as const) {
    it(`3×3 convolution in float32, ${c} to ${o} channels at ${h} × ${w}, as in double precision`, () => {
      using _scope = new TensorScope();
      const inputs = [randn([n, c, h, w], { rng }), randn([o, c, 3, 3], { rng })] as const;
      const cotangent = randn([n, o, h, w], { rng });
      const results = (["float32", "float64"] as const).map((dtype) => {
        const [x, weight] = inputs.map((tensor) => tensor.to({ dtype }).detach().setRequiresGrad(true));
        const y = dtype === "float32" ? convolve(x!, weight!) : conv2d(x!, weight!, { padding: 1 });
        return [y, ...grad(y, [x!, weight!], { gradOutputs: [cotangent.to({ dtype })] })];
      });
      for (const [i, wanted] of results[1]!.entries())
        expect(worst(results[0]![i]!.to({ dtype: "float64" }), wanted!), ["y", "dx", "dw"][i]).toBeLessThan(3e-6);
    });
  }

  it("a map in LibTorch's own order, or turned weights, give the same as copies in order", () => {
    using _scope = new TensorScope();
    const x = randn([2, 8, 6, 6], { rng });
    const weight = randn([16, 8, 3, 3], { rng });
    const ordered = convolve(x.contiguous({ memoryFormat: "channels_last" }), weight);
    expect(convolve(x, weight).sub(ordered).abs().amax().item()).toBe(0);
    const turned = weight.permute([2, 3, 0, 1]).contiguous().permute([2, 3, 0, 1]);
    expect(convolve(x, turned).sub(ordered).abs().amax().item()).toBe(0);
  });

  it("values and weight gradients are the same, bit for bit, whatever the number of threads", () => {
    using _scope = new TensorScope();
    const [x, cotangent] = [randn([9, 16, 16, 16], { rng }), randn([9, 16, 16, 16], { rng })];
    const weight = randn([16, 16, 3, 3], { rng }).setRequiresGrad(true);
    const once = () => {
      const y = convolve(x, weight);
      return [y, grad(y, [weight], { gradOutputs: [cotangent] })[0]!] as const;
    };
    const alone = once();
    setThreads(2);
    const shared = once();
    setThreads(1);
    for (const [i, tensor] of shared.entries()) expect(tensor.sub(alone[i]!).abs().amax().item()).toBe(0);
  });

  it("the weight gradient of odd sizes is the same, bit for bit, whatever the number of threads", () => {
    using _scope = new TensorScope();
    const [x, cotangent] = [randn([4, 8, 9, 9], { rng }), randn([4, 16, 9, 9], { rng })];
    const weight = randn([16, 8, 3, 3], { rng }).setRequiresGrad(true);
    const once = () => grad(convolve(x, weight), [weight], { gradOutputs: [cotangent] })[0]!;
    const alone = once();
    setThreads(2);
    const shared = once();
    setThreads(1);
    expect(shared.sub(alone).abs().amax().item()).toBe(0);
  });

  it("says what it cannot work on", () => {
    using _scope = new TensorScope();
    expect(() => callOp("gandl::filter_down", "", [leaf(4, 4), 1])).toThrow(
      /needs feature maps \[n,c,h,w\], not 2 axes/,
    );
    expect(() => callOp("gandl::scale_channels", "", [leaf(2, 3, 4, 4), leaf(2, 4)])).toThrow(
      /the scale must be \[n,c\]/,
    );
    expect(() => callOp("gandl::activate", "", [leaf(1, 2, 2, 2), null, leaf(1, 1, 2, 2), null, leaf(2), 0.2])).toThrow(
      /noise and its strength come together or not at all/,
    );
  });
});
