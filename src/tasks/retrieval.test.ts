import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import type { MetadataValue } from "../profiles/lineage.ts";
import { fitPipeline } from "../profiles/pipeline.ts";
import { type ProfileTable, profileTable, rowsWhere } from "../profiles/profile-table.ts";
import { TaskRun } from "../schema/task-result.ts";
import { runTask } from "./define-task.ts";
import { retrievalTask } from "./retrieval.ts";

const context = { seed: 1, encoder: "planted" };
const controls = { treatment: ["DMSO"] };

/** 24 controls and 12 treatments of two kinds, four wells each, around centres `effect` long. */
function wells(effect: number, more: { adjacent?: boolean } = {}): ProfileTable {
  const random = new SeededRandom(7);
  const f = 16;
  const centres = Array.from({ length: 12 * f }, () => random.normal());
  const treatment: MetadataValue[] = [];
  const features: number[] = [];
  for (let i = 0; i < 72; i++) {
    const t = i < 24 ? null : (i - 24) % 12;
    treatment.push(t === null ? "DMSO" : `T${t}`);
    for (let j = 0; j < f; j++) features.push(random.normal() + (t === null ? 0 : effect * centres[t * f + j]!));
  }
  const metadata = new Map<string, MetadataValue[]>([
    ["well_id", treatment.map((_, i) => `w${i}`)],
    ["treatment", treatment],
    ["moa", treatment.map((t) => (t === "DMSO" ? "none" : Number(String(t).slice(1)) < 6 ? "a" : "b"))],
  ]);
  if (more.adjacent) {
    metadata.set(
      "row",
      treatment.map((t, i) => (t === "DMSO" ? 40 + (i % 5) : Number(String(t).slice(1)))),
    );
    metadata.set(
      "column",
      treatment.map((t, i) => (t === "DMSO" ? 40 + (i % 7) : 1)),
    );
  }
  return profileTable({
    features: Float32Array.from(features),
    featureNames: Array.from({ length: f }, (_, j) => `feature_${j}`),
    metadata,
  });
}
const plated = (table: ProfileTable) =>
  profileTable({ ...table, metadata: new Map(table.metadata).set("plate_id", Array(table.nRows).fill("p")) });
const score = (run: TaskRun, metric: string) => {
  const found = run.results.find((r) => r.kind === "score" && r.metric === metric);
  if (found?.kind !== "score") throw new Error(`no ${metric}`);
  return found;
};
const params = { controls, sameBy: ["treatment"], nullSize: 500, nResamples: 50 };

describe("retrieval", () => {
  it("perfect clusters have mAP 1, the smallest p there is, and all replicate", () => {
    const run = runTask(retrievalTask, wells(30), { ...params, group: "moa" }, context);
    expect(TaskRun.parse(run)).toEqual(run);
    expect(score(run, "mAP").value).toBe(1);
    expect(score(run, "share of treatments with q ≤ 0.05").value).toBe(1);
    expect(score(run, "percent replicating").value).toBe(1);
    expect(score(run, "mAP").nUnits).toBe(12);
    const grit = run.results.find((r) => r.kind === "table" && r.name === "Grit");
    expect(grit?.kind === "table" && grit.rows.length).toBe(12);
  });

  it("noise has the mAP of random rankings, exactly known, and is not called", () => {
    const run = runTask(retrievalTask, wells(0), params, context);
    const map = score(run, "mAP");
    expect(map.chance).toBeCloseTo((2 / 26) * (1 - 3.8916 / 27) + 3.8916 / 27, 4); // 3 of 27, Bestgen; H27 = 3.8916
    expect(Math.abs(map.value - map.chance!)).toBeLessThan(0.08);
    expect(score(run, "share of treatments with q ≤ 0.05").value).toBeLessThanOrEqual(1 / 12);
  });

  it("says when the wells' positions alone retrieve as much", () => {
    const run = runTask(retrievalTask, wells(1, { adjacent: true }), params, context);
    expect(score(run, "mAP of well position alone")).toMatchObject({ value: 1, role: "leak-check" });
    expect(run.notes.join(" ")).toMatch(/position of the wells alone retrieves about as well/);
  });

  it("draws from many controls and replicates by seed, and says so", () => {
    const run = runTask(retrievalTask, wells(3), { ...params, maxControls: 10, maxPerGroup: 3 }, context);
    expect(run.notes.join(" ")).toMatch(/10 of 24 controls were drawn.*3 of 4 wells of T0 were drawn/s);
    expect(runTask(retrievalTask, wells(3), { ...params, maxControls: 10, maxPerGroup: 3 }, context)).toEqual(run);
  });

  it("does not call percent replicating 0 where treatments are too few to say, and says so", () => {
    const treated = { treatment: ["T0", "T1", "T2"] };
    const run = runTask(retrievalTask, wells(30), { ...params, treated }, context);
    expect(TaskRun.parse(run)).toEqual(run);
    expect(run.results.map((r) => (r.kind === "score" ? r.metric : r.kind))).not.toContain("percent replicating");
    expect(run.notes.join(" ")).toMatch(/Percent replicating leaves out 3 of 3 treatments/);
    const one = runTask(retrievalTask, wells(30), { ...params, treated: { treatment: ["T0"] } }, context);
    expect(TaskRun.parse(one)).toEqual(one);
    expect(score(one, "mAP").value).toBe(1);
  });

  it("refuses profiles whitened on the very controls that are ranked, unless told to", () => {
    const table = wells(0);
    const whitened = fitPipeline(table, [{ kind: "sphere" }], rowsWhere(table, controls)).table;
    expect(() => runTask(retrievalTask, whitened, params, context)).toThrow(/sphere learned from 24 of the 72 rows/);
    const run = runTask(retrievalTask, whitened, params, { ...context, allowLeak: true });
    expect(run.notes.join(" ")).toMatch(/Leaks, and is shown all the same: sphere learned from 24 of the 72 rows/);
    const byPlate = runTask(retrievalTask, plated(table), { ...params, normalise: "plate" }, context);
    expect(byPlate.notes.join(" ")).toMatch(/standardise by plate_id learned from all rows that are compared/);
  });

  it("refuses treatments of one well each", () => {
    expect(() => runTask(retrievalTask, wells(1), { ...params, sameBy: ["well_id"] }, context)).toThrow(
      /no treatment has two wells that agree in well_id/,
    );
  });
});
