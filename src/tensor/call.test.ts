// Each kind of argument and result that an operator's schema can name, held against numbers worked out by hand.
import { describe, expect, it } from "vitest";
import {
  arange,
  callOp,
  conv2d,
  einsum,
  fromArray,
  grad,
  ones,
  Rng,
  randn,
  type Tensor,
  TensorScope,
} from "./index.ts";
import { op } from "./tensor.ts";

const f32 = (...values: number[]) => fromArray(new Float32Array(values), [values.length]);
const scoped = (name: string, check: () => void) =>
  it(name, () => {
    using _scope = new TensorScope();
    check();
  });

describe("arguments are converted by the operator's schema", () => {
  scoped("text", () => {
    const rounded = op("aten::div", "Tensor_mode", f32(7, -7), f32(2, 2), "floor");
    expect([...rounded.toArray()]).toEqual([3, -4]);
  });
  scoped("a list of optional tensors", () => {
    const column = fromArray(BigInt64Array.of(2n, 0n), [2]);
    expect([...op("aten::index", "Tensor", arange(6).reshape([2, 3]), [null, column]).toArray()]).toEqual([2, 0, 5, 3]);
  });
  scoped("a list of true and false, and several results of which one is absent", () => {
    const [x, w] = [ones([1, 1, 3, 3]), ones([1, 1, 3, 3])];
    const shape = [[1, 1], [0, 0], [1, 1], false, [0, 0], 1, [false, true, false]] as const;
    const backward = callOp("aten::convolution_backward", "", [ones([1, 1, 1, 1]), x, w, [1], ...shape]);
    const [toInput, toWeight] = backward as [Tensor | null, Tensor];
    expect(toInput).toBeNull();
    expect(toWeight.sum().item()).toBe(9);
  });
  scoped("a list of fractions", () => {
    const wide = op("aten::upsample_nearest2d", "vec", arange(2).reshape([1, 1, 1, 2]), null, [1, 2]);
    expect([...wide.toArray()]).toEqual([0, 0, 1, 1]);
  });
  scoped("one number for a list of fixed length", () => {
    expect(op("aten::avg_pool2d", "", ones([1, 1, 4, 4]), 2).shape).toEqual([1, 1, 2, 2]);
  });
  scoped("a dtype, a device, a memory format and a generator", () => {
    expect(op("aten::zeros", "", [2], "int16", undefined, "cpu").dtype).toBe("int16");
    const x = randn([1, 2, 3, 4], { rng: new Rng(1) });
    expect(x.contiguous({ memoryFormat: "channels_last" }).toArray()).toEqual(x.toArray());
    const coins = op("aten::bernoulli", "p", ones([100]), 1, new Rng(1).handle);
    expect(coins.sum().item()).toBe(100);
  });
  scoped("whole numbers past 2^53 as bigint", () => {
    const big = op("aten::full", "", [1], 2n ** 62n, "int64");
    expect(big.toArray()).toEqual(BigInt64Array.of(2n ** 62n));
  });
  scoped("a number beside a tensor keeps the tensor's dtype, also where the number is known from before", () => {
    const whole = arange(3).to({ dtype: "int64" });
    for (const round of [0, 1]) {
      expect([round, whole.mul(2).dtype, whole.mul(0.5).dtype]).toEqual([round, "int64", "float32"]);
      expect([...f32(1, 2).add(0.1).toArray()]).toEqual([
        Math.fround(1 + Math.fround(0.1)),
        Math.fround(2 + Math.fround(0.1)),
      ]);
      expect([...f32(1, -1).div(0).toArray()]).toEqual([Infinity, -Infinity]);
      expect([...f32(1, -1).div(-0).toArray()]).toEqual([-Infinity, Infinity]);
      expect(f32(1).to({ dtype: "float64" }).add(0.1).item()).toBe(1.1);
      expect(f32(3).to({ dtype: "float16" }).mul(0.1).dtype).toBe("float16");
    }
  });
  scoped("more different numbers than are kept", () => {
    for (let i = 0; i < 300; i++)
      expect(
        f32(1)
          .add(i / 4)
          .item(),
      ).toBe(1 + i / 4);
  });
  scoped("results that are numbers, lists and views", () => {
    expect(callOp("aten::is_floating_point", "", [f32(1)])).toBe(true);
    const parts = callOp("aten::unbind", "int", [arange(6).reshape([2, 3])]) as Tensor[];
    expect(parts.map((part) => part.sum().item())).toEqual([3, 12]);
  });
});

scoped("einsum and norm are what their letters say", () => {
  const x = arange(6).reshape([2, 3]);
  expect(einsum("nc,mc->nm", x, x).toArray()).toEqual(x.matmul(x.transpose(0, 1)).toArray());
  expect(f32(3, 4).norm().item()).toBe(5);
  expect([...f32(3, 4, 6, 8).reshape([2, 2]).norm([1]).toArray()]).toEqual([5, 10]);
});

describe("an argument that does not fit is named, with the operator and its position", () => {
  for (const [name, call, message] of [
    ["a number where a tensor list is wanted", () => op("aten::cat", "", 3), /argument 1 \(tensors\): is not an array/],
    [
      "text for true",
      () => op("aten::sum", "dim_IntList", ones([1]), [0], "yes"),
      /\(keepdim\): it is not true or false/,
    ],
    ["no such device", () => op("aten::zeros", "", [1], "float32", null, "moon"), /\(device\): .*moon/],
    ["a tensor for a generator", () => op("aten::randn", "generator", [1], ones([1])), /is not a random generator/],
    ["a symbol", () => callOp("aten::relu", "", [Symbol("x") as never]), /aten::relu\(\?\): argument 1/],
    ["a dtype with no JavaScript form", () => op("aten::zeros", "", [1], "complex64"), /no dtype 'complex64'/],
    ["a result with no JavaScript form", () => op("aten::fft_fft", "", ones([2])).shape, /ComplexFloat has no Java/],
    ["kernels too large", () => conv2d(ones([1, 1, 2, 2]), ones([1, 1, 3, 3])), /aten::conv2d\(float32\[1, 1, 2, 2\]/],
  ] as const)
    scoped(name, () => expect(call).toThrow(message));
});

scoped("a gradient that fails says of what and by what", () => {
  const x = f32(1, 2).setRequiresGrad(true);
  expect(() => grad(x.mul(2), [x])).toThrow(/grad of \[float32\[2\]\] by \[float32\[2\]\]: grad can be implicitly/);
  expect(() => grad([x.sum()], [ones([3])])).toThrow(/grad of \[float32\[\]\] by \[float32\[3\]\]/);
});
