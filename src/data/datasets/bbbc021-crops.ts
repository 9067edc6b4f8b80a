// Single-cell crops of BBBC021v1 (Caie et al. 2010): MCF-7 cells under DMSO and cycloheximide, one crop a row.
import { defineDataset, siteOf } from "./define-dataset.ts";

/**
 * A private table of crops, 68 px a side: `metadata.csv` and `images/{plate}/{well}_s{site}_c{cell}_w{1..3}.png`.
 *
 * The second and third stain are F-actin and β-tubulin, but which is which is not recorded with the crops.
 */
export const bbbc021Crops = defineDataset({
  id: "bbbc021-crops",
  title: "BBBC021 single-cell crops: DMSO and cycloheximide",
  citation: "Caie et al. 2010, Mol. Cancer Ther. 9:1913; BBBC021v1 (Ljosa et al. 2012, Nat. Methods 9:637)",
  licence: "not open: private testing only",
  pixelSizeUm: null,
  channels: [
    { name: "DNA", stain: "DAPI", colour: "#3a6bff" },
    { name: "stain 2", stain: "F-actin or beta-tubulin (order uncertain)", colour: "#ff4136" },
    { name: "stain 3", stain: "beta-tubulin or F-actin (order uncertain)", colour: "#2ecc40" },
  ],
  metadataFiles: ["metadata.csv"],
  columns: ["crop_id", "plate", "well", "site", "cell", "compound", "concentration", "role"],
  telltaleColumns: ["crop_id", "cell", "compound", "moa"],
  site(row) {
    const plateId = row.text("plate"); // Week4_27481: the week is the experiment
    const cut = plateId.indexOf("_");
    const isControl = row.oneOf("role", ["negative_control", "treatment"]) === "negative_control";
    return siteOf({
      siteId: row.text("crop_id"),
      plateId,
      experiment: cut > 0 ? plateId.slice(0, cut) : plateId,
      plate: plateId.slice(cut + 1),
      well: row.text("well"),
      site: `s${row.text("site")}_c${row.text("cell")}`,
      cellType: "MCF-7",
      role: isControl ? "negative_control" : "treated",
      condition: row.text("compound"),
      treatment: isControl ? null : row.text("compound"),
      doseUm: isControl ? null : row.number("concentration"),
    });
  },
  images(row) {
    const cell = row.text("cell").padStart(3, "0"); // the table says 0, the files say c000
    const stem = `images/${row.text("plate")}/${row.text("well")}_s${row.text("site")}_c${cell}`;
    return [1, 2, 3].map((channel) => `${stem}_w${channel}.png`);
  },
});
