// What a selection holds of one column: how many of each value, or where its numbers lie when there are too many to count apart.
import type { ColumnAnswer } from "../../../src/schema/explorer.ts";
import { formatValue, type Value } from "./scale.ts";

export type Counts =
  | {
      readonly kind: "values";
      readonly lines: readonly { readonly label: string; readonly n: number; readonly of: number }[];
      /** Values that are not among the lines. */
      readonly nMore: number;
    }
  | { readonly kind: "amounts"; readonly chosen: Amounts | null; readonly all: Amounts };

/** Of the finite numbers; the quartiles are values that occur. */
export interface Amounts {
  readonly n: number;
  readonly lowest: number;
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly highest: number;
}

const MOST_LINES = 30;

/** `rows` are row numbers of the whole table. */
export function countsOf(rows: readonly number[], column: ColumnAnswer): Counts {
  const at = (row: number): Value =>
    column.kind === "category" ? column.labels[column.codes[row]!]! : (column.values[row] ?? null);
  const all = new Map<Value, number>();
  const nRows = column.kind === "category" ? column.codes.length : column.values.length;
  for (let row = 0; row < nRows; row++) all.set(at(row), (all.get(at(row)) ?? 0) + 1);
  if (column.kind === "number" && all.size > MOST_LINES) {
    const every = amountsOf(column.values);
    if (every) return { kind: "amounts", chosen: amountsOf(rows.map((row) => column.values[row] ?? null)), all: every };
  }
  const chosen = new Map<Value, number>();
  for (const row of rows) chosen.set(at(row), (chosen.get(at(row)) ?? 0) + 1);
  // A few doses are read in their order; labels commonest first. Rows without a value stand last.
  const sorted = [...chosen].sort(
    ([a, n], [b, m]) =>
      Number(a === null) - Number(b === null) || (column.kind === "number" ? Number(a) - Number(b) : m - n),
  );
  const lines = sorted.slice(0, MOST_LINES).map(([value, n]) => ({
    label: value === null || value === "" ? "no value" : formatValue(value),
    n,
    of: all.get(value)!,
  }));
  return { kind: "values", lines, nMore: sorted.length - lines.length };
}

function amountsOf(values: readonly (number | null)[]): Amounts | null {
  const sorted = Float64Array.from(values.filter((value) => value !== null)).sort();
  if (sorted.length === 0) return null;
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  const [lowest, lowerQuartile, median, upperQuartile, highest] = [at(0), at(0.25), at(0.5), at(0.75), at(1)];
  return { n: sorted.length, lowest, lowerQuartile, median, upperQuartile, highest };
}
