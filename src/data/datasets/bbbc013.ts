// BBBC013v1: one 96-well plate of U2OS cells in which two inhibitors drive FKHR into the nucleus.
import { defineDataset, siteOf } from "./define-dataset.ts";

const ROLES = ["negative_control", "positive_control", "treated"] as const;

/**
 * The plate with one image a well: `metadata.csv` and `images/{well}_w{1,2}.png`.
 *
 * Positive controls are wells with a drug at a fixed dose, so they keep their treatment: curves over doses take the
 * wells whose role is `treated`. The table's letters and numbers of rows and columns become `source_row`, `source_column`.
 */
export const bbbc013 = defineDataset({
  id: "bbbc013",
  title: "BBBC013: FKHR between cytoplasm and nucleus, by dose of wortmannin and LY294002",
  citation:
    "BBBC013v1, provided by Ilya Ravkin, Broad Bioimage Benchmark Collection (Ljosa et al. 2012, Nat. Methods 9:637)",
  licence: "BBBC013v1, provided by Ilya Ravkin; CC BY 3.0 by the collection's page (not checked here)",
  pixelSizeUm: null,
  channels: [
    { name: "FKHR", stain: "FKHR-EGFP", colour: "#2ecc40" },
    { name: "DNA", stain: "DNA stain", colour: "#3a6bff" },
  ],
  metadataFiles: ["metadata.csv"],
  columns: ["plate", "well", "row", "column", "replicate", "role", "condition", "treatment", "dose_um"],
  telltaleValues: { column: "plate", values: ["1049"] }, // a table of one's own may have all of these columns
  site(row) {
    return siteOf({
      experiment: "BBBC013",
      plate: row.text("plate"),
      well: row.text("well"),
      site: "1",
      cellType: "U2OS",
      role: row.oneOf("role", ROLES),
      condition: row.optional("condition"),
      treatment: row.optional("treatment"),
      doseUm: row.number("dose_um"),
    });
  },
  images: (row) => [1, 2].map((channel) => `images/${row.text("well")}_w${channel}.png`),
});
