import { expect, it } from "vitest";
import type { TaskRun } from "../../schema/index.ts";
import { hitTruth } from "./hit-truth.ts";

const run = (verdicts: Record<string, string>): TaskRun => ({
  ...{ task: "hits", title: "t", question: "q", encoder: "e", split: "s", nWells: 1, nImages: 1, nPlates: 1, seed: 1 },
  ...{ notes: [] },
  results: [{ kind: "table", name: "n", columns: ["treatment", "verdict"], rows: Object.entries(verdicts) }],
});
const compounds = [
  { name: "rescuer", effect: "rescue", ec50Um: 1, dosesUm: [1] },
  { name: "inert", effect: "inert" },
  { name: "toxic", effect: "toxic" },
] as const;

it("is met where the compounds that rescue are called and no other", () => {
  const found = hitTruth(run({ rescuer: "hit", inert: "not told from untreated", toxic: "off-axis" }), compounds);
  expect(found).toMatchObject({ verdict: "met", planted: "rescuer", found: "rescuer" });
});

it("is missed by a false hit as by a missing one, each by name", () => {
  const found = hitTruth(run({ rescuer: "not told from untreated", inert: "hit", toxic: "off-axis" }), compounds);
  expect(found?.verdict).toBe("missed");
  expect(found?.explanation).toMatch(/without a planted rescue: inert; rescues and not called: rescuer\.$/);
});

it("is not asked where nothing planted was ranked", () => {
  expect(hitTruth(run({ other: "hit" }), compounds)).toBeNull();
  expect(hitTruth({ ...run({}), results: [] }, compounds)).toBeNull();
});
