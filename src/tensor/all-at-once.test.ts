// What a card is told in lists, held on the CPU to what is done tensor by tensor.
import { describe, expect, it } from "vitest";
import { finiteWhereTerms, lerpEach } from "./all-at-once.ts";
import { Adam, fromArray, Rng, randn, type Tensor, TensorScope, tensorStats } from "./index.ts";

const SHAPES = [[3, 4], [5], [], [2, 3, 3, 3]];
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

describe("Adam told in lists", () => {
  for (const beta1 of [0, 0.5])
    it(`takes the steps that it takes parameter by parameter, with beta1 = ${beta1}`, () => {
      using _scope = new TensorScope();
      const run = (byLists: boolean) => {
        const parameters = new Map(drawn(1).map((tensor, i) => [`p${i}`, tensor]));
        const adam = new Adam(parameters, { learningRate: 0.1, beta1, beta2: 0.9, epsilon: 1e-8, byLists });
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
      expectClose(run(true), run(false));
    });

  it("does nothing without gradients", () => {
    using _scope = new TensorScope();
    const [weight] = drawn(1) as [Tensor];
    const [before] = numbers([weight]);
    new Adam(new Map([["w", weight]]), {
      ...{ learningRate: 1, beta1: 0, beta2: 0.9, epsilon: 1e-8, byLists: true },
    }).step(new Map());
    expect(numbers([weight])).toEqual([before]);
  });
});

it("averages told in lists move as they do one by one, and their ends stay", () => {
  using _scope = new TensorScope();
  const run = (byLists: boolean) => {
    const [averages, ends] = [drawn(1), drawn(2)];
    lerpEach(averages, ends, 0.25, byLists);
    expect(numbers(ends)).toEqual(numbers(drawn(2)));
    return numbers(averages);
  };
  expectClose(run(true), run(false));
  expect(run(false)[1]![0]).toBeCloseTo(numbers(drawn(1))[1]![0]! * 0.75 + numbers(drawn(2))[1]![0]! * 0.25, 6);
});

for (const byLists of [false, true])
  it(`a tensor's one number is finite exactly where its terms are${byLists ? ", told in one list" : ""}`, () => {
    using _scope = new TensorScope();
    const tensors = [[1, -1], [Number.NaN, 1], [2, Number.NEGATIVE_INFINITY], [3e38]].map((row) =>
      fromArray(new Float32Array(row), [row.length]),
    );
    expect([...finiteWhereTerms(tensors, byLists)].map(Number.isFinite)).toEqual([true, false, false, true]);
  });
