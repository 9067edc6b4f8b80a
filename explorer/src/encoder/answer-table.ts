// Cells and files of the answer.

/** What the page shows of a well, in this order. */
export const WELL_HEADINGS: Readonly<Record<string, string>> = {
  well_id: "Well",
  plate_id: "Plate",
  condition: "Condition",
  treatment: "Treatment",
  dose_um: "Dose (µM)",
  cell_type: "Cell type",
  role: "Role",
};

/** A value as people read it; names stay as the screen writes them. */
export function wellCell(column: string, value: string | number | null): string {
  if (value === null) return "–";
  if (typeof value === "number") return String(Number(value.toPrecision(4)));
  return column === "role" ? value.replaceAll("_", " ") : value;
}

/** A similarity or score with its sign. */
export const signed = (value: number, digits: number): string =>
  `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(digits)}`;

/** One row of features with its heading, in full float32 precision. */
export function featuresCsv(features: Float32Array): string {
  const names = Array.from(features, (_, i) => `feature_${i}`);
  return `${names.join(",")}\n${[...features].join(",")}\n`;
}
