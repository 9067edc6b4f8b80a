import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { doseEffect } from "./dose-effect.ts";

const dosesUm = [0.1];
const rescue = { name: "A", effect: "rescue", ec50Um: 0.2, hill: 1.7, maxRescue: 0.9, dosesUm } as const;
const toxic = { name: "T", effect: "toxic", ec50Um: 0.5, hill: 2, maxToxicity: 0.8, dosesUm } as const;

describe("doseEffect", () => {
  it("has taken half of the maximal effect at the EC50, whatever the slope", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.3, max: 5, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (hill, s) => {
          expect(doseEffect({ ...rescue, hill }, 0.2, s).severity).toBeCloseTo(s * (1 - 0.45), 12);
          expect(doseEffect({ ...toxic, hill }, 0.5, s).toxicity).toBeCloseTo(0.4, 12);
        },
      ),
    );
  });

  it("rescues or harms the more the higher the dose, within its maximum", () => {
    const doses = [0.001, 0.01, 0.1, 1, 10, 1e6];
    const severities = doses.map((d) => doseEffect(rescue, d, 0.7).severity);
    const toxicities = doses.map((d) => doseEffect(toxic, d, 0.7).toxicity);
    for (let i = 1; i < doses.length; i++) {
      expect(severities[i]).toBeLessThan(severities[i - 1]!);
      expect(toxicities[i]).toBeGreaterThan(toxicities[i - 1]!);
    }
    expect(severities.at(-1)).toBeCloseTo(0.07, 4);
    expect(toxicities.at(-1)).toBeCloseTo(0.8, 4);
  });

  it("inert compounds change nothing; toxic ones leave the infection; rescuing ones are not toxic", () => {
    expect(doseEffect({ name: "I", effect: "inert", dosesUm }, 3, 0.7)).toEqual({ severity: 0.7, toxicity: 0 });
    expect(doseEffect(toxic, 3, 0.7).severity).toBe(0.7);
    expect(doseEffect(rescue, 3, 0.7).toxicity).toBe(0);
  });
});
