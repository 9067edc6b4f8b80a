import { expect, it } from "vitest";
import type { TaskRun } from "../schema/index.ts";
import { EMPTY } from "./page.fixture.ts";
import { sureWords } from "./sure-words.ts";

const run = (metric: string): TaskRun => ({
  ...{ task: "condition", title: "t", question: "Ill?", encoder: "a", split: "leave-plate-out", seed: 1 },
  ...{ nWells: 96, nImages: 384, nPlates: 6, notes: [] },
  results: [{ kind: "score", metric, value: 0.8, ci95: [0.7, 0.9], chance: 0.5, part: null, nUnits: 96 }],
});

it("says what a score means where the page has one of its kind, and only there", () => {
  const [first, second] = sureWords({ ...EMPTY, tasks: [run("AUC")] });
  expect(first).toMatch(/^AUC is the chance .* 0\.5 is luck/);
  expect(second).toMatch(/^Intervals are/);
  expect(sureWords({ ...EMPTY, tasks: [run("balanced accuracy")] })[0]).toMatch(/^Balanced accuracy is/);
  expect(sureWords({ ...EMPTY, tasks: [run("top-1")] })[0]).toMatch(/^Intervals are/);
});
