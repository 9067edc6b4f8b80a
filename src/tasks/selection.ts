// Classes chosen by metadata, as parameters of tasks.
import { z } from "zod";
import { type ProfileTable, type Selector as RowSelector, rowsWhere, textColumn } from "../profiles/profile-table.ts";
import { applyStandardise, fitStandardise } from "../profiles/standardise.ts";
import { emptyClass, overlappingClasses } from "./errors.ts";

/** Column → values allowed; null stands for empty; all columns must match. */
export const Selector = z
  .record(z.string(), z.array(z.union([z.string(), z.number(), z.null()])).min(1))
  .describe('which rows, e.g. {"condition": ["Mock"], "treatment": [null]}');

/** The values of a selector in words: `Mock`, `cycloheximide 15`. */
export function selectorName(selector: RowSelector): string {
  const words = Object.values(selector).map((values) => values.filter((v) => v !== null && v !== "").join(" or "));
  return words.filter((word) => word !== "").join(" ") || "all rows";
}

/** The rows of two classes. @throws GanDlError `empty-class`, `overlapping-classes`, `unknown-column`. */
export function twoClasses(
  table: ProfileTable,
  classes: readonly [{ name: string; rows: RowSelector }, { name: string; rows: RowSelector }],
): [number[], number[]] {
  const [a, b] = classes.map(({ name, rows }) => nonEmptyRows(table, name, rows)) as [number[], number[]];
  const inFirst = new Set(a);
  const shared = b.filter((row) => inFirst.has(row)).length;
  if (shared > 0) throw overlappingClasses(shared, classes[0].name, classes[1].name);
  return [a, b];
}

/** Rows of one class. @throws GanDlError `empty-class`, `unknown-column`. */
export function nonEmptyRows(table: ProfileTable, name: string, selector: RowSelector): number[] {
  const rows = rowsWhere(table, selector);
  if (rows.length === 0) throw emptyClass(name, JSON.stringify(selector));
  return rows;
}

/** The columns that together name the independent unit of folds and intervals. */
export const Unit = z
  .array(z.string())
  .min(1)
  .default(["well_id"])
  .describe("columns that together name the independent unit; finer than the well only where each class is one well");

/** Whether the unit is the well, which needs no warning. */
export const isWell = (unit: readonly string[]): boolean => unit.length === 1 && unit[0] === "well_id";

/** The unit in words: `well`, or the columns. */
export const unitName = (unit: readonly string[]): string => (isWell(unit) ? "well" : unit.join(" + "));

/** The independent unit of each row. @throws GanDlError `unknown-column`. */
export function unitOfRows(table: ProfileTable, unit: readonly string[]): string[] {
  const parts = unit.map((name) => textColumn(table, name));
  return Array.from({ length: table.nRows }, (_, i) => parts.map((values) => values[i]!).join("\u0000"));
}

/** The warning that goes with intervals over anything finer than wells. */
export function unitNotes(unit: readonly string[]): string[] {
  if (isWell(unit)) return [];
  return [`Intervals take ${unitName(unit)} as independent. Wells differ too, so the true uncertainty is larger.`];
}

/** What is done to plates before a task. */
export const Normalise = z
  .enum(["none", "plate"])
  .default("none")
  .describe("plate: standardise each plate on all its rows in the table, whatever their class");

/** The table as the task should see it, and the words that declare it. */
export function normalised(table: ProfileTable, how: "none" | "plate"): { table: ProfileTable; declared: string } {
  if (how === "none") return { table, declared: "" };
  const fitted = fitStandardise(table, { by: "plate_id" });
  return { table: applyStandardise(table, fitted), declared: ", each plate standardised on all its wells" };
}
