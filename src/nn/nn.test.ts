// Every primitive against vectors of an independent implementation in float64 (shared test data), and every fast form
// against its definition.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  conv2d,
  convTranspose2d,
  fromArray,
  grad,
  pad,
  Rng,
  randn,
  setThreads,
  type Tensor,
  TensorScope,
} from "../tensor/index.ts";
import {
  biasActivation,
  convDown2,
  convDown2Folded,
  convUp2,
  convUp2Folded,
  equalisedConv,
  equalisedLinear,
  equalisedSkip,
  minibatchStd,
  modulatedConv,
  pixelNorm,
  pointwiseDown2,
  pointwiseDown2Folded,
  RESAMPLE_FILTER,
  scaledWeight,
  upfirdn2d,
  upsample2,
  upsample2Folded,
  withStatistic,
} from "./index.ts";

// Tensors this small spend their time at the barriers between threads where other work shares the cores.
beforeAll(() => setThreads(1));

interface Stored {
  shape: number[];
  data: number[];
}
const file = join(process.env.GANDL_SHARED_DATA ?? "../shared/data", "reference/stylegan2-ops/vectors.json");
const present = existsSync(file);
// biome-ignore lint/suspicious/noExplicitAny: the file's form differs from entry to entry
const vectors: any = present ? JSON.parse(readFileSync(file, "utf8")).vectors : { upfirdn2d: [], modulated_conv2d: [] };

const tensor = ({ shape, data }: Stored) =>
  fromArray(Float64Array.from(data.flat(Number.POSITIVE_INFINITY) as number[]), shape);
function expectClose(got: Tensor, want: Stored | Tensor, tolerance = 1e-9): void {
  expect(got.shape).toEqual(want.shape);
  const values =
    "data" in want ? (want.data.flat(Number.POSITIVE_INFINITY) as number[]) : [...(want.toArray() as Float64Array)];
  const largest = Math.max(1, ...values.map(Math.abs));
  const worst = Math.max(0, ...[...(got.toArray() as Float64Array)].map((v, i) => Math.abs(v - values[i]!)));
  expect(worst / largest).toBeLessThan(tolerance);
}
const rng = new Rng(5);
const draw = (...shape: number[]) => randn(shape, { rng, dtype: "float64" });
const filter = (gain: number) =>
  fromArray(Float64Array.from(RESAMPLE_FILTER.flatMap((a) => RESAMPLE_FILTER.map((b) => a * b * gain))), [4, 4]);

describe.skipIf(!present)("reference vectors (shared data)", () => {
  for (const v of vectors.upfirdn2d) {
    it(`upfirdn2d: ${v.name}`, () => {
      using _scope = new TensorScope();
      expectClose(
        upfirdn2d(tensor(v.x), tensor(v.kernel), { up: v.up_xy, down: v.down_xy, padding: v.pad_x0x1y0y1 }),
        v.y,
      );
    });
  }
  for (const v of vectors.modulated_conv2d) {
    it(`modulated convolution with gradients: ${v.mode} ${v.kernel_size}×${v.kernel_size}${v.demodulate ? ", demodulated" : ""}`, () => {
      using _scope = new TensorScope();
      const x = tensor(v.x).setRequiresGrad(true);
      const latent = tensor(v.w_latent).setRequiresGrad(true);
      const weight = tensor(v["weight_OIHW (unscaled; multiply by weight_scale)"]).setRequiresGrad(true);
      const style = equalisedLinear(
        latent,
        tensor(v["style_affine_weight (multiply by 1/sqrt(style_dim))"]),
        tensor(v.style_affine_bias),
      );
      expectClose(style, v["style (after affine)"]);
      const y = modulatedConv(x, scaledWeight(weight), style, { demodulate: v.demodulate, resample: v.mode });
      expectClose(y, v.y);
      const [gx, gl, gw] = grad(y, [x, latent, weight], { gradOutputs: [tensor(v.cotangent)] });
      expectClose(gx!, v.grad_x);
      expectClose(gl!, v.grad_w_latent);
      expectClose(gw!, v.grad_weight);
    });
  }
  it("leaky ReLU with bias and gain, pixel norm, equalised linear", () => {
    using _scope = new TensorScope();
    const lrelu = vectors.fused_leaky_relu;
    expectClose(biasActivation(tensor(lrelu.x), tensor(lrelu.bias)), lrelu.y);
    expectClose(pixelNorm(tensor(vectors.pixel_norm.x)), vectors.pixel_norm.y);
    const fc = vectors["equal_linear_lrmul0.01_lrelu"];
    expectClose(
      equalisedLinear(tensor(fc.x), tensor(fc.weight), tensor(fc.bias), { lrMul: 0.01, activate: true }),
      fc.y,
    );
  });
  for (const n of [4, 8]) {
    it(`minibatch standard deviation, ${n} images in groups of 4`, () => {
      using _scope = new TensorScope();
      const v = vectors[`minibatch_stddev_batch${n}_group4`];
      const x = tensor(v.x);
      expectClose(withStatistic(x, minibatchStd(x, { group: 4 })), v.y);
    });
  }
});

