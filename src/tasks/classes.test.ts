import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { type MetadataValue, type ProfileTable, profileTable, selectRows } from "../profiles/profile-table.ts";
import { applyStandardise, fitStandardise } from "../profiles/standardise.ts";
import { TaskRun } from "../schema/task-result.ts";
import { batchEffectsTask } from "./batch-effects.ts";
import { cellTypeTask } from "./cell-type.ts";
import { conditionTask } from "./condition.ts";
import { runTask } from "./define-task.ts";
import { foldsOf, SPLITS, trainingSample } from "./folds.ts";
import { perturbationTask } from "./perturbation.ts";

const context = { seed: 1, encoder: "planted" };
const score = (run: TaskRun, metric: string) => {
  const found = run.results.find((r) => r.kind === "score" && r.metric === metric && r.part === null);
  if (found?.kind !== "score")
    throw new Error(`no ${metric} in ${run.results.map((r) => (r.kind === "score" ? r.metric : r.kind)).join("; ")}`);
  return found;
};

/** 8 plates in four experiments, 12 wells a plate, two images a well; a shift for each plate, cell type and treatment. */
function screen(effects: {
  plate?: number;
  cell?: number;
  treatment?: number;
  cellByPlate?: boolean;
  seed?: number;
}): ProfileTable {
  const random = new SeededRandom(effects.seed ?? 5);
  const f = 10;
  const direction = (n: number) => Array.from({ length: n }, () => Array.from({ length: f }, () => random.normal()));
  const [plates, cells, treatments] = [direction(8), direction(3), direction(6)];
  const names = ["site_id", "plate_id", "well_id", "experiment", "cell_type", "treatment", "moa", "row", "column"];
  const metadata = new Map<string, MetadataValue[]>(names.map((name) => [name, []]));
  const features: number[] = [];
  for (let i = 0; i < 192; i++) {
    const [plate, well] = [Math.floor(i / 24), Math.floor((i % 24) / 2)];
    const cell = effects.cellByPlate ? plate % 2 : well % 3;
    const treatment = well % 6;
    for (let j = 0; j < f; j++) {
      const shift =
        (effects.plate ?? 0) * plates[plate]![j]! +
        (effects.cell ?? 0) * cells[cell]![j]! +
        (effects.treatment ?? 0) * treatments[treatment]![j]!;
      features.push(shift + random.normal());
    }
    const row = [
      `s${i}`,
      `p${plate}`,
      `p${plate}w${well}`,
      `e${plate >> 1}`,
      `cell${cell}`,
      `t${treatment}`,
      `moa${treatment >> 1}`,
      (well * 5 + plate) % 12,
      (well * 7) % 5,
    ];
    names.forEach((name, k) => {
      metadata.get(name)!.push(row[k]!);
    });
  }
  return profileTable({
    features: Float32Array.from(features),
    featureNames: Array.from({ length: f }, (_, j) => `feature_${j}`),
    metadata,
  });
}

describe("folds", () => {
  it("never learn from what is kept together with a tested row, and test every row once where they can", () => {
    const table = screen({});
    const rows = Array.from({ length: 192 }, (_, i) => i);
    const classOf = rows.map((i) => String(table.metadata.get("treatment")![i]));
    const column = {
      "by-image": "site_id",
      "by-well": "well_id",
      "leave-plate-out": "plate_id",
      "leave-experiment-out": "experiment",
    };
    for (const split of SPLITS) {
      const { folds } = foldsOf(table, rows, classOf, split, 1);
      const values = table.metadata.get(column[split])!;
      expect(folds!.flatMap((fold) => fold.test).sort((a, b) => a - b)).toEqual(rows);
      for (const { train, test } of folds!) {
        const learned = new Set(train.map((row) => values[row]));
        expect(test.some((row) => learned.has(values[row]!))).toBe(false);
      }
    }
  });

  it("say why there are none, and draw training rows class by class", () => {
    const table = selectRows(screen({}), [0, 1, 2, 3]);
    expect(foldsOf(table, [0, 1, 2, 3], ["a", "a", "b", "b"], "leave-plate-out", 1).refused).toBe(
      "all rows have one plate_id",
    );
    expect(foldsOf(table, [0, 1, 2, 3], ["a", "a", "b", "b"], "by-well", 1).refused).toBe(
      "every class has a single well_id",
    );
    const apart = selectRows(screen({}), [0, 1, 24, 25]);
    expect(foldsOf(apart, [0, 1, 2, 3], ["a", "a", "b", "b"], "leave-plate-out", 1).refused).toMatch(
      /no class lies in two plate_id groups/,
    );
    const rows = Array.from({ length: 100 }, (_, i) => i);
    const some = trainingSample(rows, (row) => String(row < 20), 50, 1);
    expect([some.length, some.filter((row) => row < 20).length]).toEqual([50, 10]);
  });
});

