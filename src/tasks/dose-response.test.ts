import { describe, expect, it } from "vitest";
import { mean } from "../math/statistics.ts";
import { aggregate } from "../profiles/aggregate.ts";
import { type ProfileTable, rowsWhere, selectRows } from "../profiles/profile-table.ts";
import { type Curve, TaskRun } from "../schema/task-result.ts";
import { compareToTruth, type PlantedCompound } from "./compare-to-truth.ts";
import { conditionTask } from "./condition.ts";
import { runTask } from "./define-task.ts";
import { doseResponseTask } from "./dose-response.ts";
import { perturbationAxis } from "./perturbation-axis.ts";
import { PLANTED_COMPOUNDS, PLANTED_DOSES, plantedScreen } from "./planted-screen.fixture.ts";
import { plateIdentityTask } from "./plate-identity.ts";
import { findTask, tasks } from "./registry.ts";

const context = { seed: 1, encoder: "planted" };
const MOCK = { condition: ["Mock"] };
const ACTIVE = { role: ["positive_control"] };
const params = {
  healthy: MOCK,
  diseased: ACTIVE,
  treated: { role: ["treated"] },
  alsoScored: { UV: { condition: ["UV"] } },
};
const doseResponse = (table: ProfileTable, more: object = {}) =>
  runTask(doseResponseTask, table, { ...params, ...more }, context);
const curveOf = (run: TaskRun, name: string): Curve => {
  const found = run.results.find((r) => r.kind === "curve" && r.name === name);
  if (found?.kind !== "curve") throw new Error(`no curve of ${name}`);
  return found;
};
const cell = (run: TaskRun, table: RegExp, row: string, column: string) => {
  const found = run.results.find((r) => r.kind === "table" && table.test(r.name));
  if (found?.kind !== "table") throw new Error(`no table ${table}`);
  return found.rows.find((r) => r[0] === row)?.[found.columns.indexOf(column)];
};

describe("dose-response on planted compounds", () => {
  const run = doseResponse(plantedScreen({ nFeatures: 64, effect: 10 }));

  it("is a valid result that counts what it used", () => {
    expect(TaskRun.parse(run)).toEqual(run);
    expect(run).toMatchObject({ split: "axis from other plates", nPlates: 4, nWells: 392, nImages: 784 });
  });

  it.each(["Rescue A", "Rescue B"])("finds the EC50 of %s within twofold, falling, plateau near healthy", (name) => {
    const curve = curveOf(run, name);
    const planted = PLANTED_COMPOUNDS.find((c) => c.name === name)!;
    expect(curve.refused).toBeNull();
    expect(Math.abs(Math.log2(curve.ec50Um! / planted.ec50Um))).toBeLessThan(1);
    expect(curve.fit!.hill).toBeLessThan(0);
    expect(curve.fit!.top).toBeCloseTo(1, 1);
    expect(curve.fit!.bottom).toBeLessThan(0.3);
    expect(curve.points).toHaveLength(48);
    expect(cell(run, /Compounds/, name, "verdict")).toBe("rescues");
  });

  it("refuses an EC50 to inert compounds and to one too weak for the tested doses", () => {
    for (const name of ["Inert D", "Inert E"]) {
      expect(curveOf(run, name)).toMatchObject({ ec50Um: null, ec50Ci95Um: null, fit: null });
      expect(curveOf(run, name).refused).toMatch(/a flat line explains the wells as well/);
      expect(cell(run, /Compounds/, name, "verdict")).toBe("no effect");
    }
    expect(curveOf(run, "Weak C").ec50Um).toBeNull();
  });

  it("sets the toxic doses aside instead of calling the compound a rescue", () => {
    expect(curveOf(run, "Toxin F").ec50Um).toBeNull();
    expect(curveOf(run, "Toxin F").refused).toMatch(/wells at .*3 µM leave the axis and were set aside/);
    expect(curveOf(run, "Toxin F").setAsideUm).toContain(3);
    expect(curveOf(run, "Weak C").setAsideUm).toBeUndefined();
    expect(cell(run, /Compounds/, "Toxin F", "verdict")).toBe("off-axis");
    expect(run.notes.join(" ")).toMatch(/set aside \(toxic, or other biology\): Toxin F at/);
  });

  it("places healthy wells at 0, diseased at 1, and UV wells, which had no part in the axis, at 0", () => {
    expect(Math.abs(Number(cell(run, /Groups/, "healthy controls", "median")))).toBeLessThan(0.05);
    expect(Math.abs(Number(cell(run, /Groups/, "diseased controls", "median")) - 1)).toBeLessThan(0.05);
    expect(Math.abs(Number(cell(run, /Groups/, "UV", "median")))).toBeLessThan(0.1);
  });

  it("calls a compound that makes it worse so, and gives no EC50 of rescue", () => {
    const worse = doseResponse(plantedScreen({ nFeatures: 64, effect: 10, worsens: true }));
    expect(curveOf(worse, "Worse G").ec50Um).toBeNull();
    expect(curveOf(worse, "Worse G").refused).toMatch(/the wells move away from healthy as the dose rises/);
    expect(cell(worse, /Compounds/, "Worse G", "verdict")).toBe("away from healthy");
    expect(cell(worse, /Compounds/, "Worse G", "rescue score")).toBeLessThan(0.3);
  });
});