describe("fast forms equal their definitions", () => {
  it("convUp2 is a transposed convolution, then the filter with gain 4", () => {
    using _scope = new TensorScope();
    const [x, w] = [draw(2, 3, 4, 5), draw(6, 3, 3, 3)];
    const slow = upfirdn2d(convTranspose2d(x, w.transpose(0, 1).contiguous(), { stride: 2 }), filter(4), {
      padding: [1, 1, 1, 1],
    });
    expectClose(convUp2(x, w), slow, 1e-12);
    expectClose(convUp2Folded(x, w), slow, 1e-12);
  });
  it("convDown2 is the filter, then a strided convolution", () => {
    using _scope = new TensorScope();
    const [x, w] = [draw(2, 3, 6, 8), draw(4, 3, 3, 3)];
    const slow = conv2d(upfirdn2d(x, filter(1), { padding: [2, 2, 2, 2] }), w, { stride: 2 });
    expectClose(convDown2(x, w), slow, 1e-12);
    expectClose(convDown2Folded(x, w), slow, 1e-12);
  });
  it("pointwiseDown2 is the filter, then a strided 1×1 convolution", () => {
    using _scope = new TensorScope();
    const [x, w] = [draw(2, 3, 6, 8), draw(4, 3, 1, 1)];
    const slow = conv2d(upfirdn2d(x, filter(1), { padding: [1, 1, 1, 1] }), w, { stride: 2 });
    expectClose(pointwiseDown2(x, w), slow, 1e-12);
    expectClose(pointwiseDown2Folded(x, w), slow, 1e-12);
  });
  it("upsample2 is zero-stuffing, then the filter with gain 4", () => {
    using _scope = new TensorScope();
    const x = draw(2, 3, 4, 5);
    const slow = upfirdn2d(x, filter(4), { up: [2, 2], padding: [2, 1, 2, 1] });
    expectClose(upsample2(x), slow, 1e-12);
    expectClose(upsample2Folded(x), slow, 1e-12);
  });
  it("modulated convolution is one convolution per image with its own weights", () => {
    using _scope = new TensorScope();
    const [x, w, s] = [draw(2, 3, 5, 5), draw(4, 3, 3, 3), draw(2, 3)];
    const each = [0, 1].map((i) => {
      const own = w.mul(s.narrow(0, i, 1).reshape([1, 3, 1, 1]));
      const norm = own.square().sum([1, 2, 3], true).add(1e-8).rsqrt();
      return conv2d(x.narrow(0, i, 1), own.mul(norm), { padding: 1 }).mul(3);
    });
    const fast = modulatedConv(x, w, s, { gain: 3 });
    expectClose(fast.narrow(0, 0, 1).contiguous(), each[0]!, 1e-9);
    expectClose(fast.narrow(0, 1, 1).contiguous(), each[1]!, 1e-9);
  });
  it("convolutions fold the activation's gain exactly", () => {
    using _scope = new TensorScope();
    const [x, w, b] = [draw(2, 3, 4, 4), draw(4, 3, 3, 3), draw(4)];
    expectClose(
      equalisedConv(x, w, b, { gain: 0.5 }),
      biasActivation(conv2d(x, scaledWeight(w), { padding: 1 }), b).mul(0.5),
      1e-12,
    );
    const skip = draw(4, 3, 1, 1);
    expectClose(equalisedSkip(x, skip, 0.5), pointwiseDown2(x, scaledWeight(skip)).mul(0.5), 1e-12);
  });
  it("the statistic of each part of a batch is that of the part alone", () => {
    using _scope = new TensorScope();
    const [a, b] = [draw(4, 2, 3, 3), draw(4, 2, 3, 3).mul(5)];
    const both = minibatchStd(
      fromArray(Float64Array.from([...(a.toArray() as Float64Array), ...(b.toArray() as Float64Array)]), [8, 2, 3, 3]),
      { group: 2, parts: 2 },
    );
    expectClose(both.narrow(0, 0, 4).contiguous(), minibatchStd(a, { group: 2 }), 1e-12);
    expectClose(both.narrow(0, 4, 4).contiguous(), minibatchStd(b, { group: 2 }), 1e-12);
    expect(() => minibatchStd(draw(6, 1, 1, 1), { group: 4 })).toThrow(/do not divide into groups of 4/);
  });
  it("padding is what conv2d means by it", () => {
    using _scope = new TensorScope();
    const [x, w] = [draw(1, 1, 3, 3), draw(1, 1, 3, 3)];
    expectClose(conv2d(x, w, { padding: 1 }), conv2d(pad(x, [1, 1, 1, 1]), w), 1e-12);
  });
});
