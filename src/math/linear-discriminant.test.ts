import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { fitLinearDiscriminant } from "./linear-discriminant.ts";
import { predictClasses } from "./one-vs-rest.ts";
import { pairedBootstrap } from "./paired-bootstrap.ts";
import { macroF1 } from "./roc.ts";

describe("linear discriminant", () => {
  it("of two classes is Σ⁻¹(μ₁ − μ₀), by hand on a diagonal covariance", () => {
    // Class means (0,0) and (4,2); within-class deviations ±1 and ±2: Σ = diag(8/6, 32/6).
    const around = (x: number, y: number) => [x + 1, y + 2, x + 1, y - 2, x - 1, y + 2, x - 1, y - 2];
    const features = Float64Array.of(...around(0, 0), ...around(4, 2));
    const { classifiers } = fitLinearDiscriminant({ features, nRows: 8, nFeatures: 2 }, [0, 0, 0, 0, 1, 1, 1, 1], 2, 0);
    const [a, b] = classifiers;
    expect(b!.weights[0]! - a!.weights[0]!).toBeCloseTo(4 / (8 / 6), 6);
    expect(b!.weights[1]! - a!.weights[1]!).toBeCloseTo(2 / (32 / 6), 6);
  });

  it("names 30 planted classes of rows it has not seen, over more than one chunk", () => {
    const random = new SeededRandom(1);
    const [n, f, k] = [1200, 20, 30];
    const centres = Array.from({ length: k * f }, () => 2 * random.normal());
    const draw = () =>
      Float32Array.from(
        { length: n * f },
        (_, at) => centres[(Math.floor(at / f) % k) * f + (at % f)]! + random.normal(),
      );
    const classes = Array.from({ length: n }, (_, i) => i % k);
    const model = fitLinearDiscriminant({ features: draw(), nRows: n, nFeatures: f }, classes, k);
    const right = predictClasses(model, draw()).filter((c, i) => c === classes[i]).length;
    expect(right / n).toBeGreaterThan(0.98);
  });

  it("refuses a single class", () => {
    expect(() => fitLinearDiscriminant({ features: Float64Array.of(1), nRows: 1, nFeatures: 1 }, [0], 1)).toThrow(
      /needs two classes/,
    );
  });
});

describe("macro-F1", () => {
  it("is the mean of 2·hits / (row + column)", () => {
    expect(
      macroF1([
        [3, 1],
        [2, 4],
      ]),
    ).toBeCloseTo((6 / 9 + 8 / 11) / 2, 12);
    expect(
      macroF1([
        [2, 0],
        [0, 0],
      ]),
    ).toBe(1);
  });
});

describe("paired bootstrap", () => {
  const figure = (x: readonly number[], strata = x.map(() => "")) => ({
    units: x.map((_, i) => `u${i}`),
    strata,
    statistic: (k: Uint16Array) => x.reduce((sum, v, i) => sum + v * k[i]!, 0) / k.reduce((sum, v) => sum + v, 0),
  });

  it("a constant difference has no width, however wide the figures themselves are", () => {
    const x = [1, 5, 9, 2, 7];
    const { values, intervals, differences } = pairedBootstrap([figure(x), figure(x.map((v) => v + 3))], { seed: 1 });
    expect(values).toEqual([4.8, 7.8]);
    expect(intervals[0]![1] - intervals[0]![0]).toBeGreaterThan(2);
    expect(differences[0]).toBeNull();
    for (const v of differences[1]!) expect(v).toBeCloseTo(3, 9);
  });

  it("gives no interval where a stratum has a single unit", () => {
    const { intervals } = pairedBootstrap([figure([1, 2, 3], ["a", "a", "b"])], { seed: 1 });
    expect(intervals).toEqual([null]);
  });
});
