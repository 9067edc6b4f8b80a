// What the report's plate heat maps show: brightness of every well, and how ill it looks where the screen has an axis.
import { isGanDlError } from "../../core/index.ts";
import { aggregate, column, type ProfileTable, rowsWhere, textColumn } from "../../profiles/index.ts";
import type { PlateMap } from "../../schema/index.ts";
import { perturbationAxis } from "../../tasks/index.ts";
import type { StudyPlan } from "./questions.ts";

/** Mean grey level of all stains, and the place on the axis from healthy to diseased; empty where wells have no place. */
export function plateMapsOf(
  plan: StudyPlan,
  profiles: { readonly main: ProfileTable; readonly intensity: ProfileTable },
): PlateMap[] {
  const needed = ["row", "column", "plate_id", "well_id"];
  if (needed.some((name) => !profiles.main.metadata.has(name) || !profiles.intensity.metadata.has(name))) return [];
  const maps = [brightnessMap(profiles.intensity)];
  const severity = severityMap(plan, profiles.main);
  return [...maps, ...(severity ? [severity] : [])].filter((map) => map.plates.length > 0);
}

function brightnessMap(intensity: ProfileTable): PlateMap {
  const wells = aggregate(intensity);
  const means = intensity.featureNames.flatMap((name, i) => (name.endsWith("_mean") ? [i] : []));
  const of = (row: number) =>
    means.reduce((sum, i) => sum + wells.features[row * wells.nFeatures + i]!, 0) / means.length;
  return {
    name: "Mean grey level of all stains",
    reading:
      "A gradient across the plate, or a bright or dark rim, is an effect of the plate and not of what was added.",
    plates: means.length === 0 ? [] : platesOf(wells, of),
  };
}

function severityMap({ axis }: StudyPlan, table: ProfileTable): PlateMap | null {
  if (axis === null) return null;
  const wells = aggregate(table);
  try {
    const { on } = perturbationAxis(wells, rowsWhere(wells, axis.healthy), rowsWhere(wells, axis.diseased));
    const plates = platesOf(wells, (row) => on[row]!);
    return { name: "Place between healthy and diseased", reading: axis.reading, plates };
  } catch (error) {
    if (!isGanDlError(error)) throw error;
    return null; // hits and dose-response refuse for the same reason, and say it
  }
}

function platesOf(wells: ProfileTable, worthOf: (row: number) => number): PlateMap["plates"] {
  const plateOf = textColumn(wells, "plate_id");
  const [rows, columns, counts] = ["row", "column", "n_aggregated"].map((name) => column(wells, name));
  const plates = new Map<string, PlateMap["plates"][number]["wells"]>();
  for (let i = 0; i < wells.nRows; i++) {
    const [row, col] = [rows![i] ?? null, columns![i] ?? null];
    if (row === null || col === null) continue;
    const value = worthOf(i);
    const own = plates.get(plateOf[i]!) ?? [];
    own.push({
      ...{ row: Number(row), column: Number(col), nImages: Number(counts![i]) },
      value: Number.isFinite(value) ? value : null,
    });
    plates.set(plateOf[i]!, own);
  }
  return [...plates].map(([plate, own]) => ({ plate, wells: own }));
}
