import { describe, expect, it } from "vitest";
import { aggregate } from "../profiles/aggregate.ts";
import { type ProfileTable, profileTable, rowsWhere, selectRows } from "../profiles/profile-table.ts";
import { applyStandardise, fitStandardise } from "../profiles/standardise.ts";
import { type Score, TaskRun } from "../schema/task-result.ts";
import { batchEffectsTask } from "./batch-effects.ts";
import { conditionTask } from "./condition.ts";
import { runTask } from "./define-task.ts";
import { leavePlateOut, wellScores } from "./leave-plate-out.ts";
import { plantedScreen } from "./planted-screen.fixture.ts";
import { plateIdentityTask } from "./plate-identity.ts";

const context = { seed: 1, encoder: "planted" };
const MOCK = { condition: ["Mock"] };
const ACTIVE = { condition: ["Active"], treatment: [null] };
const UV = { condition: ["UV"] };
const score = (run: TaskRun, metric: string, part: string | null = null): Score => {
  const found = run.results.find((r) => r.kind === "score" && r.metric === metric && r.part === part);
  if (found?.kind !== "score") throw new Error(`no ${metric} of ${part}`);
  return found;
};
const condition = (table: ProfileTable, more: object = {}) =>
  runTask(conditionTask, table, { negative: MOCK, positive: ACTIVE, nResamples: 200, ...more }, context);