describe("the perturbation axis", () => {
  it("obeys on(healthy mean) = 0 and on(diseased mean) = 1 on every plate", () => {
    const wells = aggregate(plantedScreen({ nFeatures: 16 }));
    const [healthy, diseased] = [rowsWhere(wells, MOCK), rowsWhere(wells, ACTIVE)];
    const axis = perturbationAxis(wells, healthy, diseased);
    for (const plate of axis.plates) {
      const on = (rows: number[]) =>
        mean(rows.filter((r) => wells.metadata.get("plate_id")![r] === plate).map((r) => axis.on[r]!));
      expect(on(healthy)).toBeCloseTo(0, 5);
      expect(on(diseased)).toBeCloseTo(1, 5);
    }
  });

  it("does not let the noise of its own controls make inert compounds seem to rescue", () => {
    // 256 features, an effect as large as the noise of a mean: drawn on the same plate, inert wells would lie near 0.8.
    const wells = aggregate(plantedScreen({ nFeatures: 256, effect: 6, seed: 3 }));
    const { on } = perturbationAxis(wells, rowsWhere(wells, MOCK), rowsWhere(wells, ACTIVE));
    const inert = rowsWhere(wells, { treatment: ["Inert D", "Inert E"] });
    expect(Math.abs(mean(inert.map((row) => on[row]!)) - 1)).toBeLessThan(0.12);
  });

  it("works on a single plate, each control scored by the half that it is not in", () => {
    const run = doseResponse(plantedScreen({ nPlates: 1, nFeatures: 64, effect: 12 }));
    expect(run.split).toBe("axis from other half of the controls");
    expect(Math.abs(Number(cell(run, /Groups/, "UV", "median")))).toBeLessThan(0.2);
    expect(Math.abs(Math.log2(curveOf(run, "Rescue A").ec50Um! / 0.1))).toBeLessThan(1.5);
  });

  it("leaves out plates without controls, and says how many wells that cost", () => {
    const table = plantedScreen({ nPlates: 3 });
    const { metadata } = table;
    const keep = rowsWhere(table, {}).filter(
      (row) => metadata.get("plate_id")![row] !== "p2" || metadata.get("role")![row] === "treated",
    );
    const fewer = selectRows(table, keep);
    const run = doseResponse(fewer);
    expect(run.nPlates).toBe(2);
    expect(run.notes.join(" ")).toMatch(/72 treated wells lie on plates without usable controls/);
  });

  it("refuses where there are no controls to draw it between, or where it turns round from plate to plate", () => {
    const wells = aggregate(plantedScreen({ nPlates: 2 }));
    expect(() => perturbationAxis(wells, [0], [1])).toThrow(/no plate has enough healthy and diseased wells/);
    const one = aggregate(plantedScreen({ nPlates: 1 }));
    const [mock, active] = [rowsWhere(one, MOCK), rowsWhere(one, ACTIVE)];
    expect(() => perturbationAxis(one, mock.slice(0, 3), active)).toThrow(/a single plate needs four of each/);
    const onPlate = (plate: string, selector: object) => rowsWhere(wells, { ...selector, plate_id: [plate] });
    const turned = [
      [...onPlate("p0", MOCK), ...onPlate("p1", ACTIVE)],
      [...onPlate("p0", ACTIVE), ...onPlate("p1", MOCK)],
    ] as const;
    expect(() => perturbationAxis(wells, ...turned)).toThrow(
      /no direction from healthy to diseased that holds from plate to plate \(p0, p1\)/,
    );
  });

  it("leaves out a plate whose controls are exchanged, and the task says so", () => {
    const table = plantedScreen({ nPlates: 4 });
    const plate = table.metadata.get("plate_id")!;
    const exchange = (name: string, a: string, b: string) =>
      table.metadata.get(name)!.map((v, i) => (plate[i] === "p3" ? (v === a ? b : v === b ? a : v) : v));
    const metadata = new Map(table.metadata)
      .set("condition", exchange("condition", "Mock", "Active"))
      .set("role", exchange("role", "negative_control", "positive_control"));
    const run = doseResponse({ ...table, metadata });
    expect(run.nPlates).toBe(3);
    expect(run.notes.join(" ")).toMatch(/the wrong way round on the axis of the other plates: p3/);
  });
});

