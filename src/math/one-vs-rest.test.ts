import { expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
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

it("refuses fewer than two classes", () => {
  expect(() => fitOneVsRest({ features: new Float32Array(2), nRows: 2, nFeatures: 1 }, [0, 0], 1)).toThrow(
    /needs two classes/,
  );
});
