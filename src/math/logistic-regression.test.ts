import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { fitLogistic } from "./logistic-regression.ts";

const random = new SeededRandom(2);
const n = 80;
const f = 3;
const features = Float64Array.from({ length: n * f }, () => random.normal());
const positive = Array.from({ length: n }, (_, i) => features[i * f]! + random.normal() > 0.4);

describe("logistic regression", () => {
  it.each([0.01, 1, 100])("ends where the gradient is zero, C = %s, with a proven gap", (c) => {
    const model = fitLogistic({ features, nRows: n, nFeatures: f, positive }, { c });
    expect(model.converged).toBe(true);
    expect(model.relativeGap).toBeLessThan(1e-9);
    const gradient = [...model.weights, model.bias];
    for (let i = 0; i < n; i++) {
      const x = [...features.subarray(i * f, i * f + f), 1];
      const y = positive[i] ? 1 : -1;
      const m = y * x.reduce((sum, v, k) => sum + v * (model.weights[k] ?? model.bias), 0);
      x.forEach((v, k) => {
        gradient[k]! -= (c * y * v) / (1 + Math.exp(m));
      });
    }
    for (const g of gradient) expect(Math.abs(g)).toBeLessThan(1e-6);
  });

  it("with balanced weights and no signal gives even odds whatever the classes' sizes", () => {
    const nothing = {
      features: new Float64Array(30),
      nRows: 30,
      nFeatures: 1,
      positive: Array.from({ length: 30 }, (_, i) => i < 5),
    };
    expect(fitLogistic(nothing, { c: 1, classWeights: "balanced" }).bias).toBeCloseTo(0, 9);
    expect(fitLogistic(nothing, { c: 1 }).bias).toBeLessThan(-1);
  });

  it("refuses one class, and what is not finite", () => {
    const rows = { features: Float64Array.of(1, 2), nRows: 2, nFeatures: 1 };
    expect(() => fitLogistic({ ...rows, positive: [true, true] })).toThrow(/hold positives only/);
    expect(() => fitLogistic({ ...rows, features: Float64Array.of(1, Number.NaN), positive: [true, false] })).toThrow(
      /row 1, column 0/,
    );
  });
});
