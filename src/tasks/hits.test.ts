import { describe, expect, it } from "vitest";
import { fitPipeline } from "../profiles/pipeline.ts";
import { rowsWhere } from "../profiles/profile-table.ts";
import { TaskRun } from "../schema/task-result.ts";
import { runTask } from "./define-task.ts";
import { doseResponseTask } from "./dose-response.ts";
import { hitsTask } from "./hits.ts";
import { nullScreen } from "./null-screen.fixture.ts";
import { PLANTED_COMPOUNDS, plantedScreen } from "./planted-screen.fixture.ts";

const context = { seed: 1, encoder: "planted" };
const CLASSES = {
  healthy: { condition: ["Mock"] },
  diseased: { condition: ["Active"], treatment: [null] },
};
const planted = { ...CLASSES, treated: { treatment: PLANTED_COMPOUNDS.map((c) => c.name) } };
const table = (run: TaskRun) => {
  const found = run.results.find((r) => r.kind === "table");
  if (found?.kind !== "table") throw new Error("no table");
  return found.rows.map((row) => Object.fromEntries(found.columns.map((name, i) => [name, row[i]])));
};
const score = (run: TaskRun, metric: string) => {
  const found = run.results.find((r) => r.kind === "score" && r.metric === metric && r.part === null);
  return found?.kind === "score" ? found : undefined;
};

describe("hits", () => {
  const known = { "Rescue A": 0.9, "Rescue B": 0.8, "Weak C": 0.3, "Inert D": 0.05, "Inert E": 0, "Toxin F": -0.5 };
  const run = runTask(
    hitsTask,
    plantedScreen(),
    { ...planted, known, actives: ["Rescue A", "Rescue B"], nPermutations: 2000 },
    context,
  );

  it("calls the planted rescues, and neither the inert nor the toxic", () => {
    expect(TaskRun.parse(run)).toEqual(run);
    const rows = table(run);
    const called = rows.filter((r) => r.verdict === "hit").map((r) => r.treatment);
    expect(called).toEqual(expect.arrayContaining(["Rescue A", "Rescue B"]));
    for (const name of ["Inert D", "Inert E", "Toxin F"]) expect(called).not.toContain(name);
    expect(
      rows
        .slice(0, 2)
        .map((r) => r.treatment)
        .sort(),
    ).toEqual(["Rescue A", "Rescue B"]);
    for (const row of rows.slice(0, 2)) {
      expect(row.p).toBeCloseTo(1 / 2001, 9);
      expect(Number(row["95 % from"])).toBeLessThan(Number(row["rescue score"]));
    }
  });

  it("reports the controls' Z′ with an interval over wells, and agreement with known scores", () => {
    const z = score(run, "Z′ (wells)")!;
    expect(z.ci95![0]).toBeLessThan(z.value);
    expect(z.nUnits).toBe(104);
    expect(score(run, "AUC of known actives")!.value).toBe(1);
    expect(score(run, "Spearman with known scores")!.value).toBeGreaterThan(0.4);
    expect(score(run, "top 6 shared with known scores")).toMatchObject({ value: 6, chance: 6 });
    expect(score(run, "Jaccard of the top 6")!.value).toBe(1);
    expect(score(run, "Kendall with known scores")!.value).toBeGreaterThan(0);
    expect(score(run, "Kendall with known scores")!.ci95).not.toBeNull();
    expect(score(run, "hit@5 of the best known score")).toMatchObject({ value: 1, chance: 5 / 6 });
    expect(score(run, "share of known actives in the first 6")).toMatchObject({ value: 1, chance: 1 });
  });

  it("keeps the false discovery rate: of 300 screens without any effect at most 6 % call anything at 5 %", () => {
    let wrong = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const treated = { treatment: Array.from({ length: 12 }, (_, i) => `Inert ${i}`) };
      const params = { ...CLASSES, treated, nPermutations: 999, nResamples: 10 };
      const nothing = runTask(hitsTask, nullScreen({ seed }), params, { ...context, seed });
      if (table(nothing).some((row) => row.verdict === "hit")) wrong++;
    }
    expect(wrong).toBeLessThanOrEqual(18);
    expect(wrong).toBeGreaterThan(3); // nor is a level that is never used a virtue: it would cost true hits
  });

  it("keeps its level with two untreated wells a plate, whose own mean is where the axis ends", () => {
    let [n, below] = [0, 0];
    for (let seed = 1; seed <= 100; seed++) {
      const screen = nullScreen({ seed, nPlates: 8, doses: [1], nHealthy: 2, nDiseased: 2 });
      const params = { ...CLASSES, treated: { dose_um: [1] }, nPermutations: 999, nResamples: 10 };
      for (const row of table(runTask(hitsTask, screen, params, { ...context, seed }))) {
        n++;
        if (Number(row.p) <= 0.05) below++;
      }
    }
    expect(n).toBe(1200);
    expect(below / n).toBeLessThan(0.07); // 0.05 and three standard errors; 0.09 where the axis is not calibrated anew
  });

  it("has the Z′ of many controls a plate with two a plate too, though these set their own mean to 0 and 1", () => {
    const zOf = (nControls: number, seed: number) => {
      const screen = nullScreen({
        seed,
        nPlates: 20,
        nCompounds: 1,
        doses: [1],
        nHealthy: nControls,
        nDiseased: nControls,
      });
      const params = { ...CLASSES, treated: { dose_um: [1] }, nPermutations: 99, nResamples: 10 };
      return score(runTask(hitsTask, screen, params, { ...context, seed }), "Z′ (wells)")!.value;
    };
    const few = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((seed) => zOf(2, seed));
    const many = zOf(64, 1); // −0.22
    expect(Math.abs(few.reduce((sum, z) => sum + z, 0) / 10 - many)).toBeLessThan(0.12); // 0.25 without the correction
  });

  it("refuses profiles whitened on the untreated wells, which then seem alike and compounds unlike: p ≤ 0.05 twice too often", () => {
    const screen = nullScreen({ seed: 1, doses: [1] });
    const params = { ...CLASSES, treated: { dose_um: [1] }, nPermutations: 99 };
    const whitened = (rows?: number[]) => fitPipeline(screen, [{ kind: "sphere" }], rows).table;
    const uneven = whitened(rowsWhere(screen, CLASSES.diseased));
    expect(() => runTask(hitsTask, uneven, params, context)).toThrow(
      /sphere learned from 48 of the 84 rows that are compared, which it draws together/,
    );
    const { nPermutations: _, ...curves } = params;
    expect(() => runTask(doseResponseTask, uneven, curves, context)).toThrow(/which it draws together/);
    const told = runTask(hitsTask, uneven, params, { ...context, allowLeak: true });
    expect(told.notes.join(" ")).toMatch(/Leaks, and is shown all the same: sphere learned from 48 of the 84/);
    const fair = runTask(hitsTask, whitened(), params, context);
    expect(fair.notes.join(" ")).toMatch(/sphere learned from all rows that are compared/);
    const healthy = runTask(hitsTask, whitened(rowsWhere(screen, CLASSES.healthy)), params, context);
    expect(healthy.notes.join(" ")).toMatch(/sphere learned from none of the rows that are compared/);
  });

  it("says when its permutations are too few for so many compounds, and when names have no known score", () => {
    const few = runTask(
      hitsTask,
      plantedScreen({ nPlates: 2 }),
      { ...planted, nPermutations: 99, known: { "Rescue A": 1 } },
      context,
    );
    expect(few.notes.join(" ")).toMatch(/99 permutations cannot reach q ≤ 0\.05/);
    expect(few.notes.join(" ")).toMatch(/5 compounds have no known score/);
  });
});
