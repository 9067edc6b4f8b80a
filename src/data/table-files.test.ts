import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isGanDlError } from "../core/errors.ts";
import { messageOf, temporaryFolder, writeFiles } from "./files.fixture.ts";
import { readFeatureTable, readTable } from "./table-files.ts";

const folder = temporaryFolder();

function csv(text: string | Uint8Array, name = "t.csv"): string {
  writeFiles(folder, { [name]: text });
  return join(folder, name);
}

const read = async (text: string | Uint8Array, name?: string) =>
  Object.fromEntries((await readTable(csv(text, name))).columns);

describe("readTable of a CSV", () => {
  it("keeps every field as the text it is, in row order", async () => {
    expect(await read("well,code,dose\nAA02,007,1e3\nTRUE,2020-01-01,0.10\n")).toEqual({
      well: ["AA02", "TRUE"],
      code: ["007", "2020-01-01"],
      dose: ["1e3", "0.10"],
    });
  });

  it("drops a byte-order mark and undoes quotes, with newlines, commas and quotes inside them", async () => {
    expect(await read('\uFEFF"a","b, c"\r\n"x\r\ny","say ""hi"""\r\n')).toEqual({
      a: ["x\r\ny"],
      "b, c": ['say "hi"'],
    });
  });

  it("gives null for empty fields, quoted or not", async () => {
    expect(await read('a,b,c\n,"",x\n')).toEqual({ a: [null], b: [null], c: ["x"] });
  });

  it("keeps columns apart whose names differ only by case", async () => {
    expect(await read("Site,site,SITE\n1,2,3\n")).toEqual({ Site: ["1"], site: ["2"], SITE: ["3"] });
  });

  it("reads tabs, semicolons, one column, no final newline, and gzip", async () => {
    expect(await read("a\tb\n1,5\t2", "t.tsv")).toEqual({ a: ["1,5"], b: ["2"] });
    expect(await read("a;b\n1,5;2\n")).toEqual({ a: ["1,5"], b: ["2"] });
    expect(await read("only\nx\ny\n")).toEqual({ only: ["x", "y"] });
    expect(await read(gzipSync("a,b\n1,2\n"), "t.csv.gz")).toEqual({ a: ["1"], b: ["2"] });
    expect(await read("a,b\n")).toEqual({ a: [], b: [] });
  });

  it("comes back as it was written, whatever the text", async () => {
    const field = fc.string({ unit: fc.constantFrom("a", "0", ",", '"', "\n", " ", "µ", "NULL", ";"), maxLength: 6 });
    const rows = fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 5 });
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(rows, async (cells) => {
        const text = `x,y\n${cells.map((row) => row.map(quote).join(",")).join("\n")}\n`;
        const { x, y } = await read(text);
        expect(x).toEqual(cells.map((row) => row[0] || null));
        expect(y).toEqual(cells.map((row) => row[1] || null));
      }),
      { numRuns: 25 },
    );
  });

  it("takes only the columns asked for, in that order, and names one that is not there", async () => {
    const table = await readTable(csv("a,b,c\n1,2,3\n"), { columns: ["c", "a"] });
    expect([...table.columns.keys()]).toEqual(["c", "a"]);
    const message = await messageOf("unknown-column", () => readTable(csv("a,b\n1,2\n"), { columns: ["Well"] }));
    expect(message).toMatch(
      /t\.csv has no column "Well"\.\n {2}why: its columns are a, b\.\n {2}fix: name the column .*--column/,
    );
  });

  it("names the line of a row with too few or too many fields, or a quote that never closes", async () => {
    const why = (text: string | Uint8Array) => messageOf("bad-table", () => readTable(csv(text)));
    expect(await why("a,b,c\n1,2,3\n4,5\n")).toMatch(
      /t\.csv cannot be read as a table: .*Line: 3.*4,5.*Columns: 3 Found: 2/,
    );
    expect(await why("a,b\n1,2,3\n")).toMatch(/Line: 2.*Columns: 2 Found: 3/);
    expect(await why('a,b\n1,"2\n3,4\n')).toMatch(/Line: 2.*quote/);
    expect(await why(Buffer.from([97, 44, 98, 10, 0xff, 0xfe, 44, 49, 10]))).toMatch(/Line: 2.*utf-8/i);
  });

  it("refuses a header that is empty, nameless or ambiguous", async () => {
    const why = (text: string) => messageOf("bad-table", () => readTable(csv(text)));
    expect(await why("")).toContain("it is empty");
    expect(await why("a,,c\n1,2,3\n")).toContain("column 2 of its header has no name");
    expect(await why("a,b,a\n1,2,3\n")).toContain('columns 1 and 3 are both named "a"');
  });

  it("says so when the file is not there", async () => {
    const message = await messageOf("source-not-found", () => readTable(join(folder, "none.csv")));
    expect(message).toMatch(/none\.csv cannot be opened as a table\.\n {2}why: the system says: ENOENT/);
  });

  it("never crashes on bytes that are no table", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.constantFrom("f.csv", "f.csv.gz"), async (bytes, name) => {
        try {
          await readTable(csv(bytes, name));
        } catch (error) {
          expect(isGanDlError(error, "bad-table")).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("readFeatureTable", () => {
  it("splits features from metadata and reads text as floats, an empty cell as NaN", async () => {
    const table = await readFeatureTable(csv("site_id,feature_0,feature_1\na,0.5,-2e3\nb,,7\n"));
    expect(table.featureNames).toEqual(["feature_0", "feature_1"]);
    expect([...table.features]).toEqual([0.5, -2000, Number.NaN, 7]);
    expect(Object.fromEntries(table.metadata)).toEqual({ site_id: ["a", "b"] });
  });

  it("takes the features that it is told to take", async () => {
    const path = csv("id,Cells_Area,note\nx,3,n\n");
    const table = await readFeatureTable(path, { isFeature: (name) => name.startsWith("Cells_") });
    expect(table.featureNames).toEqual(["Cells_Area"]);
    expect([...table.metadata.keys()]).toEqual(["id", "note"]);
  });

  it("reads thousands of columns", async () => {
    const [nRows, nFeatures] = [2500, 2000]; // more rows than one thread holds at a time
    const names = Array.from({ length: nFeatures }, (_, j) => `feature_${j}`).join(",");
    const values = Array.from({ length: nFeatures }, (_, j) => `${j}.2512345`).join(",");
    const lines = Array.from({ length: nRows }, (_, i) => `s${i},${values}`);
    const table = await readFeatureTable(csv(`site_id,${names}\n${lines.join("\n")}\n`));
    expect([table.nRows, table.featureNames.length]).toEqual([nRows, nFeatures]);
    expect(table.features.at(-1)).toBeCloseTo(1999.2512345, 3);
    expect(table.metadata.get("site_id")?.at(-1)).toBe("s2499");
  });

  it("names a feature that is not a number", async () => {
    const message = await messageOf("bad-table", () => readFeatureTable(csv("id,feature_0\na,1\nb,high\n")));
    expect(message).toMatch(/Could not convert string 'high' to FLOAT/);
  });
});