describe("condition", () => {
  it("finds a planted difference on plates it did not learn from, in spite of plate effects", () => {
    const run = condition(plantedScreen());
    expect(TaskRun.parse(run)).toEqual(run);
    expect(run).toMatchObject({
      title: "Mock against Active",
      split: "leave-plate-out",
      nPlates: 4,
      nWells: 104,
      nImages: 208,
    });
    expect(score(run, "AUC").value).toBeGreaterThan(0.99);
    expect(score(run, "AUC", "p2").value).toBeGreaterThan(0.97);
    expect(score(run, "AUC (wells)").value).toBeGreaterThan(0.99);
    expect(score(run, "accuracy").chance).toBeCloseTo(128 / 208, 12);
    expect(run.notes[0]).toMatch(/"Active" every time scores accuracy 0\.615, balanced accuracy 0\.5 and AUC 0\.5/);
  });

  it("does not find a difference where none was planted", () => {
    let held = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const { ci95, value } = score(condition(plantedScreen({ seed }), { positive: UV }), "AUC");
      expect(Math.abs(value - 0.5)).toBeLessThan(0.2);
      if (ci95![0] <= 0.5 && 0.5 <= ci95![1]) held++;
    }
    expect(held).toBeGreaterThanOrEqual(8);
  });

  it("standardising plates mends the decision threshold that plate effects move, and says so in its split", () => {
    const table = plantedScreen();
    const before = condition(table);
    const after = condition(table, { normalise: "plate" });
    expect(score(before, "balanced accuracy").value).toBeLessThan(0.7);
    expect(score(after, "balanced accuracy").value).toBeGreaterThan(0.9);
    expect(after.split).toBe("leave-plate-out, each plate standardised on all its wells");
  });

  it("never lets a held-out plate into its own training: labels of one plate turned over leave that plate's scores as they were", () => {
    const table = plantedScreen({ nPlates: 3 });
    const [mock, active] = [rowsWhere(table, MOCK), rowsWhere(table, ACTIVE)];
    const turned = (rows: number[], others: number[]) => {
      const onPlate = (row: number) => table.metadata.get("plate_id")![row] === "p1";
      return [...rows.filter((r) => !onPlate(r)), ...others.filter(onPlate)];
    };
    const options = { c: 0.01, unit: ["well_id"] };
    const scoresOf = (negative: number[], positive: number[]) =>
      new Map(
        leavePlateOut(table, negative, positive, options)
          .scored.filter((s) => s.plate === "p1")
          .map((s) => [s.row, s.score]),
      );
    const before = scoresOf(mock, active);
    expect(scoresOf(turned(mock, active), turned(active, mock))).toEqual(before);
    expect(before.size).toBe(52);
  });

  it("has the answer computed by hand on four plates' worth of one feature", () => {
    // Plates a and b, two wells a class; on plate b one negative well scores above one positive well: AUC 1 and 3/4.
    const wells = [
      ["a", "N", 0], ["a", "N", 1], ["a", "P", 10], ["a", "P", 11],
      ["b", "N", 0], ["b", "N", 6], ["b", "P", 5], ["b", "P", 12],
    ] as const; // biome-ignore format: one line a plate
    const table = profileTable({
      features: Float32Array.from(wells, (w) => w[2]),
      featureNames: ["feature_0"],
      metadata: new Map([
        ["plate_id", wells.map((w) => w[0])],
        ["well_id", wells.map((_, i) => `w${i}`)],
        ["class", wells.map((w) => w[1])],
      ]),
    });
    const run = runTask(
      conditionTask,
      table,
      { negative: { class: ["N"] }, positive: { class: ["P"] }, nResamples: 50 },
      context,
    );
    expect(score(run, "AUC", "a").value).toBe(1);
    expect(score(run, "AUC", "b").value).toBe(0.75);
    expect(score(run, "AUC").value).toBe(0.875);
    expect(run.results.at(-1)).toEqual({
      kind: "confusion",
      classes: ["N", "P"],
      counts: [
        [3, 1],
        [1, 3],
      ],
    });
  });

  it("refuses wells that are named alike on several plates, which it would average and count as one", () => {
    const table = plantedScreen({ nPlates: 2 });
    const well = table.metadata.get("well_id")!.map((name) => String(name).replace(/^p\d_/, ""));
    const alike = profileTable({ ...table, metadata: new Map([...table.metadata, ["well_id", well]]) });
    expect(() => condition(alike)).toThrow(
      /108 values of well_id stand on more than one plate; the first is "w0", on p0 and p1/,
    );
    expect(() => aggregate(alike)).toThrow(/make it of plate and well, e.g. --columns well_id=plate_id\+well_id/);
    expect(aggregate(alike, { by: "condition" }).nRows).toBe(3);
  });

  it("gives no interval where a class is one well, and one over fields when asked, with a warning", () => {
    const all = plantedScreen({ nPlates: 2 });
    const one = oneWellAClass(all);
    const narrow = selectRows(all, one);
    const run = condition(narrow);
    expect(score(run, "AUC").ci95).toBeNull();
    expect(run.results.some((r) => r.kind === "score" && r.metric === "AUC (wells)")).toBe(false);
    expect(run.notes.join(" ")).toMatch(/On p0, p1 a class is a single well.*No interval can be given/s);
    // Eight fields of one well a class: four of the screen's wells by one name.
    const rows = firstWells(all, 4);
    const fields = selectRows(plantedScreen({ nPlates: 2, effect: 1 }), rows);
    const named = ["plate_id", "condition"].map((name) => fields.metadata.get(name)!);
    const well = named[0]!.map((plate, i) => `${plate} ${named[1]![i]}`);
    const wide = profileTable({ ...fields, metadata: new Map([...fields.metadata, ["well_id", well]]) });
    const byField = condition(wide, { unit: ["well_id", "site_id"] });
    expect(score(byField, "AUC").ci95).not.toBeNull();
    expect(byField.notes.join(" ")).toMatch(/Intervals take well_id \+ site_id as independent/);
    expect(byField.notes.join(" ")).toMatch(/Only 2 plates were held out/);
  });

  it("does not call a perfect AUC known to ±0", () => {
    const run = condition(plantedScreen({ nPlates: 2, effect: 60 }));
    expect(score(run, "AUC")).toMatchObject({ value: 1, ci95: null, nUnits: 52 });
    expect(run.notes.join(" ")).toMatch(/No interval: wells are too few, or no draw of them changes the AUC/);
    expect(TaskRun.parse(run)).toEqual(run);
  });

  it("says when the well's position alone tells the classes apart", () => {
    const table = plantedScreen({ nPlates: 2 });
    const n = table.nRows;
    const conditions = table.metadata.get("condition")!;
    const metadata = new Map(table.metadata).set("row", new Array<number>(n).fill(3)).set(
      "column",
      conditions.map((c) => (c === "Mock" ? 2 : 20)),
    );
    const run = condition({ ...table, metadata });
    expect(score(run, "AUC of well position alone").value).toBe(1);
    expect(run.notes.join(" ")).toMatch(/position of the well alone, without any image, scores AUC 1\.000/);
  });

  it("repeats by its seed", () => {
    const table = plantedScreen({ nPlates: 2 });
    expect(condition(table)).toEqual(condition(table));
  });

  it("scores a well by the mean of its images", () => {
    const image = { row: 0, positive: true, plate: "p", well: "w", unit: "u" };
    expect(
      wellScores([
        { ...image, score: 1 },
        { ...image, row: 1, score: 4 },
      ]),
    ).toEqual([{ ...image, unit: "w", score: 2.5 }]);
  });

  it.each([
    [
      "an empty class",
      { positive: { condition: ["Actve"] } },
      /no row belongs to Actve.*\n.*nothing matches \{"condition":\["Actve"\]\}/,
    ],
    [
      "classes that overlap",
      { positive: { condition: ["Mock", "Active"] } },
      /40 rows belong both to Mock and to Mock or Active/,
    ],
    ["an unknown column", { positive: { state: ["x"] } }, /no metadata column "state"/],
    ["an unknown parameter", { cost: 1 }, /parameters of task "condition" are not right.*\n.*cost/s],
    ["a missing parameter", { positive: undefined, c: "x" }, /why: positive is missing: .*score high.*\n.*\n.*at c/],
  ])("refuses %s", (_, more, message) => {
    expect(() => condition(plantedScreen({ nPlates: 2 }), more)).toThrow(message);
  });

  it("refuses a single plate with both classes, and a table without plates", () => {
    expect(() => condition(plantedScreen({ nPlates: 1 }))).toThrow(
      /both classes on one plate: only p0 does.*\n.*at least 2/,
    );
    const { metadata, ...rest } = plantedScreen({ nPlates: 2 });
    const without = new Map([...metadata].filter(([name]) => name !== "plate_id"));
    expect(() => condition({ ...rest, metadata: without })).toThrow(
      /needs the metadata plate_id.*\n.*it has site_id, well_id/,
    );
  });
});

