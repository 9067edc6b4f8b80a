// A column of the data set as the classes that both networks are told.
import type { Dataset } from "../data/index.ts";
import { oneClass, unknownLabelColumn } from "./errors.ts";

/** Classes of a data set, by one of its columns. */
export interface Labels {
  readonly column: string;
  /** In order of their numbers: sorted as text. */
  readonly classes: readonly string[];
  /** The class of each site, by its position in the data set. */
  readonly ofSite: Int32Array;
}

/** What an empty cell is called: a class of its own, as untreated wells are. */
const EMPTY = "(none)";

/**
 * Reads the classes off a column of `sites.parquet`; null gives null.
 * @throws GanDlError `unknown-label-column`, `one-class`.
 */
export function labelsOf(dataset: Dataset, column: string | null): Labels | null {
  if (column === null) return null;
  const known = Object.keys(dataset.sites[0] ?? {});
  if (!known.includes(column)) throw unknownLabelColumn(column, known);
  const names = dataset.sites.map((site) => String((site as Record<string, unknown>)[column] ?? EMPTY));
  const classes = [...new Set(names)].sort();
  if (classes.length < 2) throw oneClass(column, classes[0] ?? EMPTY);
  const numbers = new Map(classes.map((name, i) => [name, i]));
  return { column, classes, ofSite: Int32Array.from(names, (name) => numbers.get(name) as number) };
}
