// RxRx19a: SARS-CoV-2 infected HRCE and VERO cells under 1,670 compounds (Heiser et al. 2020). METHODS: rxrx.ai/rxrx19a.
import type { Role } from "../../schema/dataset.ts";
import { defineDataset, siteOf } from "./define-dataset.ts";
import { rxrxImages, rxrxPlace, rxrxTreatment } from "./rxrx-layout.ts";

const CONDITIONS = ["Active SARS-CoV-2", "Mock", "UV Inactivated SARS-CoV-2"] as const;

/** Untreated infected wells show the disease, so they are the positive control; mock and inactivated virus are healthy. */
function roleOf(condition: string | null, treatment: string | null): Role {
  if (condition === null) return "blank"; // undocumented in the release; excluded by default, as others do
  if (condition !== "Active SARS-CoV-2") return "negative_control";
  return treatment === null ? "positive_control" : "treated";
}

/** RxRx19a as released: 305,520 sites of 1024² in 5 stains. */
export const rxrx19a = defineDataset({
  id: "rxrx19a",
  title: "RxRx19a: SARS-CoV-2 drug rescue screen",
  citation: "Heiser et al. 2020, bioRxiv 2020.04.21.054387; rxrx.ai/rxrx19a",
  licence: "CC-BY-4.0",
  pixelSizeUm: 0.65,
  channels: [
    { name: "DNA", stain: "Hoechst 33342", colour: "#3a6bff" },
    { name: "ER", stain: "Concanavalin A", colour: "#2ecc40" },
    { name: "actin", stain: "Phalloidin", colour: "#ff4136" },
    { name: "RNA", stain: "Syto14", colour: "#ffdc00" },
    { name: "Golgi-membrane", stain: "WGA", colour: "#f012be" },
  ],
  metadataFiles: ["metadata.csv"],
  columns: ["cell_type", "experiment", "plate", "well", "site", "disease_condition", "treatment", "treatment_conc"],
  telltaleColumns: ["site_id", "disease_condition", "treatment_conc"],
  site(row) {
    const given = rxrxTreatment(row, CONDITIONS);
    return siteOf({ ...rxrxPlace(row), role: roleOf(given.condition, given.treatment), ...given });
  },
  images: (row) => rxrxImages(row, 5),
});
