import { describe, expect, it } from "vitest";
import { doseEffect } from "./dose-effect.ts";
import { mean } from "./nuclei.fixture.ts";
import { resolveSyntheticOptions } from "./options.ts";
import { planScreen } from "./plan-screen.ts";
import { CONDITION } from "./truth.ts";

const options = resolveSyntheticOptions();
const { plates, wells } = planScreen(options);

describe("planScreen", () => {
  it("holds what was asked for on every plate: controls, and each compound at each dose", () => {
    expect(plates.map((p) => p.plate_id)).toEqual(["SYN-1_1", "SYN-1_2", "SYN-2_1", "SYN-2_2"]);
    for (const { plate_id } of plates) {
      const here = wells.filter((w) => w.plate_id === plate_id);
      const untreated = (condition: string) => here.filter((w) => w.condition === condition && w.treatment === null);
      expect(Object.values(CONDITION).map((c) => untreated(c).length)).toEqual([10, 10, 16]);
      for (const compound of options.compounds)
        for (const dose of compound.dosesUm)
          expect(here.filter((w) => w.treatment === compound.name && w.dose_um === dose)).toHaveLength(2);
    }
  });

  it("healthy wells have no severity at all; the others lie on their compound's curve, with spread", () => {
    for (const well of wells) {
      if (well.condition !== CONDITION.active) expect([well.severity, well.toxicity]).toEqual([0, 0]);
      const compound = options.compounds.find((c) => c.name === well.treatment);
      if (compound === undefined) continue;
      expect(well.expectedSeverity).toBe(doseEffect(compound, well.dose_um!, 0.7).severity);
      expect(Math.abs(well.severity - well.expectedSeverity)).toBeLessThan(0.06 * 5);
    }
    const active = wells.filter((w) => w.treatment === null && w.condition === CONDITION.active).map((w) => w.severity);
    expect(Math.abs(mean(active) - 0.7)).toBeLessThan(0.03);
    expect(new Set(active).size).toBe(active.length);
  });

  it("does not tell the class by nuisance: gain, density and column are alike in Mock and infected wells", () => {
    const healthy = wells.filter((w) => w.condition === CONDITION.mock);
    const ill = wells.filter((w) => w.condition === CONDITION.active);
    for (const value of [
      (w: (typeof wells)[number]) => w.column / 46,
      (w: (typeof wells)[number]) => w.gain[1]!,
      (w: (typeof wells)[number]) => w.cellDensity,
      (w: (typeof wells)[number]) => w.nuisance.fibres / 2,
    ])
      expect(Math.abs(mean(healthy.map(value)) - mean(ill.map(value)))).toBeLessThan(0.15); // 3 standard errors of the widest
  });

  it("plateEffect 0 leaves all plates alike, 2 makes them differ more", () => {
    const none = planScreen(resolveSyntheticOptions({ plateEffect: 0 }));
    for (const plate of none.plates) {
      expect(plate.gain).toEqual([1, 1, 1, 1, 1]);
      expect(plate.columnGain).toBe(0);
      expect(plate.cellDensity).toBe(1);
    }
    const strong = planScreen(resolveSyntheticOptions({ plateEffect: 2 }));
    expect(Math.log(strong.plates[0]!.gain[0]!)).toBeCloseTo(2 * Math.log(plates[0]!.gain[0]!), 12);
  });

  it("is the same for the same seed, and a plate does not depend on how many others there are", () => {
    expect(planScreen(options)).toEqual({ plates, wells });
    expect(planScreen({ ...options, seed: 2 })).not.toEqual({ plates, wells });
    expect(planScreen({ ...options, experiments: ["SYN-2"] }).plates).toEqual(plates.slice(2));
  });
});
