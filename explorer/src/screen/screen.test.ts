import { describe, expect, it } from "vitest";
import type { Curve, TaskRun } from "../../../src/schema/task-result.ts";
import { curvePicture, doseText, ec50Text, responseAt, setAsideText } from "./curve-geometry.ts";
import {
  arranged,
  cellText,
  readSelected,
  screenTables,
  shownColumns,
  shownText,
  toCsv,
  writeSelected,
} from "./screen-rows.ts";

const curve = (name: string, own: Partial<Curve> = {}): Curve => ({
  ...{ kind: "curve", name, fit: null, ec50Um: null, ec50Ci95Um: null, refused: "the curve is flat" },
  points: [0.1, 1, 10].map((doseUm) => ({ doseUm, response: doseUm > 0.5 ? 0 : 1, plate: "p" })),
  ...own,
});
const run = (task: string, encoder: string, results: TaskRun["results"]): TaskRun => ({
  ...{ task, title: task, question: "?", encoder, split: "s", nWells: 1, nImages: 1, nPlates: 1, seed: 1, notes: [] },
  results,
});
const HITS: TaskRun["results"][number] = {
  kind: "table",
  name: "Compounds, best rescue first",
  columns: ["treatment", "rescue score", "verdict"],
  rows: [
    ["Synthestat B", 0.5, "hit"],
    ["Synthinert D", null, "not told from untreated"],
    ["Synthestat A", 0.9, "hit"],
    ["Synthestat 10", -0.2, "off-axis"],
  ],
};

describe("a screen's table", () => {
  const curves = run("dose-response", "e", [curve("Synthestat A"), curve("Synthestat B")]);
  const tables = screenTables([
    run("hits", "e", [HITS]),
    curves,
    run("hits", "other", [HITS]),
    run("condition", "e", []),
  ]);
  const [{ rows }] = tables as [(typeof tables)[0]];

  it("has a line a treatment, with the curve of the same encoder", () => {
    expect(tables.map(({ run }) => run.encoder)).toEqual(["e", "other"]);
    expect(rows.map(({ curve }) => curve?.name ?? null)).toEqual(["Synthestat B", null, "Synthestat A", null]);
    expect(tables[0]!.columns).toEqual(["treatment", "verdict", "rescue score"]);
    expect(rows[0]!.cells).toEqual(["Synthestat B", "hit", 0.5]);
    expect(tables[1]!.rows.every(({ curve }) => curve === null)).toBe(true);
  });

  it("shows what decides first, an interval as one column, and counts last", () => {
    const columns = [
      "treatment",
      "wells",
      "rescue score",
      "95 % from",
      "95 % to",
      "best dose (µM)",
      "p",
      "q",
      "verdict",
    ];
    const cells = ["A", 48, 0.9, 0.8, 1, 3, 1e-4, 0.002, "hit"];
    const [table] = screenTables([run("hits", "e", [{ kind: "table", name: "n", columns, rows: [cells] }])]);
    const shown = shownColumns(table!.columns);
    expect(shown.map(({ name }) => name)).toEqual([
      ...["treatment", "verdict", "rescue score", "95 % interval", "q", "best dose (µM)", "p", "wells"],
    ]);
    expect(shown.map((column) => shownText(table!.rows[0]!.cells, column))).toEqual([
      ...["A", "hit", "0.9", "0.8 to 1", "0.002", "3", "1.0 × 10⁻⁴", "48"],
    ]);
    const none = {
      ...table!.rows[0]!,
      cells: table!.rows[0]!.cells.map((cell) => (cell === 0.8 || cell === 1 ? null : cell)),
    };
    expect(shownText(none.cells, shown[3]!)).toBe("–");
  });

  it("is searched by words and sorted by any column, empty cells last either way", () => {
    const names = (search: string, column: number | null, descending: boolean) =>
      arranged(rows, search, { column, descending }).map(({ treatment }) => treatment.replace(/^Synth/, ""));
    expect(names("", null, false)).toEqual(["estat B", "inert D", "estat A", "estat 10"]);
    expect(names("", 2, true)).toEqual(["estat A", "estat B", "estat 10", "inert D"]);
    expect(names("", 2, false)).toEqual(["estat 10", "estat B", "estat A", "inert D"]);
    expect(names("", 0, false)).toEqual(["estat 10", "estat A", "estat B", "inert D"]);
    expect(names("STAT hit", null, false)).toEqual(["estat B", "estat A"]);
    expect(names("nothing", 0, true)).toEqual([]);
  });

  it("is written as people read it, and as CSV that is safe to open", () => {
    expect([0.123456, -0.2, 1e-5, 12, null, "x"].map(cellText)).toEqual([
      "0.123",
      "−0.2",
      "1.0 × 10⁻⁵",
      "12",
      "–",
      "x",
    ]);
    const odd = [{ treatment: "x", cells: ['a "b", c', 1 / 3, null, "=1+1"], curve: null }];
    expect(toCsv(["name", "value", "none", "formula"], odd)).toBe(
      `name,value,none,formula\r\n"a ""b"", c",${1 / 3},,'=1+1\r\n`,
    );
  });
});

