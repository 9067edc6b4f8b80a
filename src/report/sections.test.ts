// The parts that show splits, hits, encoders, plates and batches: each says what its figures say.
import { describe, expect, it } from "vitest";
import type { ComparedFigure, PlateMap, ReportDocument, Score, TaskRun } from "../schema/index.ts";
import { all, EMPTY, parsed, section, words } from "./page.fixture.ts";
import { renderReport } from "./render-report.ts";
import { TINY_PNG } from "./report.fixture.ts";

const score = (metric: string, value: number, more: Partial<Score> = {}): Score => ({
  ...{ kind: "score", metric, value, ci95: [value - 0.02, value + 0.02], chance: 0.5, part: null },
  ...more,
});
const run = (encoder: string, results: TaskRun["results"], more: Partial<TaskRun> = {}): TaskRun => ({
  ...{ task: "condition", title: "t", question: "Ill?", encoder, split: "leave-plate-out", seed: 1 },
  ...{ nWells: 96, nImages: 384, nPlates: 6, results, notes: [] },
  ...more,
});
const page = (more: Partial<ReportDocument>) => parsed(renderReport({ ...EMPTY, ...more }));

describe("four splits", () => {
  const refused = "No figure with experiments held out: there is only one experiment.";
  const results = [
    score("AUC", 0.8),
    score("AUC, random images held out", 0.9),
    score("AUC, random wells held out", 0.85),
  ];
  const root = section("results", page({ tasks: [run("a", results, { notes: [refused] })] }));

  it("stand in one table, hardest last, with the reason of the one that could not be made", () => {
    const rows = all(root, "article > .pair").map((pair) => all(pair, "tbody tr").map(words));
    expect(rows[1]).toEqual([
      "random images held outlearned from other images of the same wells0.9000.880–0.920",
      "random wells held outlearned from other wells of the same plates0.8500.830–0.870",
      "plates held outlearned from other plates0.8000.780–0.820",
      `experiments held outlearned from other experiments${refused}`,
    ]);
    expect(words(root.querySelector("tr.main"))).toMatch(/^plates held out/);
  });

  it("do not stand in the table of scores as well", () => {
    expect(all(root, "article > .pair thead")[0]?.textContent).not.toContain("held out");
  });

  it("are left out where a question has one split alone", () => {
    const one = page({ tasks: [run("a", [score("plate_id: balanced accuracy, random wells held out", 0.8)])] });
    expect(words(section("results", one))).not.toContain("All four splits");
    expect(words(section("results", one))).toContain("random wells held out");
  });
});

describe("a curve with doses set aside", () => {
  const points = [0.1, 1, 10].map((doseUm) => ({ doseUm, response: 0.5, plate: "P1" }));
  const curve = (more: { setAsideUm?: number[] }) =>
    run("a", [
      { kind: "curve", name: "x", points, fit: null, ec50Um: null, ec50Ci95Um: null, refused: "It is toxic.", ...more },
    ]);
  const dots = (task: TaskRun) => {
    const root = section("results", page({ tasks: [{ ...task, task: "dose-response" }] }));
    const marks = all(root, "svg [fill-opacity]");
    return { text: words(root), fills: marks.map((mark) => mark.getAttribute("fill-opacity")) };
  };

  it("draws them hollow and says what hollow means", () => {
    const { text, fills } = dots(curve({ setAsideUm: [10] }));
    expect(fills).toEqual(["0.8", "0.8", "0"]);
    expect(text).toContain("Hollow points were set aside: their wells leave the axis");
  });

  it("says nothing of them where there are none", () => {
    const { text, fills } = dots(curve({}));
    expect(fills).toEqual(["0.8", "0.8", "0.8"]);
    expect(text).not.toContain("Hollow");
  });
});

