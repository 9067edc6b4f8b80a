import { describe, expect, it } from "vitest";
import { selectRows } from "../profiles/profile-table.ts";
import { TaskRun } from "../schema/task-result.ts";
import { batchEffectsTask } from "./batch-effects.ts";
import { cellTypeTask } from "./cell-type.ts";
import { screen } from "./classed-screen.fixture.ts";
import { runTask } from "./define-task.ts";
import { perturbationTask } from "./perturbation.ts";

const context = { seed: 1, encoder: "planted" };
const score = (run: TaskRun, metric: string) => {
  const found = run.results.find((r) => r.kind === "score" && r.metric === metric && r.part === null);
  if (found?.kind !== "score")
    throw new Error(`no ${metric} in ${run.results.map((r) => (r.kind === "score" ? r.metric : r.kind)).join("; ")}`);
  return found;
};

describe("cell type", () => {
  it("is named under every split, near chance where there is nothing to see", () => {
    const run = runTask(cellTypeTask, screen({ cell: 3 }), { nResamples: 50 }, context);
    expect(TaskRun.parse(run)).toEqual(run);
    for (const held of ["random images", "random wells", "plates", "experiments"]) {
      const found = score(run, `balanced accuracy, ${held} held out`);
      expect(found.value).toBeGreaterThan(0.9);
      expect(found.chance).toBeCloseTo(1 / 3, 12);
    }
    expect(score(run, "macro-F1, plates held out").value).toBeGreaterThan(0.9);
    const nothing = runTask(cellTypeTask, screen({}), { nResamples: 50, splits: ["leave-plate-out"] }, context);
    expect(score(nothing, "balanced accuracy, plates held out").value).toBeLessThan(0.5);
    expect(score(run, "balanced accuracy of well position alone").role).toBe("leak-check");
    expect(score(run, "accuracy of always the most frequent class")).toMatchObject({ role: "baseline", value: 1 / 3 });
  });

  it("takes plates as units where each plate is of one type, and says what that means", () => {
    const run = runTask(cellTypeTask, screen({ cell: 3, cellByPlate: true }), { nResamples: 50 }, context);
    expect(score(run, "balanced accuracy, plates held out").nUnits).toBe(8);
    expect(run.notes.join(" ")).toMatch(/Every plate has one class/);
  });

  it("refuses a single type", () => {
    expect(() => runTask(cellTypeTask, screen({}), { rows: { cell_type: ["cell0"] } }, context)).toThrow(
      /column "cell_type" names only cell0 among these rows/,
    );
  });
});

describe("perturbation", () => {
  const byTreatment = { topK: [1, 3], nResamples: 50 };

  it("names treatments by their nearest wells on other plates; NSCB where plates differ is the honest figure", () => {
    const run = runTask(perturbationTask, screen({ treatment: 3, plate: 0.3 }), byTreatment, context);
    expect(TaskRun.parse(run)).toEqual(run);
    expect(score(run, "NSCB accuracy").value).toBeGreaterThan(0.9);
    expect(score(run, "NSCB top-3").value).toBeGreaterThanOrEqual(score(run, "NSCB accuracy").value);
    const nothing = runTask(perturbationTask, screen({ plate: 3 }), byTreatment, context);
    const found = score(nothing, "NSCB accuracy");
    expect(found.chance).toBeCloseTo(1 / 6, 2);
    expect(Math.abs(found.value - 1 / 6)).toBeLessThan(0.12);
  });

  it("does not let a compound name its own mechanism", () => {
    // Treatments differ, mechanisms do not exist: with the compound excluded naming the mechanism is at chance or below.
    const table = screen({ treatment: 6 });
    const own = runTask(perturbationTask, table, { ...byTreatment, label: "moa" }, context);
    const nsc = runTask(perturbationTask, table, { ...byTreatment, label: "moa", compound: "treatment" }, context);
    expect(score(own, "NSC accuracy").value).toBe(1);
    expect(score(nsc, "NSC accuracy").value).toBeLessThan(0.7);
  });

  it("says what it cannot ask and what it drew", () => {
    const run = runTask(
      perturbationTask,
      screen({ treatment: 2 }),
      { ...byTreatment, profile: ["treatment"], label: "moa", maxQueries: 10, maxReferences: 10 },
      context,
    );
    expect(run.notes.join(" ")).toMatch(/No NSCB: profiles span several values of plate_id/);
    const drawn = runTask(perturbationTask, screen({ treatment: 2 }), { ...byTreatment, maxQueries: 20 }, context);
    expect(drawn.notes.join(" ")).toMatch(/20 profiles were named among 96 neighbours, drawn from 96/);
  });
});

describe("batch effects", () => {
  const params = { nResamples: 50, nNeighbours: 5 };

  it("are seen where they were planted, in naming and among neighbours, and gone after plates are standardised", () => {
    const before = runTask(batchEffectsTask, screen({ plate: 3 }), params, context);
    expect(TaskRun.parse(before)).toEqual(before);
    expect(score(before, "plate_id: balanced accuracy, random wells held out").value).toBeGreaterThan(0.9);
    const mixing = score(before, "plate_id: share of the 5 nearest of the same");
    expect(mixing.value).toBeGreaterThan(0.8);
    expect(mixing.chance).toBeCloseTo(22 / 190, 2);
    expect(score(before, "experiment: balanced accuracy, random wells held out").value).toBeGreaterThan(0.8);
    const after = runTask(batchEffectsTask, screen({ plate: 3 }), { ...params, normalise: "plate" }, context);
    expect(score(after, "plate_id: balanced accuracy, random wells held out").value).toBeLessThan(0.25);
    expect(score(after, "plate_id: share of the 5 nearest of the same").value).toBeLessThan(0.25);
  });

  it("refuses one plate", () => {
    const one = selectRows(
      screen({}),
      Array.from({ length: 24 }, (_, i) => i),
    );
    expect(() => runTask(batchEffectsTask, one, params, context)).toThrow(/names only p0/);
  });
});
