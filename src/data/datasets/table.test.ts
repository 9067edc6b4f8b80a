import { describe, expect, it } from "vitest";
import { messageOf } from "../files.fixture.ts";
import { SourceRow } from "./define-dataset.ts";
import { type TableDatasetOptions, tableDataset } from "./table.ts";

const CHANNELS = [{ name: "DNA" }, { name: "actin", token: "d2" }, { name: "mystery" }];
const columnsOf = (row: Record<string, string>) => new Map(Object.entries(row).map(([name, value]) => [name, [value]]));

function define(row: Record<string, string>, options: Partial<TableDatasetOptions> = {}) {
  const dataset = tableDataset(
    { images: "{plate}/{well}_{channel}.tif", channels: CHANNELS, ...options },
    Object.keys(row),
    "t.csv",
  );
  const source = new SourceRow("t.csv", columnsOf(row), 0);
  return { dataset, site: () => dataset.site(source), images: () => dataset.images(source) };
}

describe("tableDataset", () => {
  it("takes columns by name in any case, and composes ids from what there is", () => {
    const { site, images } = define({ Plate: "P1", WELL: "C05", treatment: "x", dose_um: "2.5" });
    expect(site()).toEqual({
      site_id: "P1_C05_1",
      well_id: "P1_C05",
      plate_id: "P1",
      experiment: "table",
      plate: "P1",
      well: "C05",
      row: 2,
      column: 4,
      site: "1",
      cell_type: null,
      role: "unknown",
      condition: null,
      treatment: "x",
      dose_um: 2.5,
    });
    expect(images()).toEqual(["P1/C05_1.tif", "P1/C05_d2.tif", "P1/C05_3.tif"]);
  });

  it("takes columns that it is told, and any column in the template", () => {
    const row = { Metadata_Well: "B02", run: "r7", barcode: "27", f: "4", exp: "E" };
    const { site, images } = define(row, {
      columns: { well: "Metadata_Well", plate: "barcode", experiment: "exp", site: "f" },
      images: "{run}/{barcode}-{well}-f{site}.tif",
    });
    expect(site()).toMatchObject({ plate_id: "E_27", well_id: "E_27_B02", site_id: "E_27_B02_4", experiment: "E" });
    expect(images()).toEqual(["r7/27-B02-f4.tif"]); // no {channel}: one file holds them all
  });

  it("without wells, each site is its own well", () => {
    const { site } = define({ site_id: "img-9", plate: "1" }, { images: "{site_id}.png" });
    expect(site()).toMatchObject({ site_id: "img-9", well_id: "img-9", well: "", row: null });
  });

  it("gets roles from a column of them, else from the control names, else not at all", () => {
    const roleOf = (row: Record<string, string>, options: Partial<TableDatasetOptions> = {}) =>
      define({ plate: "1", well: "A1", ...row }, options).site().role;
    const controls = { negativeControls: ["DMSO", "healthy"], positiveControls: ["sick"] };
    expect(roleOf({ role: "blank", treatment: "DMSO" }, controls)).toBe("blank");
    expect(roleOf({ treatment: "DMSO" }, controls)).toBe("negative_control");
    expect(roleOf({ condition: "sick" }, controls)).toBe("positive_control");
    expect(roleOf({ condition: "sick", treatment: "aspirin" }, controls)).toBe("treated");
    expect(roleOf({ treatment: "aspirin" }, controls)).toBe("treated");
    expect(roleOf({ treatment: "aspirin" })).toBe("unknown");
  });

  it("gives known stains their usual colour and others a distinct one", () => {
    const { dataset } = define({ plate: "1", well: "A1" });
    expect(dataset.channels).toEqual([
      { name: "DNA", stain: "DNA", colour: "#3a6bff" },
      { name: "actin", stain: "actin", colour: "#ff4136" },
      { name: "mystery", stain: "mystery", colour: "#b10dc9" },
    ]);
  });

  it("refuses what cannot work, saying why", async () => {
    const why = (
      code: string,
      options: Partial<TableDatasetOptions>,
      row: Record<string, string> = { plate: "1", well: "A1" },
    ) => messageOf(code, () => define(row, options).site());
    expect(await why("bad-template", { images: "images/{plate" })).toMatch(
      /template "images\/\{plate" cannot be used: a brace is not closed/,
    );
    expect(await why("bad-template", { images: "a.png" })).toContain("it names no column");
    expect(await why("unknown-column", { images: "{Plate_Name}.png" })).toContain('t.csv has no column "Plate_Name"');
    expect(await why("unknown-column", { columns: { well: "Well" } })).toContain('t.csv has no column "Well"');
    expect(await why("unknown-channel", { channels: [] })).toMatch(
      /no channel is named\.[\s\S]*--channels DNA,actin,tubulin/,
    );
    expect(await why("unknown-channel", { channels: [{ name: "a" }, { name: "a" }] })).toContain(
      'the channel "a" is named twice',
    );
    expect(await why("bad-cell", {}, { plate: "1", well: "A1", role: "boss" })).toContain(
      'role is "boss", not one of negative_control',
    );
  });

  it("refuses a row whose file cannot be named", async () => {
    const { images } = define({ plate: "1", well: "" });
    expect(await messageOf("bad-cell", images)).toContain("t.csv, row 1: well is empty");
  });
});
