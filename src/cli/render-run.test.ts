import { expect, it } from "vitest";
import type { TaskResult, TaskRun } from "../schema/index.ts";
import { renderRun } from "./render-run.ts";

const RUN = { task: "condition", title: "t", question: "Mock or Active?", encoder: "first", split: "leave-plate-out" };
const run = (results: TaskResult[], notes: string[] = []): TaskRun => ({
  ...{ ...RUN, nWells: 96, nImages: 384, nPlates: 4, seed: 1 },
  ...{ results, notes },
});
const AUC: TaskResult = {
  ...{ kind: "score", metric: "AUC", value: 0.9123, ci95: [0.87, 0.95], chance: 0.5, part: null },
  nUnits: 88,
};

it("prints a score with its interval, its chance and the units behind it", () => {
  const lines = renderRun(run([AUC, { ...AUC, part: "p1", ci95: null, chance: null, nUnits: 22 }], ["a note."])).split(
    "\n",
  );
  expect(lines[0]).toBe("first: Mock or Active?");
  expect(lines[1]).toMatch(/^ {2}AUC +0\.912 \[0\.870, 0\.950\] +\(chance 0\.500, n = 88\)$/);
  expect(lines[2]).toMatch(/^ {2}AUC, p1 +0\.912 no interval +\(n = 22\)$/);
  expect(lines.at(-2)).toBe("  96 wells, 384 images, 4 plates; leave-plate-out; seed 1");
  expect(lines.at(-1)).toBe("  note: a note.");
});

it("prints a curve with its EC50, or with why there is none", () => {
  const curve = {
    ...{ kind: "curve", name: "A", responseName: "r", points: [], fit: null },
    ...{ ec50Um: 0.1234, ec50Ci95Um: [0.05, 0.3], refused: null },
  } satisfies TaskResult as TaskResult;
  const text = renderRun(
    run([curve, { ...curve, name: "B", ec50Um: null, ec50Ci95Um: null, refused: "it is flat" } as TaskResult]),
  );
  expect(text).toMatch(/A +EC50 0\.123 µM \[0\.050, 0\.30\]/);
  expect(text).toMatch(/B +no EC50: it is flat/);
});

it("aligns tables, numbers to the right, and says what it leaves out", () => {
  const rows = Array.from({ length: 45 }, (_, i) => [`drug ${i}`, 1000 / (i + 1), null]);
  const lines = renderRun(
    run([{ kind: "table", name: "Compounds", columns: ["treatment", "score", "p"], rows }]),
  ).split("\n");
  expect(lines.slice(1, 5)).toEqual([
    "  Compounds",
    "    treatment  score  p",
    "    drug 0      1000  –",
    "    drug 1       500  –",
  ]);
  expect(lines[1 + 1 + 40 + 1]).toBe("    … and 5 more rows: --json or --out FILE has them all");
});

it("prints a confusion with its classes as heads", () => {
  const text = renderRun(
    run([
      {
        kind: "confusion",
        classes: ["Mock", "Active"],
        counts: [
          [90, 10],
          [5, 995],
        ],
      },
    ]),
  );
  expect(text.split("\n").slice(1, 4)).toEqual([
    "  called       Mock  Active",
    "  true Mock      90      10",
    "  true Active     5     995",
  ]);
});
