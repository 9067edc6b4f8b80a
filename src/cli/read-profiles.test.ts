import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { aggregate, column, fitPipeline, parseStep, textColumn } from "../profiles/index.ts";
import { readProfiles } from "./read-profiles.ts";

const folder = mkdtempSync(join(tmpdir(), "gandl-profiles-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, ...lines: string[]) => {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
};

/** As RxRx19a publishes them: site_id and features here, everything else in metadata.csv, in another order. */
const EMBEDDINGS = file(
  "embeddings.csv",
  "site_id,feature_0,feature_1",
  ...["HRCE-1_1_AA02_1,1,2", "HRCE-1_1_AA02_2,3,4", "HRCE-1_1_B03_1,5,6", "HRCE-2_1_B03_1,7,8"],
);
const HEAD = "site_id,well_id,cell_type,experiment,plate,well,site,disease_condition,treatment,treatment_conc";
const METADATA = file(
  "metadata.csv",
  HEAD,
  "HRCE-2_1_B03_1,HRCE-2_1_B03,HRCE,HRCE-2,1,B03,1,Active SARS-CoV-2,Remdesivir (GS-5734),0.3",
  "HRCE-1_1_B03_1,HRCE-1_1_B03,HRCE,HRCE-1,1,B03,1,Active SARS-CoV-2,,",
  "HRCE-1_1_AA02_2,HRCE-1_1_AA02,HRCE,HRCE-1,1,AA02,2,Mock,,",
  "HRCE-1_1_AA02_1,HRCE-1_1_AA02,HRCE,HRCE-1,1,AA02,1,Mock,,",
);

describe("RxRx embeddings with their metadata", () => {
  it("are joined by site_id whatever the order, with plates told apart by experiment and names that tasks use", async () => {
    const { table, told } = await readProfiles(EMBEDDINGS, { metadata: METADATA });
    expect(told).toEqual([]);
    expect(textColumn(table, "condition")).toEqual(["Mock", "Mock", "Active SARS-CoV-2", "Active SARS-CoV-2"]);
    expect(textColumn(table, "plate_id")).toEqual(["HRCE-1_1", "HRCE-1_1", "HRCE-1_1", "HRCE-2_1"]);
    expect(textColumn(table, "well_id").slice(1, 3)).toEqual(["HRCE-1_1_AA02", "HRCE-1_1_B03"]);
    expect(column(table, "treatment")).toEqual([null, null, null, "Remdesivir (GS-5734)"]);
    expect(column(table, "dose_um").map(Number)).toEqual([0, 0, 0, 0.3]); // tasks read numbers; empty is no dose
    expect(column(table, "row").map(Number)).toEqual([26, 26, 1, 1]); // AA follows Z
    expect([...table.features]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const wells = aggregate(table);
    expect([wells.nRows, ...wells.features.subarray(0, 2)]).toEqual([3, 2, 3]);
  });

  it("say which row has no metadata, and what cannot be joined", async () => {
    const short = file("short.csv", HEAD, "HRCE-1_1_AA02_1,HRCE-1_1_AA02,HRCE,HRCE-1,1,AA02,1,Mock,,");
    await expect(readProfiles(EMBEDDINGS, { metadata: short })).rejects.toThrow(
      /3 of 4 rows of .*embeddings\.csv have no line in .*short\.csv; the first is site_id HRCE-1_1_AA02_2/,
    );
    const other = file("other.csv", "picture,condition", "1,Mock");
    await expect(readProfiles(EMBEDDINGS, { metadata: other })).rejects.toThrow(/neither site_id nor well_id/);
  });
});

describe("CellProfiler tables", () => {
  const table = file(
    "profiles.csv",
    "Metadata_Plate,Metadata_Well,Metadata_broad_sample,Cells_AreaShape_Area,Nuclei_Texture_Contrast,Cytoplasm_Bad",
    ...["P1,A01,DMSO,1,10,", "P1,A02,BRD-1,2,20,3", "P2,A01,DMSO,5,50,", "P2,A02,BRD-1,6,60,4"],
  );
  const columns = "plate_id=Metadata_Plate,well_id=Metadata_Plate+Metadata_Well,treatment=Metadata_broad_sample";

  it("give their features and ids by name, drop what is mostly missing and say so, and take every step", async () => {
    const read = await readProfiles(table, { columns });
    expect(read.table.featureNames).toEqual(["Cells_AreaShape_Area", "Nuclei_Texture_Contrast"]);
    expect(read.told).toEqual([expect.stringMatching(/1 features are missing in more than 5 % of the rows/)]);
    expect(textColumn(read.table, "well_id")).toEqual(["P1_A01", "P1_A02", "P2_A01", "P2_A02"]);
    const steps = ["standardise:by=plate_id", "inverse-normal"].map(parseStep);
    const { features } = fitPipeline(read.table, steps).table;
    expect(features[0]).toBeCloseTo(features[4]!, 6); // the plates' shift is gone
    expect(features[0]!).toBeLessThan(features[2]!);
  });

  it("say what a wrong column name could have been, and that no column is a feature", async () => {
    await expect(readProfiles(table, { columns: "plate_id=Plate" })).rejects.toThrow(
      /'plate_id=Plate' does not name a column of .*profiles\.csv\.\n.*it has Metadata_Plate, Metadata_Well/,
    );
    await expect(readProfiles(table, { features: "emb_*" })).rejects.toThrow(/no column matches --features 'emb_\*'/);
  });
});
