// Single cells of MitoCheck's time-lapse screen (Neumann et al. 2010): HeLa chromatin, one crop a row, phenotypes named by people.
import { defineDataset, siteOf } from "./define-dataset.ts";

/**
 * A table of crops, 64 px a side: `metadata.csv`, whose column `image` says where each crop lies.
 *
 * Its phenotypes are what people called the cells. They stay a source column, beside `site` rather than in it: neither a
 * condition nor a treatment, and nothing that learns features reads them.
 */
export const mitocheckCells = defineDataset({
  id: "mitocheck-cells",
  title: "MitoCheck single cells: 16 phenotypes of chromatin",
  citation: "Neumann et al. 2010, Nature 464:721 (MitoCheck); labelled cells: Way laboratory, phenotypic_profiling",
  licence: "CC BY 4.0",
  pixelSizeUm: null,
  channels: [{ name: "DNA", stain: "H2B-GFP (chromatin)", colour: "#2ecc40" }],
  metadataFiles: ["metadata.csv"],
  columns: ["cell_id", "plate", "position", "frame", "x", "y", "phenotype", "image"],
  site(row) {
    const plate = row.text("plate");
    const site = siteOf({
      siteId: row.text("cell_id"),
      experiment: "MitoCheck",
      plateId: plate, // unique over the whole screen
      plate,
      well: row.text("position"),
      site: `t${row.text("frame")}_x${row.text("x")}_y${row.text("y")}`,
      cellType: "HeLa",
      role: "unknown",
    });
    return { ...site, row: null, column: null }; // P365 is a position by number, not row P and column 365
  },
  images: (row) => [row.text("image")],
});