/** Rows of one mock and one active well on each plate. */
const oneWellAClass = (table: ProfileTable) => firstWells(table, 1);

/** The rows of the first wells of each class on two plates. */
function firstWells(table: ProfileTable, nWells: number): number[] {
  const wells = table.metadata.get("well_id")!;
  const firsts = new Set<string>();
  for (const plate of ["p0", "p1"]) {
    for (const selector of [MOCK, ACTIVE])
      for (const row of rowsWhere(table, { ...selector, plate_id: [plate] }).slice(0, 2 * nWells))
        firsts.add(String(wells[row]));
  }
  return wells.flatMap((well, row) => (firsts.has(String(well)) ? [row] : []));
}

describe("plate-identity", () => {
  const naming = (table: ProfileTable, more: object = {}) =>
    runTask(plateIdentityTask, table, { rows: MOCK, nResamples: 200, ...more }, context);

  it("names plates with a planted effect, and not after standardising them", () => {
    const table = plantedScreen();
    const before = naming(table);
    expect(TaskRun.parse(before)).toEqual(before);
    expect(before).toMatchObject({ split: "5 folds by well", nPlates: 4, nWells: 40, nImages: 80, notes: [] });
    expect(score(before, "balanced accuracy")).toMatchObject({ chance: 0.25 });
    expect(score(before, "balanced accuracy").value).toBeGreaterThan(0.9);
    const after = score(naming(table, { normalise: "plate" }), "balanced accuracy");
    expect(after.value).toBeLessThan(0.45);
  });

  it("is at chance where plates do not differ", () => {
    const { value, ci95 } = score(naming(plantedScreen({ plateEffect: 0 })), "balanced accuracy");
    expect(ci95![0]).toBeLessThan(0.3);
    expect(value).toBeLessThan(0.45);
  });

  it("falls back to images, with a note and no interval, where a plate has one well", () => {
    const table = plantedScreen({ nPlates: 2 });
    const run = naming(selectRows(table, oneWellAClass(table)), { nFolds: 2 });
    expect(run.split).toBe("2 folds by image");
    expect(score(run, "accuracy").ci95).toBeNull();
    expect(run.notes.join(" ")).toMatch(/single well here, so folds are by image.*may as well name the well/);
  });

  it("refuses plates standardised on the very wells that are named: their means are 0 by construction", () => {
    const table = plantedScreen();
    const chosen = applyStandardise(table, fitStandardise(table, { by: "plate_id", rows: rowsWhere(table, MOCK) }));
    expect(() => naming(chosen)).toThrow(/standardise by plate_id learned from 80 chosen rows, 80 of which are tested/);
    expect(() => runTask(batchEffectsTask, chosen, { rows: MOCK }, context)).toThrow(/learned from 80 chosen rows/);
    const whole = applyStandardise(table, fitStandardise(table, { by: "plate_id" }));
    expect(naming(whole).notes.join(" ")).toMatch(/learned from all rows of each group, whatever their class/);
  });

  it("refuses one plate", () => {
    expect(() => naming(plantedScreen({ nPlates: 1 }))).toThrow(/having rows to compare: only p0 does/);
  });
});