describe("compareToTruth", () => {
  const table = plantedScreen({ nFeatures: 64, effect: 10 });
  const condition = (positive: object) =>
    runTask(conditionTask, table, { negative: MOCK, positive: positive as never, nResamples: 200 }, context);
  const plates = (normalise: "none" | "plate") =>
    runTask(plateIdentityTask, table, { rows: MOCK, normalise, nResamples: 200 }, context);
  const compounds = PLANTED_COMPOUNDS.map((c) => ({ ...c, dosesUm: PLANTED_DOSES })) as PlantedCompound[];

  it("finds every planted truth met on a clear screen, and says by what rule", () => {
    const checks = compareToTruth(
      {
        separable: condition(ACTIVE),
        inseparable: condition({ condition: ["UV"] }),
        doseResponse: doseResponse(table),
        plateBefore: plates("none"),
        plateAfter: plates("plate"),
      },
      compounds,
    );
    expect(checks.filter((c) => c.verdict !== "met")).toEqual([]);
    expect(checks.map((c) => c.what)).toEqual([
      "Mock against positive_control: different",
      "Mock against UV: alike",
      "Rescue A: EC50 (µM)",
      "Rescue B: EC50 (µM)",
      "Weak C: EC50 outside the tested doses",
      "Inert D: inert",
      "Inert E: inert",
      "Toxin F: toxic, not a rescue",
      "Plate effect: seen before normalising",
      "Plate effect: gone after normalising",
    ]);
  });

  it("says missed where the answer is wrong", () => {
    const wrong: PlantedCompound[] = [
      { name: "Rescue A", effect: "inert" },
      { name: "Rescue B", effect: "toxic" },
      { name: "Inert D", effect: "rescue", ec50Um: 0.1, dosesUm: PLANTED_DOSES },
      { name: "Inert E", effect: "toxic" },
      { name: "Absent G", effect: "inert" },
      { name: "Rescue A", effect: "rescue", ec50Um: 1, dosesUm: PLANTED_DOSES },
      { name: "Rescue A", effect: "rescue", ec50Um: 30, dosesUm: PLANTED_DOSES },
    ];
    const checks = compareToTruth(
      {
        separable: condition({ condition: ["UV"] }),
        inseparable: condition(ACTIVE),
        doseResponse: doseResponse(table),
        plateBefore: plates("plate"),
        plateAfter: plates("none"),
      },
      wrong,
    );
    expect(checks.every((c) => c.verdict === "missed")).toBe(true);
    expect(checks.map((c) => c.explanation).join("\n")).toMatch(
      /An EC50 was given where there is none[\s\S]*called a rescue[\s\S]*Refused: a flat line[\s\S]*not seen to leave the axis[\s\S]*No well of this compound[\s\S]*-fold off; the 95 % interval does not hold[\s\S]*tested doses cannot show/,
    );
  });
});

describe("the registry of tasks", () => {
  it("has unique ids, a description and parameters for each, and finds them by id", () => {
    expect(new Set(tasks.map((t) => t.id)).size).toBe(tasks.length);
    for (const task of tasks) {
      expect(findTask(task.id)).toBe(task);
      expect(task.description.length).toBeGreaterThan(20);
      expect(task.needs.length).toBeGreaterThan(0);
      expect(task.params.safeParse({ noSuchParameter: 1 }).success).toBe(false);
    }
    expect(() => findTask("ec50")).toThrow(
      /no task "ec50".*\n.*condition, cell-type, perturbation, hits, dose-response, retrieval, batch-effects, plate-identity/,
    );
  });
});
