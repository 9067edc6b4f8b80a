// RxRx2: HUVEC under 434 soluble factors (Cuccarese et al. 2020). Columns: recursionpharma/rxrx-datasets.
import { defineDataset, siteOf } from "./define-dataset.ts";
import { CELL_PAINTING_6, rxrxImages, rxrxPlace } from "./rxrx-layout.ts";

/**
 * RxRx2 as released: 131,953 sites of 1024² in 6 stains, four a well.
 *
 * `treatment_conc` is in mg/mL, which is no µM without the factor's mass, so `dose_um` stays empty; the column itself is
 * kept in `sites.parquet`.
 */
export const rxrx2 = defineDataset({
  id: "rxrx2",
  title: "RxRx2: soluble factors on endothelial cells",
  citation: "Cuccarese et al. 2020, bioRxiv 2020.08.02.233064; rxrx.ai/rxrx2",
  licence: "non-commercial (CC-BY-NC-4.0 by its README, CC-BY-NC-SA by other accounts)",
  pixelSizeUm: null,
  channels: CELL_PAINTING_6,
  metadataFiles: ["rxrx2-metadata.csv", "metadata.csv"],
  columns: ["cell_type", "experiment", "plate", "well", "site", "treatment", "treatment_conc"],
  telltaleColumns: ["site_id", "well_id", "cell_type", "treatment", "treatment_conc"],
  telltaleValues: { column: "cell_type", values: ["HUVEC"] }, // the columns alone are a part of RxRx19a's
  site(row) {
    const treatment = row.optional("treatment");
    row.number("treatment_conc"); // refused here when it is no number, though only kept
    return siteOf({
      ...rxrxPlace(row),
      role: treatment === null ? "negative_control" : "treated",
      treatment,
    });
  },
  images: (row) => rxrxImages(row, 6),
});
