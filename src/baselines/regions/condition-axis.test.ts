import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../core/seeded-random.ts";
import { rocAuc } from "../../math/index.ts";
import { ConditionAxisFit } from "./condition-axis.ts";

/** Two features: one tells the class beside a strong plate effect, the other varies for reasons of its own. */
function windows(seed: number) {
  const random = new SeededRandom(seed);
  return Array.from({ length: 400 }, (_, i) => {
    const isInfected = i % 2 === 1;
    const plate = i % 4 < 2 ? "a" : "b";
    const cells = 3 * random.normal();
    const told = (isInfected ? 1 : 0) + (plate === "a" ? 8 : 0) + 0.3 * random.normal();
    return { features: [told + cells, cells, 5], isInfected, plate };
  });
}

describe("ConditionAxisFit", () => {
  const fit = new ConditionAxisFit(3);
  for (const { features, isInfected, plate } of windows(1)) fit.add(features, isInfected, plate);
  const axis = fit.axis();

  it("takes out what varies for other reasons, and what differs between plates", () => {
    expect(axis.weights[1]! / axis.weights[0]!).toBeCloseTo(-1, 1);
    const ofPlate = windows(2).filter(({ plate }) => plate === "b");
    const scores = ofPlate.map(({ features }) => features.reduce((sum, v, j) => sum + v * axis.weights[j]!, axis.bias));
    expect(
      rocAuc(
        scores,
        ofPlate.map(({ isInfected }) => isInfected),
      ),
    ).toBeGreaterThan(0.97); // Φ(1 / (0.3 √2)) = 0.991
  });

  it("gives no weight to a feature that never varies, and is 0 half way on a plate between the others", () => {
    expect(axis.weights[2]).toBe(0);
    const middle = (0.5 + 8.5) / 2;
    expect(Math.abs(middle * axis.weights[0]! + axis.bias)).toBeLessThan(0.05 * axis.weights[0]!);
  });

  it("needs both classes", () => {
    const one = new ConditionAxisFit(1);
    one.add([1], true, "a");
    expect(() => one.axis()).toThrow("fix:");
  });
});
