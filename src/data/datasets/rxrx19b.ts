// RxRx19b: HUVEC under a cytokine storm and 1,856 drugs (Cuccarese et al. 2020). Columns: recursionpharma/rxrx-datasets.
import type { Role } from "../../schema/dataset.ts";
import { defineDataset, siteOf } from "./define-dataset.ts";
import { CELL_PAINTING_6, rxrxImages, rxrxPlace, rxrxTreatment } from "./rxrx-layout.ts";

const CONDITIONS = ["healthy", "storm-severe"] as const;

/** Severe storm without a drug shows the disease; the healthy cocktail without one is what a drug should bring back. */
function roleOf(condition: string | null, treatment: string | null): Role {
  if (treatment !== null) return "treated";
  if (condition === null) return "blank"; // no cytokines at all
  return condition === "healthy" ? "negative_control" : "positive_control";
}

/** RxRx19b as released: 70,384 sites of 2048² in 6 stains, one a well. */
export const rxrx19b = defineDataset({
  id: "rxrx19b",
  title: "RxRx19b: cytokine storm drug rescue screen",
  citation: "Cuccarese et al. 2020, bioRxiv 2020.08.02.233064; rxrx.ai/rxrx19b",
  licence: "CC-BY-4.0",
  pixelSizeUm: 0.65,
  channels: CELL_PAINTING_6,
  metadataFiles: ["metadata.csv"],
  columns: ["cell_type", "experiment", "plate", "well", "site", "disease_condition", "treatment", "treatment_conc"],
  telltaleColumns: ["site_id", "disease_condition", "treatment_conc"],
  telltaleValues: { column: "disease_condition", values: CONDITIONS }, // RxRx19a has the same columns
  site(row) {
    const given = rxrxTreatment(row, CONDITIONS);
    return siteOf({ ...rxrxPlace(row), role: roleOf(given.condition, given.treatment), ...given });
  },
  images: (row) => rxrxImages(row, 6),
});
