// Each fault of the results is named, and where there is none nothing is.
import { describe, expect, it } from "vitest";
import type { ComparedFigure, ReportDocument, Score, TaskRun } from "../schema/index.ts";
import { distrustOf } from "./distrust.ts";
import { all, EMPTY, parsed, section, words } from "./page.fixture.ts";
import { renderReport } from "./render-report.ts";
import { sureWords } from "./sure-words.ts";

const MAIN = "trained network";
const score = (metric: string, value: number, more: Partial<Score> = {}): Score => ({
  ...{ kind: "score", metric, value, ci95: [value - 0.02, value + 0.02], chance: 0.5, part: null, nUnits: 96 },
  ...more,
});
const run = (results: TaskRun["results"], more: Partial<TaskRun> = {}): TaskRun => ({
  ...{ task: "condition", title: "t", question: "Ill?", encoder: MAIN, split: "leave-plate-out", seed: 1, notes: [] },
  ...{ nWells: 96, nImages: 384, nPlates: 6, results },
  ...more,
});
const document = (tasks: TaskRun[], more: Partial<ReportDocument> = {}): ReportDocument => ({
  ...{ ...EMPTY, tasks, mainEncoder: MAIN },
  ...more,
});
const good = run([score("AUC", 0.9), score("AUC, random images held out", 0.91)]);

describe("what to distrust", () => {
  it("is nothing where no fault is found, and the page says that this proves nothing", () => {
    expect(distrustOf(document([good]))).toEqual([]);
    const page = parsed(renderReport({ ...document([good]), summary: ["It ran."] }));
    expect(words(section("summary", page))).toContain("None of the usual faults was found");
    expect(words(section("summary", page))).toContain("That is no proof that there are none");
  });

  it.each([
    ["few plates", document([run([score("AUC", 0.9)], { nPlates: 3 })]), /^Only 3 plates were there/],
    ["one plate", document([run([score("AUC", 0.9)], { nPlates: 1 })]), /^Only 1 plate was there/],
    ["no interval", document([run([score("AUC", 0.9, { ci95: null })], { nWells: 2 })]), /no interval.*2 wells/],
    [
      "images of a well on both sides",
      document([run([score("AUC", 0.8), score("AUC, random images held out", 0.9)])]),
      /easier than it is with random images held out \(AUC 0\.900\).*\(0\.800\).*knowing the well\. Quote the latter/,
    ],
    [
      "wells of a plate on both sides",
      document([run([score("AUC", 0.8), score("AUC, random wells held out", 0.84)])]),
      /random wells held out .*knowing the plate/,
    ],
    [
      "experiments that are harder than plates",
      document([run([score("AUC", 0.9), score("AUC, experiments held out", 0.8)])]),
      /experiments not learned from \(AUC 0\.800\) than on plates not learned from \(0\.900\)/,
    ],
    [
      "position that tells the class",
      document([run([score("AUC", 0.9), score("AUC of well position alone", 0.75, { role: "leak-check" })])]),
      /without any image: AUC of well position alone is 0\.750, beside 0\.900/,
    ],
    [
      "controls that overlap",
      document([run([score("Z′ (wells)", -0.4, { chance: null })], { task: "hits" })]),
      /Z′ \(wells\) of the controls is −0\.400, below 0/,
    ],
    [
      "a plate that can be named",
      document([run([score("balanced accuracy", 0.8, { chance: 0.25 })], { task: "plate-identity" })]),
      /Yes, more often than by chance: balanced accuracy 0\.800 \(95 % interval 0\.780 to 0\.820, chance 0\.250\)/,
    ],
    [
      "unanswered questions",
      document([good], { unanswered: ["no healthy well."] }),
      /^Not answered: no healthy well\.$/,
    ],
  ])("names %s, and nothing else", (_, doc, sentence) => {
    const found = distrustOf(doc);
    expect(found.length).toBe(1);
    expect(found[0]).toMatch(sentence);
  });

  it("does not hold a rival against a score that is not told from chance", () => {
    const blind = [
      score("AUC", 0.51),
      score("AUC, experiments held out", 0.4),
      score("AUC, random images held out", 0.6),
    ];
    const position = score("AUC of well position alone", 0.75, { role: "leak-check" });
    expect(distrustOf(document([run([...blind, position])]))).toEqual([]);
  });

  it("leaves a plate that is named by chance alone", () => {
    const chance = run([score("balanced accuracy", 0.26, { chance: 0.25 })], { task: "plate-identity" });
    expect(distrustOf(document([chance]))).toEqual([]);
  });

  it("counts refused EC50s, and missed truths by name", () => {
    const curve = (name: string, ec50Um: number | null) => ({
      ...{ kind: "curve" as const, name, points: [], fit: null, ec50Ci95Um: null },
      ...{ ec50Um, refused: ec50Um === null ? "flat" : null },
    });
    const truth = { planted: 1, found: null, interval: null, explanation: "" };
    const doc = document([run([curve("a", 1), curve("b", null)])], {
      synthetic: true,
      truths: [
        { ...truth, what: "EC50 of a", verdict: "met" },
        { ...truth, what: "EC50 of b", verdict: "missed" },
      ],
    });
    expect(distrustOf(doc)).toEqual([
      "1 of 2 planted truths missed: EC50 of b. Answers of the same kind elsewhere in this report may be as wrong.",
      "1 of 2 treatments has no EC50, and the reason stands beside each curve. No EC50 is not the same as no effect.",
    ]);
  });
});

