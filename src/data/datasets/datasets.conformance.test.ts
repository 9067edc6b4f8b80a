// Every preset over a few rows in its release's exact layout: a new data set adds its fixture here and nothing else.
import { describe, expect, it } from "vitest";
import { Site } from "../../schema/dataset.ts";
import { messageOf } from "../files.fixture.ts";
import type { ImageSource } from "../image-source.ts";
import { recogniseDataset } from "../metadata.ts";
import { SourceRow } from "./define-dataset.ts";
import { datasets } from "./index.ts";

interface Fixture {
  readonly csv: readonly string[];
  readonly firstImages: readonly string[];
  readonly sites: readonly Partial<Site>[];
}

const RXRX19A: Fixture = {
  csv: [
    "site_id,well_id,cell_type,experiment,plate,well,site,disease_condition,treatment,treatment_conc,SMILES",
    "VERO-1_1_AA02_1,VERO-1_1_AA02,VERO,VERO-1,1,AA02,1,Active SARS-CoV-2,Ribavirin,0.03,N",
    "VERO-1_1_B08_2,VERO-1_1_B08,VERO,VERO-1,1,B08,2,Mock,,,",
    "HRCE-2_27_C16_3,HRCE-2_27_C16,HRCE,HRCE-2,27,C16,3,UV Inactivated SARS-CoV-2,,,",
    "HRCE-2_27_C17_4,HRCE-2_27_C17,HRCE,HRCE-2,27,C17,4,Active SARS-CoV-2,,,",
    "HRCE-2_27_C18_4,HRCE-2_27_C18,HRCE,HRCE-2,27,C18,4,,,,",
  ],
  firstImages: [1, 2, 3, 4, 5].map((w) => `images/VERO-1/Plate1/AA02_s1_w${w}.png`),
  sites: [
    { site_id: "VERO-1_1_AA02_1", role: "treated", treatment: "Ribavirin", dose_um: 0.03, row: 26, column: 1 },
    { well_id: "VERO-1_1_B08", role: "negative_control", condition: "Mock", treatment: null, dose_um: null },
    { plate_id: "HRCE-2_27", role: "negative_control", condition: "UV Inactivated SARS-CoV-2", cell_type: "HRCE" },
    { role: "positive_control", condition: "Active SARS-CoV-2", treatment: null },
    { role: "blank", condition: null, treatment: null },
  ],
};

const ROLE_COLUMNS = ["disease_condition", "well_type", "role", "perturbation_type"];

