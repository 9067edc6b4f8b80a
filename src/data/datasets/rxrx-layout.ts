// What the RxRx releases share: their columns, and images/{experiment}/Plate{plate}/{well}_s{site}_w{channel}.png
import type { ChannelDefinition, SiteParts, SourceRow } from "./define-dataset.ts";

/** The six stains of RxRx1, 2, 3 and 19b, w1 to w6. */
export const CELL_PAINTING_6: readonly ChannelDefinition[] = [
  { name: "DNA", stain: "Hoechst 33342", colour: "#3a6bff" },
  { name: "ER", stain: "Concanavalin A", colour: "#2ecc40" },
  { name: "actin", stain: "Phalloidin", colour: "#ff4136" },
  { name: "RNA", stain: "Syto14", colour: "#ffdc00" },
  { name: "mitochondria", stain: "MitoTracker", colour: "#ff851b" },
  { name: "Golgi-membrane", stain: "WGA", colour: "#f012be" },
];

/** Where a row's site is and what cells it holds, by the columns that all of them name alike. */
export const rxrxPlace = (row: SourceRow): Omit<SiteParts, "role"> => ({
  experiment: row.text("experiment"),
  plate: row.text("plate"),
  well: row.text("well"),
  site: row.text("site"),
  cellType: row.text("cell_type"),
});

/** Disease and drug of a row, by the columns of both drug screens. @param conditions what the disease column may say. */
export const rxrxTreatment = (row: SourceRow, conditions: readonly string[]) => ({
  condition: row.optional("disease_condition") === null ? null : row.oneOf("disease_condition", conditions),
  treatment: row.optional("treatment"),
  doseUm: row.number("treatment_conc"),
});

/** Paths of one site's `nChannels` files. */
export function rxrxImages(row: SourceRow, nChannels: number): string[] {
  const folder = `images/${row.text("experiment")}/Plate${row.text("plate")}`;
  const stem = `${folder}/${row.text("well")}_s${row.text("site")}`;
  return Array.from({ length: nChannels }, (_, i) => `${stem}_w${i + 1}.png`);
}
