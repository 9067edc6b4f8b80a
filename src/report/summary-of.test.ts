// The summary and the page state the same figures.
import { describe, expect, it } from "vitest";
import { parseWith, Summary } from "../schema/index.ts";
import { all, parsed, section } from "./page.fixture.ts";
import { renderReport } from "./render-report.ts";
import { reportFixture } from "./report.fixture.ts";
import { summaryOf } from "./summary-of.ts";

const fixture = reportFixture();
const document = parsed(renderReport(fixture));

describe("summaryOf", () => {
  const summary = summaryOf(fixture);

  it("is a summary", () => {
    expect(() => parseWith(Summary, summary, "the summary", "mend it")).not.toThrow();
    expect(summary.totalSeconds).toBeCloseTo(464, 9);
    expect(summary.truths).toEqual(fixture.truths);
  });

  it("holds no figure that the page does not state, unrounded", () => {
    const stated = new Set(all(document, "data").map((e) => e.getAttribute("value")));
    const figures = summary.figures.flatMap(({ value, interval, chance }) => [value, chance, ...(interval ?? [])]);
    const numbers = figures.filter((value) => value !== null);
    expect(numbers.length).toBeGreaterThan(200);
    expect(numbers.filter((value) => !stated.has(String(value)))).toEqual([]);
    expect(stated.has(String(summary.totalSeconds))).toBe(true);
  });

  it("holds every figure that the results state", () => {
    const known = new Set(
      summary.figures
        .flatMap((f) => [f.value, f.chance, f.nWells, f.nImages, ...(f.interval ?? [])])
        .concat(fixture.tasks.map((task) => task.nPlates))
        .map(String),
    );
    const stated = all(section("results", document), "data").map((e) => e.getAttribute("value") ?? "");
    expect(stated.filter((value) => !known.has(value))).toEqual([]);
  });

  it("puts planted truths beside the figures they are about, and nowhere else", () => {
    const planted = summary.figures.filter((figure) => figure.plantedTruth !== null);
    expect(planted.map(({ metric, part, encoder, plantedTruth }) => [metric, part, encoder, plantedTruth])).toEqual([
      ["AUC", null, "GAN-DL, 30 kimg", "they differ"],
      ["EC50 (µM)", "Synthestat A", "GAN-DL, 30 kimg", 0.1],
      ["EC50 (µM)", "Synthestat B", "GAN-DL, 30 kimg", 1],
      ["EC50 (µM)", "Synthestat C", "GAN-DL, 30 kimg", 10],
      ["EC50 (µM)", "Synthestat D", "GAN-DL, 30 kimg", 20],
    ]);
  });

  it("keeps the reason of a refused EC50", () => {
    const refused = summary.figures.find((f) => f.metric === "EC50 (µM)" && f.part === "Inertol E");
    expect(refused).toMatchObject({ value: null, interval: null, note: "a flat line fits as well (F-test p = 0.41)" });
  });

  it("names confusion counts by truth and call", () => {
    const counts = summary.figures.filter((f) => f.metric === "confusion" && f.encoder === "GAN-DL, 30 kimg");
    expect(counts[1]).toMatchObject({
      part: "Mock → Active",
      nWells: 100,
      nImages: 400,
      question: "Infected or healthy (mock)?",
    });
  });
});
