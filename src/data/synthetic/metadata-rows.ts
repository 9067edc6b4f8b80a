// `metadata.csv` and image paths, letter for letter as RxRx19a has them.
import type { SyntheticOptions } from "./options.ts";
import type { PlateTruth, WellTruth } from "./truth.ts";

/** The columns of RxRx19a's `metadata.csv`, in order. */
export const METADATA_COLUMNS = [
  "site_id",
  "well_id",
  "cell_type",
  "experiment",
  "plate",
  "well",
  "site",
  "disease_condition",
  "treatment",
  "treatment_conc",
  "SMILES",
] as const;

/** One image of the screen: a row of `metadata.csv`, every value as text. */
export type MetadataRow = Readonly<Record<(typeof METADATA_COLUMNS)[number], string>>;

/** The row of one site; `SMILES` is empty, since a synthetic compound has no structure. */
export function metadataRow(options: SyntheticOptions, plate: PlateTruth, well: WellTruth, site: number): MetadataRow {
  return {
    site_id: `${well.well_id}_${site}`,
    well_id: well.well_id,
    cell_type: options.cellType,
    experiment: plate.experiment,
    plate: plate.plate,
    well: well.well,
    site: String(site),
    disease_condition: well.condition,
    treatment: well.treatment ?? "",
    treatment_conc: well.dose_um === null ? "" : concentration(well.dose_um),
    SMILES: "",
  };
}

/** RxRx19a writes whole doses as `3.0`. */
function concentration(doseUm: number): string {
  return Number.isInteger(doseUm) ? doseUm.toFixed(1) : String(doseUm);
}

/** `images/{experiment}/Plate{plate}/{well}_s{site}_w{channel}.png`, channel from 1. */
export function imagePath(row: MetadataRow, channel: number): string {
  return `images/${row.experiment}/Plate${row.plate}/${row.well}_s${row.site}_w${channel}.png`;
}

/** The whole table as CSV text with a header line. */
export function metadataCsv(rows: readonly MetadataRow[]): string {
  const quoted = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const lines = rows.map((row) => METADATA_COLUMNS.map((column) => quoted(row[column])).join(","));
  return `${[METADATA_COLUMNS.join(","), ...lines].join("\n")}\n`;
}
