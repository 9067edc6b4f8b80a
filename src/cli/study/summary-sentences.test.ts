import { expect, it } from "vitest";
import type { Score, TaskRun } from "../../schema/index.ts";
import { summarySentences } from "./summary-sentences.ts";

const run = (results: TaskRun["results"], more: Partial<TaskRun> = {}): TaskRun => ({
  ...{ task: "t", title: "t", question: "Ill?", encoder: "main", split: "s", nWells: 9, nImages: 18, nPlates: 3 },
  ...{ seed: 1, results, notes: [] },
  ...more,
});
const auc = (value: number): Score => ({
  ...{ kind: "score", metric: "AUC", value, ci95: [0.7, 0.9], chance: 0.5, part: null },
});
const said = (tasks: TaskRun[]) => summarySentences({ tasks, truths: [], mainEncoder: "main" });

it("gives a score with its interval, its chance, its units and what others score", () => {
  expect(said([run([auc(0.8)]), run([auc(0.75)], { encoder: "other" })])).toEqual([
    "Ill? AUC 0.800 (95 % interval 0.700 to 0.900, chance 0.50; 9 wells, 18 images, 3 plates). Beside it: other 0.750.",
  ]);
  expect(said([run([auc(0.8)])])[0]).toMatch(/3 plates\)\.$/);
});

it("names hits with score and interval, and says where there are none", () => {
  const columns = ["treatment", "rescue score", "95 % from", "95 % to", "q", "verdict"];
  const rows = (verdict: string) => [
    ["a", 0.9, -0.1, 1, 0.01, verdict],
    ["b", 0.1, null, null, 0.9, "not told from untreated"],
  ];
  const hits = (verdict: string) => run([{ kind: "table", name: "n", columns, rows: rows(verdict) }]);
  expect(said([hits("hit")])).toEqual([
    "Ill? 1 of 2 treatments called hits, by rescue score: a 0.90, 95 % interval −0.10 to 1.00; 9 wells, 18 images, 3 plates.",
  ]);
  expect(said([hits("off-axis")])[0]).toMatch(/^Ill\? 0 of 2 treatments are called hits;/);
});

it("counts truths that were met", () => {
  const truth = { what: "w", planted: 1, found: 1, interval: null, explanation: "e" };
  const truths = (["met", "missed"] as const).map((verdict) => ({ ...truth, verdict }));
  expect(summarySentences({ tasks: [], truths, mainEncoder: "main" })).toEqual(["1 of 2 planted truths were met."]);
});
