import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { selectRows } from "../profiles/profile-table.ts";
import { applyStandardise, fitStandardise } from "../profiles/standardise.ts";
import type { TaskRun } from "../schema/task-result.ts";
import { screen } from "./classed-screen.fixture.ts";
import { conditionTask } from "./condition.ts";
import { runTask } from "./define-task.ts";
import { foldsOf, SPLITS, trainingSample } from "./folds.ts";

const context = { seed: 1, encoder: "planted" };
const score = (run: TaskRun, metric: string) => {
  const found = run.results.find((r) => r.kind === "score" && r.metric === metric && r.part === null);
  if (found?.kind !== "score")
    throw new Error(`no ${metric} in ${run.results.map((r) => (r.kind === "score" ? r.metric : r.kind)).join("; ")}`);
  return found;
};

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
