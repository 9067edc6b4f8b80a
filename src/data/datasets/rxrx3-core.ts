// RxRx3-core: 735 knock-outs and 1,674 compounds in HUVEC (Kraus et al. 2025). Columns: recursionpharma/rxrx-datasets.
import type { Role } from "../../schema/dataset.ts";
import { defineDataset, type SourceRow, siteOf } from "./define-dataset.ts";
import { CELL_PAINTING_6 } from "./rxrx-layout.ts";

const PERTURBATIONS = ["CRISPR", "COMPOUND"] as const;
/** Wells without a guide or compound, and wells with a guide that serves as control; the release says no more of either. */
const CONTROLS = ["EMPTY_control", "CRISPR_control"];

function roleOf(gene: string | null, treatment: string | null): Role {
  const isControl = (name: string | null) => name !== null && CONTROLS.includes(name);
  return isControl(gene) || isControl(treatment) ? "negative_control" : "treated";
}

/** The name of a site's image in a channel, from 1, as the release's `__key__` column spells it. */
export const rxrx3Key = (row: SourceRow, channel: number): string =>
  `${row.text("experiment_name")}/Plate${row.text("plate")}/${row.text("address")}_s1_${channel}`;

/** RxRx3-core as released: 222,601 wells, one field each, centre crops of 512² in 6 stains. */
export const rxrx3Core = defineDataset({
  id: "rxrx3-core",
  title: "RxRx3-core: knock-outs and compounds in endothelial cells",
  citation: "Kraus et al. 2025, arXiv:2503.20158; Fay et al. 2023, bioRxiv 2023.02.07.527350",
  licence: "Recursion Non-Commercial End User License Agreement",
  pixelSizeUm: 0.65,
  channels: CELL_PAINTING_6,
  metadataFiles: ["metadata_rxrx3_core.csv"],
  columns: [
    "experiment_name",
    "plate",
    "address",
    "gene",
    "treatment",
    "concentration",
    "perturbation_type",
    "cell_type",
  ],
  telltaleColumns: ["well_id", "experiment_name", "address", "perturbation_type"],
  site(row) {
    const kind = row.oneOf("perturbation_type", PERTURBATIONS);
    const treatment = row.text("treatment");
    const role = roleOf(row.optional("gene"), treatment);
    const isDosed = kind === "COMPOUND" && role === "treated";
    return siteOf({
      experiment: row.text("experiment_name"),
      plate: row.text("plate"),
      well: row.text("address"),
      site: "1",
      cellType: row.text("cell_type"),
      role,
      condition: kind,
      treatment,
      doseUm: isDosed ? row.number("concentration") : null,
    });
  },
  images: (row) => CELL_PAINTING_6.map((_, i) => `images/${rxrx3Key(row, i + 1)}.jp2`),
});
