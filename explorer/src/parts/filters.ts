// Which points are shown: values or a range of any column. Filters stand in the address.
import type { ColumnAnswer } from "../../../src/schema/explorer.ts";

/** Nothing ticked, or no end of the range, lets every row through. */
export type Filter =
  | { readonly kind: "category"; readonly column: string; readonly labels: readonly (string | null)[] }
  | { readonly kind: "number"; readonly column: string; readonly low: number | null; readonly high: number | null };

/** For the address: `condition:Mock|Active;dose_um:0.1..10`, every name and value escaped; null for none. */
export function writeFilters(filters: readonly Filter[]): string | null {
  const of = (filter: Filter) =>
    filter.kind === "category"
      ? `=${filter.labels.map((label) => (label === null ? "" : escaped(label))).join("|")}`
      : `${filter.low ?? ""}..${filter.high ?? ""}`;
  return filters.length === 0 ? null : filters.map((filter) => `${escaped(filter.column)}:${of(filter)}`).join(";");
}

/** What {@link writeFilters} wrote; parts that are none are left out, since addresses are typed too. */
export function readFilters(text: string | undefined): Filter[] {
  return (text ?? "").split(";").flatMap((part): Filter[] => {
    const colon = part.indexOf(":");
    const column = unescaped(part.slice(0, Math.max(0, colon)));
    const body = part.slice(colon + 1);
    if (!column) return [];
    if (body.startsWith("=")) {
      const labels = body.length === 1 ? [] : body.slice(1).split("|").map(unescaped);
      return [{ kind: "category", column, labels: labels.map((label) => (label === "" ? null : label)) }];
    }
    const ends = body.split("..");
    if (ends.length !== 2) return [];
    const [low, high] = ends.map(numberOf) as [number | null, number | null];
    return [{ kind: "number", column, low, high }];
  });
}

/** A number as typed; null for anything else. */
export function numberOf(text: string): number | null {
  return text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text);
}

/** Whether a row passes; a row without a number is in no range. */
export function passes(filter: Filter, column: ColumnAnswer): (row: number) => boolean {
  if (filter.kind === "category") {
    if (filter.labels.length === 0 || column.kind !== "category") return () => true;
    const isShown = column.labels.map((label) => filter.labels.includes(label === "" ? null : label));
    return (row) => isShown[column.codes[row]!]!;
  }
  const { low, high } = filter;
  if ((low === null && high === null) || column.kind !== "number") return () => true;
  return (row) => {
    const value = column.values[row] ?? null;
    return value !== null && (low === null || value >= low) && (high === null || value <= high);
  };
}

/** Semicolons, bars, colons and equals signs are what this escapes. */
const escaped = (text: string) => encodeURIComponent(text);

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
