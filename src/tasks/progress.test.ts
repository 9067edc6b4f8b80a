import { describe, expect, it } from "vitest";
import { profileTable } from "../profiles/profile-table.ts";
import { screen } from "./classed-screen.fixture.ts";
import { compareEmbeddings } from "./compare.ts";
import { runTask } from "./define-task.ts";
import { plantedScreen } from "./planted-screen.fixture.ts";
import { tellSome } from "./progress.ts";
import { findTask, tasks } from "./registry.ts";

const CONTROLS = { healthy: { condition: ["Mock"] }, diseased: { condition: ["Active"], treatment: [null] } };
const TREATED = { treated: { role: ["treated"] } };
const ASKED: Readonly<Record<string, { readonly params: object; readonly stage: string }>> = {
  condition: {
    params: { negative: { condition: ["Mock"] }, positive: CONTROLS.diseased, nResamples: 10 },
    stage: "plates held out",
  },
  "cell-type": { params: { label: "condition", nResamples: 10 }, stage: "wells" },
  perturbation: { params: { rows: TREATED.treated, nResamples: 10 }, stage: "NSC, profiles named" },
  hits: { params: { ...CONTROLS, ...TREATED, nPermutations: 99 }, stage: "compounds judged" },
  "dose-response": { params: { ...CONTROLS, ...TREATED }, stage: "curves fitted" },
  retrieval: { params: { controls: { treatment: [null] }, nResamples: 10 }, stage: "replicates among controls" },
  "batch-effects": { params: { nResamples: 10 }, stage: "plate_id, " },
  "plate-identity": { params: { rows: { condition: ["Mock"] }, nResamples: 10 }, stage: "wells held out" },
};

describe("progress", () => {
  it.each(tasks.map(({ id }) => id))("is told by %s, in order, and changes nothing", (id) => {
    const { params, stage } = ASKED[id]!;
    const told: [stage: string, done: number, total: number][] = [];
    const table = plantedScreen();
    const watched = runTask(findTask(id), table, params, {
      seed: 1,
      encoder: "planted",
      onProgress: (...step) => void told.push(step),
    });
    expect(watched).toEqual(runTask(findTask(id), table, params, { seed: 1, encoder: "planted" }));
    expect(told.filter(([words]) => words.includes(stage)).length).toBeGreaterThan(1);
    for (const [i, [words, done, total]] of told.entries()) {
      expect(done).toBeLessThan(total);
      if (i > 0 && told[i - 1]![0] === words) expect(done).toBeGreaterThan(told[i - 1]![1]);
    }
  });

  it("of a comparison names the embedding and the task", () => {
    const table = screen({ cell: 2 });
    const blind = profileTable({ ...table, features: table.features.map((v) => v % 0.1) });
    const told = new Set<string>();
    compareEmbeddings(
      [
        { name: "sees", table },
        { name: "blind", table: blind },
      ],
      [{ task: findTask("cell-type"), params: { splits: ["by-well"], nResamples: 10 } }],
      { seed: 1, nResamples: 10, onProgress: (stage) => void told.add(stage) },
    );
    expect([...told].filter((stage) => stage.startsWith("sees, cell-type: "))).not.toEqual([]);
    expect([...told].filter((stage) => stage.startsWith("blind, cell-type: "))).not.toEqual([]);
  });

  it("of many small pieces is told about a hundred times", () => {
    const told: number[] = [];
    const tell = tellSome((_, done, total) => void told.push(done / total), "pieces", 12_345);
    for (let i = 0; i < 12_345; i++) tell(i);
    expect(told.length).toBeGreaterThan(90);
    expect(told.length).toBeLessThan(110);
  });
});