describe("hits", () => {
  const columns = ["treatment", "wells", "rescue score", "95 % from", "95 % to", "q", "verdict"];
  const rows = Array.from({ length: 500 }, (_, i) => [
    `c${i}`,
    4,
    1 - i / 500,
    0.9 - i / 500,
    1 - i / 600,
    0.01,
    i < 3 ? "hit" : "off-axis",
  ]);
  const hits = run("a", [{ kind: "table", name: "Compounds", columns, rows }], { task: "hits" });
  const root = page({ tasks: [hits], summary: ["It ran."] });

  it("are drawn with intervals, called ones filled, and said in words", () => {
    const chart = section("results", root).querySelector("svg[role=img]")!;
    expect(chart.getAttribute("aria-label")).toMatch(/^rescue score, best first: c0 1 \(0\.9 to 1\), hit; c1 0\.998/);
    expect(all(chart, "circle").filter((dot) => dot.getAttribute("r") === "5").length).toBe(3);
    expect(words(section("results", root))).toContain("The first 24 of 500.");
  });

  it("are not what a table of EC50s is drawn as", () => {
    const ec50s = {
      kind: "table" as const,
      name: "n",
      columns: ["treatment", "wells", "EC50 (µM)", "95 % from", "95 % to"],
    };
    const table = run("a", [{ ...ec50s, rows: [["x", 4, 1, 0.5, 2]] }], { task: "dose-response" });
    expect(section("results", page({ tasks: [table] })).querySelector("svg")).toBeNull();
  });

  it("are counted at a glance", () => {
    expect(words(section("summary", root))).toContain("3of 500 treatments");
  });

  it("stay within the size of a page: thirty rows in sight, four hundred at most", () => {
    expect(all(section("results", root), "article > .scroll tbody tr").length).toBe(30);
    expect(all(section("results", root), "details tbody tr").length).toBe(370);
    expect(words(section("results", root))).toContain("100 rows more stand in the tables beside this file.");
  });
});

describe("scores by many metrics", () => {
  const metrics = ["AUC", "balanced accuracy", "accuracy", "AUC (wells)"];
  const runs = ["main", "rival"].map((name, i) =>
    run(
      name,
      metrics.map((metric, k) => score(metric, 0.9 - 0.1 * i - 0.01 * k)),
    ),
  );
  const rows = all(section("results", page({ tasks: runs })), ".pair tbody tr").map((tr) =>
    all(tr, "th, td").map((cell) => all(cell, "data")[0]?.getAttribute("value") ?? words(cell)),
  );

  it("stand below each other, every figure of every encoder with its chance and counts", () => {
    expect(rows).toEqual([
      ...metrics.map((metric, k) => [metric, String(0.9 - 0.01 * k), String(0.9 - 0.1 - 0.01 * k), "0.5"]),
      ["Wells", "96", "96", ""],
      ["Images", "384", "384", ""],
      ["Plates", "6", "6", ""],
    ]);
  });
});

describe("pictures", () => {
  const picture = { title: "Real", caption: "c", alt: "a", png: TINY_PNG, group: "images" };

  it("name their rows from the top", () => {
    const named = section("pictures", page({ pictures: [{ ...picture, rows: ["all stains", "DNA <1>"] }] }));
    expect(all(named, "figure .rows li").map(words)).toEqual(["all stains", "DNA <1>"]);
  });

  it("of one group need no heading of their own", () => {
    const other = { ...picture, group: "alone" };
    expect(all(section("pictures", page({ pictures: [picture, picture] })), "h3")).toEqual([]);
    expect(all(section("pictures", page({ pictures: [picture, other] })), "h3").map(words)).toEqual([
      "images",
      "alone",
    ]);
  });

  it("without names have no column for them", () => {
    expect(all(section("pictures", page({ pictures: [picture] })), ".rows, .rowed")).toEqual([]);
  });
});