const FIXTURES: Record<string, Fixture> = {
  "synthetic-screen": RXRX19A,
  rxrx19a: RXRX19A,
  rxrx1: {
    csv: [
      "site_id,well_id,cell_type,dataset,experiment,plate,well,site,well_type,sirna,sirna_id",
      "U2OS-04_1_B03_1,U2OS-04_1_B03,U2OS,train,U2OS-04,1,B03,1,treatment,s21721,513",
      "U2OS-04_1_B02_2,U2OS-04_1_B02,U2OS,train,U2OS-04,1,B02,2,negative_control,EMPTY,1138",
      "U2OS-04_1_C02_2,U2OS-04_1_C02,U2OS,train,U2OS-04,1,C02,2,positive_control,s502431,1108",
    ],
    firstImages: [1, 2, 3, 4, 5, 6].map((w) => `images/U2OS-04/Plate1/B03_s1_w${w}.png`),
    sites: [
      { site_id: "U2OS-04_1_B03_1", role: "treated", treatment: "s21721", dose_um: null },
      { role: "negative_control" },
      { role: "positive_control", well_id: "U2OS-04_1_C02" },
    ],
  },
  rxrx19b: {
    csv: [
      "site_id,well_id,cell_type,experiment,plate,well,site,disease_condition,treatment,treatment_conc,SMILES",
      "HUVEC-1_1_AA02_1,HUVEC-1_1_AA02,HUVEC,HUVEC-1,1,AA02,1,storm-severe,Ruxolitinib,0.3,N",
      "HUVEC-1_1_B08_1,HUVEC-1_1_B08,HUVEC,HUVEC-1,1,B08,1,healthy,,,",
      "HUVEC-1_1_B09_1,HUVEC-1_1_B09,HUVEC,HUVEC-1,1,B09,1,storm-severe,,,",
      "HUVEC-1_1_B10_1,HUVEC-1_1_B10,HUVEC,HUVEC-1,1,B10,1,,,,",
      "HUVEC-1_1_B11_1,HUVEC-1_1_B11,HUVEC,HUVEC-1,1,B11,1,healthy,Ruxolitinib,1,N",
    ],
    firstImages: [1, 2, 3, 4, 5, 6].map((w) => `images/HUVEC-1/Plate1/AA02_s1_w${w}.png`),
    sites: [
      { site_id: "HUVEC-1_1_AA02_1", role: "treated", treatment: "Ruxolitinib", dose_um: 0.3, row: 26 },
      { role: "negative_control", condition: "healthy", treatment: null },
      { role: "positive_control", condition: "storm-severe", treatment: null },
      { role: "blank", condition: null },
      { role: "treated", condition: "healthy", dose_um: 1 },
    ],
  },
  rxrx2: {
    csv: [
      "site_id,well_id,cell_type,experiment,plate,well,site,treatment,treatment_conc",
      "HUVEC-1_1_AA02_2,HUVEC-1_1_AA02,HUVEC,HUVEC-1,1,AA02,2,TNF-alpha,0.0001",
      "HUVEC-1_1_AA03_4,HUVEC-1_1_AA03,HUVEC,HUVEC-1,1,AA03,4,,",
    ],
    firstImages: [1, 2, 3, 4, 5, 6].map((w) => `images/HUVEC-1/Plate1/AA02_s2_w${w}.png`),
    sites: [
      { site_id: "HUVEC-1_1_AA02_2", role: "treated", treatment: "TNF-alpha", dose_um: null }, // mg/mL is no µM
      { role: "negative_control", treatment: null },
    ],
  },
  "rxrx3-core": {
    csv: [
      "well_id,experiment_name,plate,address,gene,treatment,SMILES,concentration,perturbation_type,cell_type",
      "compound-001_19_D20,compound-001,19,D20,,Dequalinium,C1 |c:1|,0.25,COMPOUND,HUVEC",
      "gene-079_8_H29,gene-079,8,H29,RPLP2,RPLP2_guide_4,,,CRISPR,HUVEC",
      "gene-060_9_P28,gene-060,9,P28,EMPTY_control,EMPTY_control,,,CRISPR,HUVEC",
      "compound-001_11_AF08,compound-001,11,AF08,,EMPTY_control,,,COMPOUND,HUVEC",
      "compound-004_43_B08,compound-004,43,B08,,CRISPR_control,,,COMPOUND,HUVEC",
    ],
    firstImages: [1, 2, 3, 4, 5, 6].map((c) => `images/compound-001/Plate19/D20_s1_${c}.jp2`),
    sites: [
      { well_id: "compound-001_19_D20", role: "treated", treatment: "Dequalinium", dose_um: 0.25, row: 3, column: 19 },
      { role: "treated", treatment: "RPLP2_guide_4", condition: "CRISPR", dose_um: null },
      { role: "negative_control", well_id: "gene-060_9_P28" },
      { role: "negative_control", condition: "COMPOUND", row: 31 },
      { role: "negative_control", treatment: "CRISPR_control", dose_um: null },
    ],
  },
  "bbbc021-crops": {
    csv: [
      "crop_id,plate,well,site,cell,replicate,compound,concentration,moa,role",
      "Week4_27481_B02_s1_c000,Week4_27481,B02,1,0,1,DMSO,0.0,DMSO,negative_control",
      "Week4_27801_C05_s2_c012,Week4_27801,C05,2,12,1,cyclohexamide,15.0,Protein synthesis,treatment",
    ],
    firstImages: [1, 2, 3].map((w) => `images/Week4_27481/B02_s1_c000_w${w}.png`),
    sites: [
      { site_id: "Week4_27481_B02_s1_c000", plate_id: "Week4_27481", experiment: "Week4", role: "negative_control" },
      { well_id: "Week4_27801_C05", site: "s2_c12", role: "treated", treatment: "cyclohexamide", dose_um: 15 },
    ],
  },
  "mitocheck-cells": {
    csv: [
      "cell_id,plate,position,frame,x,y,phenotype,image",
      "PLLT0017_19_P365_t64_x7_y8,PLLT0017_19,P365,64,7,8,ADCCM,images/PLLT0017_19/a.png",
      "PLLT0017_19_P365_t64_x9_y8,PLLT0017_19,P365,64,9,8,Interphase,images/PLLT0017_19/b.png",
      "PLLT0023_04_P005_t29_x1_y2,PLLT0023_04,P005,29,1,2,,images/PLLT0023_04/c.png",
    ],
    firstImages: ["images/PLLT0017_19/a.png"],
    sites: [
      {
        ...{ site_id: "PLLT0017_19_P365_t64_x7_y8", well_id: "PLLT0017_19_P365", plate_id: "PLLT0017_19" },
        ...{ plate: "PLLT0017_19", well: "P365", row: null, column: null, site: "t64_x7_y8", cell_type: "HeLa" },
        ...{ role: "unknown", condition: null, treatment: null, dose_um: null },
      },
      { well_id: "PLLT0017_19_P365", site: "t64_x9_y8", condition: null },
      { well_id: "PLLT0023_04_P005", role: "unknown" },
    ],
  },
  bbbc013: {
    csv: [
      "plate,well,row,column,replicate,role,condition,treatment,dose_um",
      "1049,A01,A,1,1,negative_control,untreated,,",
      "1049,B12,B,12,2,positive_control,inhibited,wortmannin,0.15",
      "1049,E04,E,4,1,treated,drug,LY294002,0.63",
    ],
    firstImages: ["images/A01_w1.png", "images/A01_w2.png"],
    sites: [
      { site_id: "BBBC013_1049_A01_1", role: "negative_control", condition: "untreated", treatment: null, row: 0 },
      { role: "positive_control", condition: "inhibited", treatment: "wortmannin", dose_um: 0.15, row: 1, column: 11 },
      { well_id: "BBBC013_1049_E04", role: "treated", treatment: "LY294002", dose_um: 0.63, cell_type: "U2OS" },
    ],
  },
};

