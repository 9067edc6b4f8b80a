// MitoCheck's cells and BBBC013's plate, told by their tables alone: small ones made here, and the real ones where they are.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { png, ramp } from "../files.fixture.ts";
import { imported, pixelsOf, place } from "../import.fixture.ts";
import { openDataset } from "../open-dataset.ts";
import { readTable } from "../table-files.ts";

const shared = (path: string): string => join(process.env.GANDL_SHARED_DATA ?? "../shared/data", path);
const tile = (start: number) => png("gray", 4, 4, ramp(4, 4, start));

describe("MitoCheck's cells", () => {
  it("are imported without an option: paths from the table, phenotype and position as columns", async () => {
    const { source, out } = place({
      "metadata.csv": [
        "cell_id,plate,position,frame,x,y,phenotype,image",
        "c1,PLLT0017_19,P365,064,7,8,ADCCM,images/one.png",
        "c2,PLLT0017_19,P365,064,9,8,Interphase,elsewhere/two.png",
        "c3,PLLT0023_04,P005,029,1,2,,images/three.png",
      ].join("\n"),
      ...{ "images/one.png": tile(1), "elsewhere/two.png": tile(50), "images/three.png": tile(90) },
    });
    const manifest = await imported({ source, out });
    expect(manifest).toMatchObject({ id: "mitocheck-cells", licence: "CC BY 4.0", pixelSizeUm: null, skipped: [] });
    expect(await pixelsOf(out)).toEqual([1, 50, 90].flatMap((start) => [...ramp(4, 4, start)]));
    const { columns } = await readTable(join(out, "sites.parquet"));
    expect(columns.get("phenotype")).toEqual(["ADCCM", "Interphase", null]);
    expect(columns.get("plate")).toEqual(["PLLT0017_19", "PLLT0017_19", "PLLT0023_04"]);
    expect(columns.get("position")).toEqual(["P365", "P365", "P005"]);
    expect(columns.get("well")).toEqual(["P365", "P365", "P005"]);
    for (const name of ["row", "column", "condition", "treatment", "dose_um"])
      expect(columns.get(name), name).toEqual([null, null, null]);
  });

  const cells = shared("mitocheck-cells/cells.zip");
  it.skipIf(!existsSync(cells))("as they are: 3,277 crops of 16 phenotypes on 67 plates (shared data)", async () => {
    const { out } = place({});
    const manifest = await imported({ source: cells, out });
    expect(manifest).toMatchObject({ id: "mitocheck-cells", nSites: 3277, heightPx: 64, widthPx: 64, skipped: [] });
    expect(manifest).toMatchObject({ dtype: "uint8", sourceBitDepth: 8, intensityMapping: { kind: "none" } });
    expect(manifest.channels.map(({ stain }) => stain)).toEqual(["H2B-GFP (chromatin)"]);
    const { columns } = await readTable(join(out, "sites.parquet"));
    const distinct = (names: readonly string[]) =>
      new Set(columns.get("plate")!.map((_, i) => names.map((name) => columns.get(name)![i]).join(" "))).size;
    expect([distinct(["phenotype"]), distinct(["plate"]), distinct(["site_id"])]).toEqual([16, 67, 3277]);
    expect(distinct(["well_id", "frame"])).toBe(273);
  });
});

describe("BBBC013's plate", () => {
  it("is imported without an option: both stains, roles and doses, its letters kept beside our numbers", async () => {
    const { source, out } = place({
      "metadata.csv": [
        "plate,well,row,column,replicate,role,condition,treatment,dose_um",
        "1049,A01,A,1,1,negative_control,untreated,,",
        "1049,E04,E,4,1,treated,drug,LY294002,0.63",
      ].join("\n"),
      ...{ "images/A01_w1.png": tile(1), "images/A01_w2.png": tile(50) },
      ...{ "images/E04_w1.png": tile(90), "images/E04_w2.png": tile(130) },
    });
    const manifest = await imported({ source, out });
    expect(manifest).toMatchObject({ id: "bbbc013", pixelSizeUm: null, skipped: [] });
    expect(await pixelsOf(out)).toEqual([1, 50, 90, 130].flatMap((start) => [...ramp(4, 4, start)]));
    const { columns } = await readTable(join(out, "sites.parquet"));
    expect([columns.get("row"), columns.get("source_row")]).toEqual([
      [0, 4],
      ["A", "E"],
    ]);
    expect([columns.get("column"), columns.get("source_column")]).toEqual([
      [0, 3],
      ["1", "4"],
    ]);
    expect(columns.get("dose_um")).toEqual([null, 0.63]);
    expect(columns.get("replicate")).toEqual(["1", "1"]);
  });

  const plate = shared("bbbc013-plate/plate.zip");
  it.skipIf(!existsSync(plate))("as it is: 96 wells, nine doses of two drugs four times (shared data)", async () => {
    const { out } = place({});
    const manifest = await imported({ source: plate, out });
    expect(manifest).toMatchObject({ id: "bbbc013", nSites: 96, heightPx: 640, widthPx: 640, skipped: [] });
    expect(manifest.channels.map(({ name, stain }) => `${name}: ${stain}`)).toEqual([
      "FKHR: FKHR-EGFP",
      "DNA: DNA stain",
    ]);
    expect(manifest.channels[0]!.statistics.mean).toBeGreaterThan(5);
    using dataset = await openDataset(out);
    const groups = new Map<string, number>();
    for (const { role, treatment, dose_um } of dataset.sites) {
      const group = [role, treatment, dose_um].join(" ");
      groups.set(group, (groups.get(group) ?? 0) + 1);
    }
    const treated = [...groups].filter(([group]) => group.startsWith("treated "));
    expect(treated.length).toBe(18);
    for (const [group, wells] of treated) expect(wells, group).toBe(4);
    expect(groups.get("negative_control  ")).toBe(16);
    expect(groups.get("positive_control wortmannin 0.15")).toBe(4);
    expect(groups.get("positive_control LY294002 80")).toBe(4);
    expect(groups.get("treated wortmannin 0.00098")).toBe(4);
    expect(groups.get("treated LY294002 80")).toBe(4);
  });
});
