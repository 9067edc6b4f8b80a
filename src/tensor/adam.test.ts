import { expect, it } from "vitest";
import { Adam, fromArray, storedOf, TensorScope, tensorStats } from "./index.ts";

const options = { learningRate: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 1e-8 };
const gradients = [
  [1, -2],
  [0.5, 3],
  [-1, 0],
];

/** Kingma & Ba's algorithm 1, in plain numbers. */
function reference(start: number[], { learningRate, beta1, beta2, epsilon }: typeof options): number[] {
  const theta = [...start];
  const m = start.map(() => 0);
  const v = start.map(() => 0);
  gradients.forEach((g, step) => {
    theta.forEach((_, i) => {
      m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!;
      v[i] = beta2 * v[i]! + (1 - beta2) * g[i]! ** 2;
      const mHat = m[i]! / (1 - beta1 ** (step + 1));
      const vHat = v[i]! / (1 - beta2 ** (step + 1));
      theta[i]! -= (learningRate * mHat) / (Math.sqrt(vHat) + epsilon);
    });
  });
  return theta;
}

for (const beta1 of [0.5, 0]) {
  it(`follows Kingma & Ba's algorithm with beta1 = ${beta1}`, () => {
    using _scope = new TensorScope();
    const w = fromArray(new Float64Array([1, 2]), [2]);
    const adam = new Adam(new Map([["w", w]]), { ...options, beta1 });
    for (const g of gradients) adam.step(new Map([["w", fromArray(new Float64Array(g), [2])]]));
    for (const [i, want] of reference([1, 2], { ...options, beta1 }).entries())
      expect(w.toArray()[i]).toBeCloseTo(want, 12);
  });
}

it("goes on from a saved state as if it had not been interrupted, and leaks nothing", () => {
  using _scope = new TensorScope();
  const run = (pauseAfter: number) => {
    const w = fromArray(new Float32Array([1, 2]), [2]);
    let adam = new Adam(new Map([["w", w]]), options);
    const before = tensorStats().live;
    gradients.forEach((g, i) => {
      const gradient = fromArray(new Float32Array(g), [2]);
      adam.step(new Map([["w", gradient]]));
      gradient.dispose();
      if (i !== pauseAfter) return;
      const saved = new Map([...adam.state()].map(([name, tensor]) => [name, storedOf(tensor)]));
      adam.dispose();
      adam = new Adam(new Map([["w", w]]), options);
      adam.loadState(saved, i + 1);
    });
    expect(tensorStats().live).toBe(before);
    return [...w.toFloat32Array()];
  };
  expect(run(1)).toEqual(run(-1));
});

it("a state without one of its moments, or a gradient of no parameter, is a fault of ours", () => {
  using _scope = new TensorScope();
  const adam = new Adam(new Map([["w", fromArray(new Float32Array([1]), [1])]]), options);
  expect(() => adam.loadState(new Map(), 1)).toThrow(/internal: the optimiser state has no 'w\.m'/);
  expect(() => adam.step(new Map([["x", fromArray(new Float32Array([1]), [1])]]))).toThrow(
    /internal: Adam was given a gradient for 'x'/,
  );
});
