// Every table leaves the page whole: as CSV that a spreadsheet reads, and as Markdown that no name can break.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tableToCsv } from "./csv.ts";
import { EMPTY } from "./page.fixture.ts";
import { renderMarkdown } from "./render-markdown.ts";
import { reportFixture } from "./report.fixture.ts";
import { summaryOf } from "./summary-of.ts";
import { reportTables } from "./tables-of.ts";

const fixture = reportFixture();
const tables = reportTables(fixture);

/** RFC 4180, read by the letter. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let [row, cell, quoted] = [[] as string[], "", false];
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted && c === '"' && text[i + 1] === '"') {
      cell += c;
      i++;
    } else if (c === '"') quoted = !quoted;
    else if (!quoted && c === ",") {
      row.push(cell);
      cell = "";
    } else if (!quoted && c === "\r" && text[i + 1] === "\n") {
      rows.push([...row, cell]);
      [row, cell] = [[], ""];
      i++;
    } else cell += c;
  }
  return rows;
}

describe("tables", () => {
  it("hold every score, curve and truth, unrounded", () => {
    const titles = tables.map(({ title }) => title);
    expect(titles.slice(0, 5)).toEqual([
      "Truths",
      "Scores",
      "Confusion",
      "Dose-response curves",
      "Dose-response points",
    ]);
    const cells = new Set(tables.flatMap(({ rows }) => rows.flat()));
    const missing = summaryOf(fixture)
      .figures.filter(({ metric }) => !/^treatments /.test(metric))
      .flatMap(({ value, interval }) => [value, ...(interval ?? [])])
      .filter((value) => value !== null && !cells.has(value));
    expect(missing).toEqual([]);
  });

  it("have unique names fit for files, and rows as wide as their head", () => {
    expect(new Set(tables.map(({ id }) => id)).size).toBe(tables.length);
    for (const { id, columns, rows } of tables) {
      expect(id).toMatch(/^\d\d-[a-z0-9-]+$/);
      expect(new Set(rows.map((row) => row.length)), id).toEqual(new Set([columns.length]));
    }
    const evil = { ...fixture, tasks: fixture.tasks.map((run) => ({ ...run, task: "../../etc/x", encoder: "/" })) };
    for (const { id } of reportTables(evil)) expect(id).toMatch(/^\d\d-[a-z0-9-]+$/);
  });

  it("are none for an empty report", () => {
    expect(reportTables(EMPTY)).toEqual([]);
  });
});

describe("CSV", () => {
  it("comes back as it was, whatever a name holds, but for the guard against formulas", () => {
    const cell = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        const read = readCsv(tableToCsv({ id: "a", title: "A", columns: ["x", "y"], rows }));
        const guarded = (text: string) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
        const text = (c: string | number | null) => (typeof c === "string" ? guarded(c) : c === null ? "" : String(c));
        expect(read).toEqual([["x", "y"], ...rows.map((row) => row.map(text))]);
      }),
    );
  });

  it("guards names, not numbers", () => {
    const rows = [["=cmd()", -1.5]] as const;
    expect(tableToCsv({ id: "a", title: "A", columns: ["x", "y"], rows })).toBe("x,y\r\n'=cmd(),-1.5\r\n");
  });
});

describe("Markdown", () => {
  it("says in words what the page says, and cuts long tables with a pointer to their CSV", () => {
    const text = renderMarkdown(fixture);
    const headings = text.split("\n").filter((line) => line.startsWith("## "));
    expect(headings.slice(0, 5)).toEqual([
      "## What was asked",
      "## What came out",
      "## How sure",
      "## What to distrust",
      "## Truths",
    ]);
    expect(text).toContain("> **Synthetic data.**");
    expect(text).toMatch(/more rows in `\d\d-map-of-the-embedding\.csv`/);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
    expect(renderMarkdown({ ...EMPTY, private: true })).toContain("**Private data.**");
  });

  it("keeps names from breaking tables, and commands from leaving their fence", () => {
    const evil = "a | b\n## <script>x</script> `y` [z](http://x)";
    const truth = { planted: 1, found: 1, interval: null, verdict: "met" as const, explanation: "" };
    const text = renderMarkdown({ ...EMPTY, truths: [{ ...truth, what: evil }], commands: ["echo ```"] });
    const row = text.split("\n").find((line) => line.startsWith("| a"))!;
    expect(row.match(/(?<!\\)\|/g)?.length).toBe(8);
    expect(text).not.toContain("<script");
    expect(row).toContain("\\[z\\](http://x)");
    expect(text).toContain("````\necho ```\n````");
  });
});
