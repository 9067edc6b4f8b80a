// RxRx1: 1,108 siRNAs in four cell types over 51 experiments, made to study batch effects (Sypetkowski et al. 2023).
import { defineDataset, siteOf } from "./define-dataset.ts";
import { CELL_PAINTING_6, rxrxImages, rxrxPlace } from "./rxrx-layout.ts";

const WELL_TYPES = ["treatment", "negative_control", "positive_control"] as const;

/** RxRx1 as released on rxrx.ai: 125,510 sites of 512² in 6 stains. */
export const rxrx1 = defineDataset({
  id: "rxrx1",
  title: "RxRx1: siRNA perturbations in four cell types",
  citation: "Sypetkowski et al. 2023, CVPR Workshops; rxrx.ai/rxrx1",
  licence: "CC-BY-NC-SA-4.0",
  pixelSizeUm: null, // about twice RxRx19a's 0.65 µm, unverified
  channels: CELL_PAINTING_6,
  metadataFiles: ["metadata.csv"],
  columns: ["cell_type", "experiment", "plate", "well", "site", "well_type", "sirna"],
  telltaleColumns: ["site_id", "well_type", "sirna"],
  site(row) {
    const wellType = row.oneOf("well_type", WELL_TYPES);
    return siteOf({
      ...rxrxPlace(row),
      role: wellType === "treatment" ? "treated" : wellType,
      treatment: row.optional("sirna"),
    });
  },
  images: (row) => rxrxImages(row, 6),
});
