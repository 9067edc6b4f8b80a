import { expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { fitLinearSvm } from "./linear-svm.ts";
import { fitOneVsRest, predictClasses } from "./one-vs-rest.ts";

it("tells three separated clouds apart, and of equal scores takes the first class", () => {
  const random = new SeededRandom(1);
  const classes = Array.from({ length: 90 }, (_, i) => i % 3);
  const features = Float32Array.from(
    classes.flatMap((c) => [4 * Number(c === 1), 4 * Number(c === 2)].map((v) => v + random.normal())),
  );
  const model = fitOneVsRest({ features, nRows: 90, nFeatures: 2 }, classes, 3, { c: 1, classWeights: "balanced" });
  const right = predictClasses(model, features).filter((c, i) => c === classes[i]).length;
  expect(model.converged).toBe(true);
  expect(right / 90).toBeGreaterThan(0.9);
  const flat = {
    weights: Float64Array.of(0, 0),
    bias: 0,
    objective: 0,
    relativeGap: 0,
    converged: true,
    iterations: 0,
  };
  expect([...predictClasses({ classifiers: [flat, flat], converged: true }, Float64Array.of(1, 2))]).toEqual([0]);
});

it("trains each class as if it were alone, whatever the classes share", () => {
  const random = new SeededRandom(2);
  const [nRows, nFeatures] = [70, 5];
  const classes = Array.from({ length: nRows }, (_, i) => (i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2)); // one holds most rows
  const features = Float64Array.from({ length: nRows * nFeatures }, (_, i) => {
    return random.normal() + Number(i % nFeatures === classes[Math.floor(i / nFeatures)]);
  });
  for (const bias of ["regularised", "free", "none"] as const) {
    const options = { c: 0.3, classWeights: "balanced", bias } as const;
    const { classifiers } = fitOneVsRest({ features, nRows, nFeatures }, classes, 3, options);
    for (const [own, together] of classifiers.entries()) {
      const alone = fitLinearSvm({ features, nRows, nFeatures, positive: classes.map((c) => c === own) }, options);
      expect(together.relativeGap).toBeLessThan(1e-10);
      for (const [k, weight] of together.weights.entries()) expect(weight).toBeCloseTo(alone.weights[k]!, 9);
      expect(together.bias).toBeCloseTo(alone.bias, 9);
    }
  }
});

it("refuses fewer than two classes", () => {
  expect(() => fitOneVsRest({ features: new Float32Array(2), nRows: 2, nFeatures: 1 }, [0, 0], 1)).toThrow(
    /needs two classes/,
  );
});
