// The rows of a data set as columns of a table.
import type { ColumnType } from "../data/index.ts";
import type { Site } from "../schema/index.ts";

/** A column of the sites' table. */
export interface MetadataColumn {
  readonly name: string;
  readonly type: ColumnType;
}

export const cellOf = (site: Site, name: string): string | number | null =>
  ((site as Record<string, unknown>)[name] ?? null) as string | number | null;

/** The columns of the sites, source columns included, with the type that all their values share. */
export function metadataColumns(sites: readonly Site[]): MetadataColumn[] {
  const names = Object.keys(sites[0] ?? {});
  return names.map((name) => {
    return { name, type: columnType(sites.map((site) => cellOf(site, name))) };
  });
}

/** The narrowest type that holds every value; a column of nothing is text. */
export function columnType(cells: readonly (string | number | null)[]): ColumnType {
  const values = cells.filter((value) => value !== null);
  const numeric = values.length > 0 && values.every((value) => typeof value === "number");
  return !numeric ? "text" : values.every(Number.isInteger) ? "int" : "double";
}