describe("a curve's picture", () => {
  const size = { widthPx: 400, heightPx: 300, marginPx: 40 };
  const fit = { bottom: 0, top: 1, ec50Um: 1, hill: -2 };

  it("places doses by their logarithm, the half effect in the middle of the fall", () => {
    const picture = curvePicture(curve("x", { fit, ec50Um: 1, ec50Ci95Um: [0.5, 2], refused: null }), size)!;
    const [first, middle, last] = picture.points;
    expect(middle!.x - first!.x).toBeCloseTo(last!.x - middle!.x, 9);
    expect(picture.ec50).toBeCloseTo(middle!.x, 9);
    expect(picture.interval![0]).toBeLessThan(picture.ec50!);
    expect(picture.line[0]![1]).toBeLessThan(picture.line.at(-1)![1]); // falls on the screen, whose y grows downwards
    expect(responseAt(fit, 1)).toBe(0.5);
    expect(responseAt(fit, 1e9)).toBeCloseTo(0, 9);
    expect(picture.doses.map(({ text }) => text)).toEqual(["0.1", "1", "10"]);
    for (const { x, y } of picture.points) expect(x >= 40 && x <= 390 && y >= 10 && y <= 260).toBe(true);
  });

  it("tells points that were set aside from those that were fitted", () => {
    const aside = curve("x", { setAsideUm: [1, 10] });
    expect(curvePicture(aside, size)!.points.map(({ isSetAside }) => isSetAside)).toEqual([false, true, true]);
    expect(setAsideText(aside)).toMatch(/set aside at 1, 10 µM, where wells leave the axis/);
    expect(setAsideText(curve("x"))).toBeNull();
  });

  it("has no line without a fit, and none at all without doses", () => {
    expect(curvePicture(curve("x"), size)!.line).toEqual([]);
    const untreated = curve("x", { points: [{ doseUm: 0, response: 1, plate: null }] });
    expect(curvePicture(untreated, size)).toBeNull();
    const one = curvePicture(curve("x", { points: [{ doseUm: 3, response: 0.2, plate: null }] }), size)!;
    expect(one.points[0]!.x).toBeGreaterThan(40);
  });

  it("is told in words", () => {
    expect(ec50Text(curve("x"))).toBe("No EC50: the curve is flat.");
    expect(ec50Text(curve("x", { refused: null }))).toBe("No EC50 was fitted.");
    const fitted = curve("x", { ec50Um: 0.08123, ec50Ci95Um: [0.05, 0.12], refused: null });
    expect(ec50Text(fitted)).toBe("EC50 0.0812 µM (95 % interval 0.05 to 0.12).");
    expect([doseText(0.00001), doseText(0.033333)]).toEqual(["10⁻⁵", "0.033"]);
  });
});

it("keeps the ticked treatments in the address, whatever their names hold", () => {
  const names = ["A|B", "50 % C", "D&E=F", "µ"];
  expect([...readSelected(writeSelected(names))]).toEqual(names);
  expect([writeSelected([]), [...readSelected(null)], [...readSelected("a|%E0%A4|")]]).toEqual([null, [], ["a"]]);
});