describe("condition under other splits", () => {
  const params = { negative: { cell_type: ["cell0"] }, positive: { cell_type: ["cell1"] }, nResamples: 50 };

  it("reports random images, random wells and experiments held out beside plates, with independent units", () => {
    const run = runTask(conditionTask, screen({ cell: 2, plate: 1 }), params, context);
    for (const metric of [
      "AUC",
      "AUC, random images held out",
      "AUC, random wells held out",
      "AUC, experiments held out",
    ]) {
      expect(score(run, metric).value).toBeGreaterThan(0.9);
      expect(score(run, metric).nUnits).toBe(64);
    }
    expect(score(run, "AUC, interval over plates").nUnits).toBe(8);
    expect(run.notes.join(" ")).toMatch(/random images held out: images of one well are near-duplicates/);
  });

  it("shows the leak of splitting by image where only wells differ", () => {
    // Each well has its own shift and nothing else tells the classes apart.
    const random = new SeededRandom(1);
    const base = screen({});
    const shifts = new Map(
      [...new Set(base.metadata.get("well_id"))].map((w) => [w, Array.from({ length: 10 }, () => 4 * random.normal())]),
    );
    const features = base.features.map(
      (v, at) => 0.2 * v + shifts.get(base.metadata.get("well_id")![Math.floor(at / 10)]!)![at % 10]!,
    );
    const run = runTask(conditionTask, { ...base, features }, { ...params, c: 1 }, context);
    expect(score(run, "AUC, random images held out").value - score(run, "AUC").value).toBeGreaterThan(0.05);
  });

  it("chooses C and learns transforms within the training plates, and takes logistic regression", () => {
    const table = screen({ cell: 1, plate: 1 });
    const more = {
      ...params,
      c: "inner" as const,
      classifier: "logistic" as const,
      steps: ["sphere:shrinkage=ledoit-wolf"],
      splits: [],
    };
    const run = runTask(conditionTask, table, more, context);
    expect(score(run, "AUC").value).toBeGreaterThan(0.8);
    expect(run.notes.join(" ")).toMatch(/C was chosen within the training plates: 0/);
    const sampled = runTask(conditionTask, table, { ...params, maxTrainRows: 40, splits: [] }, context);
    expect(sampled.notes.join(" ")).toMatch(/learned from 40 rows drawn from more/);
  });

  it("refuses profiles that were transformed by what is tested, runs them when told to, and then says so", () => {
    const table = screen({ cell: 2 });
    const leaky = applyStandardise(table, fitStandardise(table));
    expect(() => runTask(conditionTask, leaky, params, context)).toThrow(/transformed by what is about to be tested/);
    const run = runTask(conditionTask, leaky, params, { ...context, allowLeak: true });
    expect(run.notes.join(" ")).toMatch(
      /Leaks, and is shown all the same: standardise learned from 192 rows, 128 of which are tested/,
    );
    const fair = applyStandardise(table, fitStandardise(table, { by: "plate_id" }));
    expect(runTask(conditionTask, fair, params, context).notes.join(" ")).toMatch(
      /Before the task: standardise by plate_id learned from all rows/,
    );
  });
});

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