describe("encoders compared", () => {
  const row = (
    encoder: string,
    difference: number | null,
    differenceCi95: [number, number] | null,
  ): ComparedFigure => ({
    ...{ task: "condition", question: "Ill?", metric: "AUC", encoder, value: 0.8, ci95: [0.7, 0.9], chance: 0.5 },
    ...{ difference, differenceCi95, nUnits: 96 },
  });

  it("are said to differ only where the interval leaves 0 out", () => {
    const comparison = [
      row("main", null, null),
      row("better", 0.1, [0.02, 0.2]),
      row("worse", -0.1, [-0.2, -0.02]),
      row("alike", -0.1, [-0.2, 0.01]),
      row("unknown", -0.3, null),
    ];
    const verdicts = all(section("encoders", page({ comparison })), "tbody tr").map((tr) =>
      words(all(tr, "td").at(-1)!),
    );
    expect(verdicts).toEqual([
      "compared with",
      "higher",
      "lower",
      "no difference told",
      "no interval, so no difference is claimed",
    ]);
  });
});

describe("plates", () => {
  const wells = (n: number, value: (i: number) => number | null) =>
    Array.from({ length: n }, (_, i) => ({ row: Math.floor(i / 12), column: i % 12, value: value(i) }));
  const map = (plates: PlateMap["plates"]): PlateMap => ({ name: "Grey", reading: "Even is good.", plates });
  const drawn = (plates: PlateMap["plates"]) => section("plates", page({ plateMaps: [map(plates)] }));
  const squares = (d: string | null | undefined) => (d?.match(/M/g) ?? []).length;

  it("draw every well once, those without a value as outlines", () => {
    const svg = drawn([{ plate: "P1", wells: wells(96, (i) => (i === 5 ? null : i)) }]).querySelector("svg.plate")!;
    const paths = all(svg, "path");
    const [filled, outlined] = [false, true].map((outline) =>
      paths
        .filter((p) => (p.getAttribute("fill") === "none") === outline)
        .reduce((n, p) => n + squares(p.getAttribute("d")), 0),
    );
    expect([filled, outlined]).toEqual([95, 1]);
    expect(svg.getAttribute("aria-label")).toBe(
      "Grey on plate P1: 95 wells, median 48, from 0 to 95; outer wells 48, inner wells 47.5.",
    );
  });

  it("have the colours of one scale, which an odd well cannot stretch", () => {
    const root = drawn([
      { plate: "low", wells: wells(96, () => 1) },
      { plate: "high", wells: wells(96, (i) => (i === 0 ? 1000 : 2)) },
    ]);
    const fills = all(root, "svg.plate").map((svg) => all(svg, "path").map((path) => path.getAttribute("fill")));
    expect(fills).toEqual([["var(--ramp-0)"], ["var(--ramp-6)"]]);
  });

  it("are a few kilobytes with 1,536 wells, and twelve at most", () => {
    const large = Array.from({ length: 1536 }, (_, i) => ({ row: Math.floor(i / 48), column: i % 48, value: i }));
    const plates = Array.from({ length: 40 }, (_, i) => ({ plate: `P${i}`, wells: large }));
    const text = renderReport({ ...EMPTY, plateMaps: [map(plates)] });
    const root = section("plates", parsed(text));
    expect(all(root, "svg.plate").length).toBe(12);
    expect(words(root)).toContain("The first 12 of 40 plates");
    expect(text.length).toBeLessThan(12 * 40_000 + 40_000);
    expect(words(root)).toContain("AF");
  });

  it("say so where no well has a value", () => {
    expect(words(drawn([{ plate: "P1", wells: wells(8, () => null) }]))).toContain("No well has a value.");
  });
});

it("puts questions about plates into their own section, all encoders against chance", () => {
  const plate = (encoder: string, value: number) =>
    run(encoder, [score("balanced accuracy", value, { chance: 0.25 })], {
      task: "plate-identity",
      question: "Which plate?",
    });
  const root = page({ tasks: [plate("a", 0.8), plate("b", 0.3)] });
  expect(words(section("results", root))).not.toContain("Which plate?");
  const panel = section("batch", root).querySelector(".pair")!;
  expect(all(panel, "tbody tr").map(words)).toEqual(["Which plate?0.8000.780–0.8200.3000.280–0.3200.250"]);
  expect(panel.querySelector("svg[role=img]")?.getAttribute("aria-label")).toBe(
    "balanced accuracy of a: Which plate? 0.800.",
  );
});