describe("plainer encoders", () => {
  const row = (encoder: string, value: number, difference: [number, number] | null, chance = 0.5): ComparedFigure => ({
    ...{
      task: "condition",
      question: "Ill?",
      metric: "AUC",
      encoder,
      value,
      ci95: [value - 0.02, value + 0.02],
      chance,
    },
    ...{ difference: difference && (difference[0] + difference[1]) / 2, differenceCi95: difference, nUnits: 96 },
  });
  const of = (...rows: ComparedFigure[]) => distrustOf(document([good], { comparison: rows }));

  it("are named where they do as well or better", () => {
    const [untrained, intensity, ...rest] = of(
      row(MAIN, 0.9, null),
      row("untrained network", 0.89, [-0.03, 0.01]),
      row("intensity statistics", 0.95, [0.01, 0.09]),
    );
    expect(untrained).toMatch(
      /untrained network does no worse than trained network \(AUC 0\.890 against 0\.900.*so training is not shown to have helped/,
    );
    expect(intensity).toMatch(/does better than trained network.*the plainer explanation is not ruled out/);
    expect(rest).toEqual([]);
  });

  it("are not where they do worse, where the main one finds nothing, or where they too were trained", () => {
    expect(of(row(MAIN, 0.9, null), row("untrained network", 0.8, [-0.15, -0.05]))).toEqual([]);
    expect(of(row(MAIN, 0.51, null), row("untrained network", 0.5, [-0.05, 0.03]))).toEqual([]);
    expect(of(row(MAIN, 0.9, null), row("another trained network", 0.9, [-0.02, 0.02]))).toEqual([]);
  });
});

it("says how sure each answer is, by its units and its interval", () => {
  const blind = run([score("AUC", 0.51)], { question: "Alike?" });
  const wrong = run([score("AUC", 0.2)], { question: "Turned?" });
  const thin = run([score("AUC", 0.9, { ci95: null })], { question: "Thin?" });
  const [meaning, first, ...rest] = sureWords(document([good, blind, wrong, thin]));
  expect(meaning).toContain("AUC is the chance");
  expect(first).toContain("over wells, not images");
  expect(rest).toEqual([
    "“Ill?” rests on 96 independent units on 6 plates: the whole interval lies above chance, which is 0.500.",
    "“Alike?” rests on 96 independent units on 6 plates: the interval holds chance, so nothing is told apart, which is not proof that there is nothing.",
    "“Turned?” rests on 96 independent units on 6 plates: the whole interval lies below chance, which is a fault and no finding.",
    "“Thin?” rests on 96 independent units on 6 plates; no interval can be given.",
  ]);
  const [, general, own] = sureWords(document([run([score("AUC", 0.9)], { question: "Fine?", nWells: 7 })]));
  expect(general).toContain("which are wells unless it says otherwise");
  expect(own).toContain(
    "rests on 96 independent units on 6 plates, which are parts of 7 wells and so less independent",
  );
  expect(all(parsed(renderReport(document([good]))), "#summary h3").map(words)).toEqual([
    "What was asked",
    "What came out",
    "How sure",
    "What to distrust",
  ]);
});