/** Cells without controls: what the row is for is not in the table. */
const WITHOUT_ROLES = ["mitocheck-cells"];

function columnsOf(fixture: Fixture): Map<string, (string | null)[]> {
  const [header = "", ...lines] = fixture.csv;
  return new Map(header.split(",").map((name, i) => [name, lines.map((line) => line.split(",")[i] || null)]));
}

function rowsOf(fixture: Fixture): SourceRow[] {
  return fixture.csv.slice(1).map((_, i) => new SourceRow("metadata.csv", columnsOf(fixture), i));
}

const changed = (fixture: Fixture, column: string, value: string): SourceRow => {
  const names = fixture.csv[0]!.split(",");
  const cells = fixture.csv[1]!.split(",");
  return new SourceRow(
    "metadata.csv",
    new Map(names.map((name, i) => [name, [name === column ? value : cells[i]!]])),
    0,
  );
};

describe("the registry", () => {
  it("has unique ids, and a fixture for each", () => {
    const ids = datasets.map((dataset) => dataset.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Object.keys(FIXTURES).sort()).toEqual([...ids].sort());
  });

  const files = { has: async () => false, name: "source" } as unknown as ImageSource;
  const metadataOf = (columns: Map<string, (string | null)[]>) => ({
    ...{ file: "metadata.csv", folder: "" },
    table: { nRows: [...columns.values()][0]!.length, columns },
  });

  it("tells the tables of different data sets apart", async () => {
    for (const { id, markerFile } of datasets) {
      const metadata = metadataOf(columnsOf(FIXTURES[id]!));
      expect((await recogniseDataset(files, metadata)).id).toBe(markerFile === undefined ? id : "rxrx19a");
    }
  });

  it("takes no other plate with BBBC013's columns for it", async () => {
    const columns = columnsOf(FIXTURES.bbbc013!).set("plate", ["7", "7", "7"]);
    const message = await messageOf("unknown-dataset", () => recogniseDataset(files, metadataOf(columns)));
    expect(message).toContain("matches no data set preset");
  });
});

for (const dataset of datasets) {
  describe(dataset.id, () => {
    const fixture = FIXTURES[dataset.id]!;
    const rows = rowsOf(fixture);
    const sites = rows.map((row) => dataset.site(row));

    it("finds its columns in its own table", () => {
      const header = fixture.csv[0]!.split(",");
      expect(dataset.columns.filter((name) => !header.includes(name))).toEqual([]);
    });

    it("reads rows as the release means them", () => {
      for (const [i, want] of fixture.sites.entries()) expect(sites[i]).toMatchObject(want);
      for (const site of sites) Site.parse({ ...site, image_index: 0 });
    });

    it("has controls, unless no row has a role, and doses only where there is a treatment", () => {
      const without = WITHOUT_ROLES.includes(dataset.id);
      expect(sites.some((site) => site.role === "negative_control")).toBe(!without);
      expect(sites.every((site) => site.role === "unknown")).toBe(without);
      for (const site of sites) if (site.dose_um !== null) expect(site.treatment).not.toBeNull();
    });

    it("names one file a channel, as the release lays them out", () => {
      expect(dataset.images(rows[0]!)).toEqual(fixture.firstImages);
      expect(fixture.firstImages.length).toBe(dataset.channels.length);
    });

    it("has channels with unique names, stains and colours to show them in", () => {
      for (const key of ["name", "stain", "colour"] as const) {
        expect(new Set(dataset.channels.map((channel) => channel[key])).size, key).toBe(dataset.channels.length);
      }
      for (const channel of dataset.channels) expect(channel.colour).toMatch(/^#[0-9a-f]{6}$/);
    });

    it("refuses a row without a well, or with a role it does not know", async () => {
      const wellColumn = ["well", "address", "position"].find((name) => dataset.columns.includes(name))!;
      const message = await messageOf("bad-cell", () => dataset.site(changed(fixture, wellColumn, "")));
      expect(message.startsWith(`metadata.csv, row 1: ${wellColumn} is empty, not a value.`)).toBe(true);
      const roleColumn = ROLE_COLUMNS.find((name) => dataset.columns.includes(name));
      if (roleColumn === undefined) return; // RxRx2 knows roles by treatments, MitoCheck's cells have none
      const unknown = await messageOf("bad-cell", () => dataset.site(changed(fixture, roleColumn, "Mokk")));
      expect(unknown).toMatch(/row 1: \w+ is "Mokk", not one of /);
    });
  });
}

it("a dose that is no number is refused, naming its row", async () => {
  const message = await messageOf("bad-cell", () =>
    datasets.find(({ id }) => id === "rxrx19a")!.site(changed(RXRX19A, "treatment_conc", "high")),
  );
  expect(message).toContain('metadata.csv, row 1: treatment_conc is "high", not a number.');
});
