import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { decisionValues } from "../math/index.ts";
import { fromColumns, type MetadataValue } from "../profiles/index.ts";
import { conditionTask } from "./condition.ts";
import { conditionAxis } from "./condition-axis.ts";
import { runTask } from "./define-task.ts";

/** Three features far from zero mean, the first carrying the class; two wells a class and plate, five images a well. */
function twoConditions(nPlates: number, shift: number) {
  const random = new SeededRandom(3);
  const rows = Array.from({ length: nPlates * 20 }, (_, i) => ({
    plate: `p${Math.floor(i / 20)}`,
    well: `w${Math.floor(i / 5)}`,
    positive: Math.floor(i / 5) % 2 === 1,
  }));
  const columns = new Map<string, MetadataValue[]>([
    ["plate_id", rows.map((row) => row.plate)],
    ["well_id", rows.map((row) => row.well)],
    ["condition", rows.map((row) => (row.positive ? "Active" : "Mock"))],
    ["feature_0", rows.map((row) => 500 + 20 * (random.normal() + (row.positive ? shift : 0)))],
    ["feature_1", rows.map(() => -3 + 0.001 * random.normal())],
    ["feature_2", rows.map(() => 7)],
  ]);
  return fromColumns(columns);
}

const CLASSES = { negative: { condition: ["Mock"] }, positive: { condition: ["Active"] }, seed: 1 };

describe("a condition's axis", () => {
  it("scores features as they come: the classes lie on both sides of 0", () => {
    const table = twoConditions(3, 12);
    const axis = conditionAxis(table, { ...CLASSES, c: 10 });
    const scores = decisionValues(axis, table.features);
    const called = [...scores].map((score) => (score > 0 ? "Active" : "Mock"));
    expect(called).toEqual([...table.metadata.get("condition")!]);
    expect(axis.weights[2]).toBe(0); // what does not vary says nothing
  });

  it("has the held-out AUC of the condition task", () => {
    const table = twoConditions(3, 1);
    const { seed, ...params } = CLASSES;
    const { results } = runTask(conditionTask, table, params, { seed, encoder: "test" });
    const expected = results.find((r) => r.kind === "score" && r.metric === "AUC" && r.part === null);
    const { heldOut } = conditionAxis(table, CLASSES);
    expect(heldOut?.auc).toEqual(expected);
    expect(heldOut?.nPlates).toBe(3);
  });

  it("gives rising percentiles, the positive class above the negative one", () => {
    const { heldOut } = conditionAxis(twoConditions(2, 3), CLASSES);
    for (const percentiles of [heldOut!.negative, heldOut!.positive]) {
      expect(percentiles.length).toBe(101);
      expect(percentiles.every((v, i) => i === 0 || v >= percentiles[i - 1]!)).toBe(true);
    }
    expect(heldOut!.positive[50]).toBeGreaterThan(heldOut!.negative[50]!);
  });

  it("learns from one plate, but says nothing of others then", () => {
    expect(conditionAxis(twoConditions(1, 3), CLASSES).heldOut).toBeNull();
  });

  it("refuses a class without rows", () => {
    const other = { ...CLASSES, positive: { condition: ["active"] } };
    expect(() => conditionAxis(twoConditions(2, 1), other)).toThrow(/no row belongs to the positive class/);
  });
});
