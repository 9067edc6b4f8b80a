// What is done to many tensors at once, by our kernel or by LibTorch's operators on lists, held to what is done tensor by tensor.
import { describe, expect, it } from "vitest";
import { finiteWhereTerms, type ListForm, lerpEach, listFormOf } from "./all-at-once.ts";
import { Adam, fromArray, loopOnCpu, Rng, randn, type Tensor, TensorScope, tensorStats } from "./index.ts";

/** The last is of several chunks, and ends within one. */
const SHAPES = [[3, 4], [5], [], [2, 3, 3, 3], [257, 131]];
const AT_ONCE = ["kernel", "lists"] as const;
const drawn = (seed: number): Tensor[] => {
  const rng = new Rng(seed);
  return SHAPES.map((shape) => randn(shape, { rng }));
};
const numbers = (tensors: Iterable<Tensor>) => [...tensors].map((tensor) => [...tensor.toFloat32Array()]);
function expectClose(got: readonly number[][], want: readonly number[][]): void {
  expect(got.map(({ length }) => length)).toEqual(want.map(({ length }) => length));
  for (const [i, row] of want.entries())
    for (const [j, value] of row.entries()) expect(Math.abs(got[i]![j]! - value)).toBeLessThan(2e-6);
}

describe.each(AT_ONCE)("Adam by %s", (atOnce) => {
  for (const beta1 of [0, 0.5])
    it(`takes the steps that it takes parameter by parameter, with beta1 = ${beta1}`, () => {
      using _scope = new TensorScope();
      const run = (form: ListForm) => {
        const parameters = new Map(drawn(1).map((tensor, i) => [`p${i}`, tensor]));
        const adam = new Adam(parameters, { learningRate: 0.1, beta1, beta2: 0.9, epsilon: 1e-8, form });
        for (const seed of [2, 3, 4]) {
          const gradients = drawn(seed).map((tensor, i): [string, Tensor] => [`p${i}`, tensor]);
          // The second step lacks one gradient, the third has one in another order of memory.
          if (seed === 3) gradients.splice(1, 1);
          if (seed === 4) gradients[3]![1] = gradients[3]![1].contiguous({ memoryFormat: "channels_last" });
          const before = tensorStats().live;
          adam.step(new Map(gradients));
          expect(tensorStats().live).toBe(before);
        }
        return numbers([...parameters.values(), ...adam.state().values()]);
      };
      expectClose(run(atOnce), run("loop"));
    });

  it("does nothing without gradients", () => {
    using _scope = new TensorScope();
    const [weight] = drawn(1) as [Tensor];
    const [before] = numbers([weight]);
    new Adam(new Map([["w", weight]]), {
      ...{ learningRate: 1, beta1: 0, beta2: 0.9, epsilon: 1e-8, form: atOnce },
    }).step(new Map());
    expect(numbers([weight])).toEqual([before]);
  });
});

it.each(AT_ONCE)("averages move by %s as they do one by one, and their ends stay", (atOnce) => {
  using _scope = new TensorScope();
  const run = (form: ListForm) => {
    const [averages, ends] = [drawn(1), drawn(2)];
    lerpEach(averages, ends, 0.25, form);
    expect(numbers(ends)).toEqual(numbers(drawn(2)));
    return numbers(averages);
  };
  expectClose(run(atOnce), run("loop"));
  expect(run("loop")[1]![0]).toBeCloseTo(numbers(drawn(1))[1]![0]! * 0.75 + numbers(drawn(2))[1]![0]! * 0.25, 6);
});

it.each([...AT_ONCE, "loop"] as const)("by %s, a tensor's one number is finite exactly where its terms are", (form) => {
  using _scope = new TensorScope();
  const long = Array.from({ length: 40_000 }, (_, i) => (i === 39_999 ? Number.NaN : 1));
  const tensors = [[1, -1], [Number.NaN, 1], [2, Number.NEGATIVE_INFINITY], [3e38], long].map((row) =>
    fromArray(new Float32Array(row), [row.length]),
  );
  expect([...finiteWhereTerms(tensors, form)].map(Number.isFinite)).toEqual([true, false, false, true, false]);
});

it("our kernel sums what would run over in float32, and says what it cannot change", () => {
  using _scope = new TensorScope();
  const large = fromArray(new Float32Array([3e38, 3e38, 1]), [3]);
  expect([...finiteWhereTerms([large], "kernel")].map(Number.isFinite)).toEqual([true]);
  const [a, b] = [randn([2, 3], { rng: new Rng(1) }), randn([3, 2], { rng: new Rng(1) })];
  expect(() => lerpEach([a], [b], 0.5, "kernel")).toThrow(
    /the moving average: tensor 0 has another shape or dtype than its partner/,
  );
  expect(() => lerpEach([a], [a, b], 0.5, "kernel")).toThrow(/the moving average: 2 tensors beside 1/);
  expect(() => lerpEach([a.transpose(0, 1)], [b], 0.5, "kernel")).toThrow(
    /changes row-major tensors of one dtype on the CPU/,
  );
});

it("the kernel is for wide tensors on the CPU, lists for where calls are dear", () => {
  using _scope = new TensorScope();
  const [a] = drawn(1) as [Tensor];
  expect(listFormOf(a)).toBe("kernel");
  expect(listFormOf(a.to({ dtype: "bfloat16" }))).toBe("loop");
  expect(listFormOf(undefined)).toBe("loop");
  loopOnCpu(true);
  expect(listFormOf(a)).toBe("lists");
  loopOnCpu(false);
});
