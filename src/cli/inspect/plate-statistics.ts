// A number for every well: of a measure of its images, of a column of sites.parquet, or how many images were flagged.
import { join } from "node:path";
import { extent, GanDlError } from "../../core/index.ts";
import { type Dataset, readTable } from "../../data/index.ts";

/** The wells of one plate that have images. */
export interface PlateValues {
  readonly plateId: string;
  readonly nRows: number;
  readonly nColumns: number;
  /** Mean over the well's images, by `row * nColumns + column`; NaN for wells without images. */
  readonly values: Float64Array;
}

/** Plates come in these formats; the smallest that holds every well is drawn. */
const FORMATS = [
  [8, 12],
  [16, 24],
  [32, 48],
] as const;

/**
 * Averages a statistic over the images of each well.
 * @param statistic `flagged`, `images`, a measure and channel such as `mean:DNA`, or a numeric column of sites.parquet.
 * @throws GanDlError `unknown-statistic`, `no-plate-layout`.
 */
export async function plateValues(folder: string, dataset: Dataset, statistic: string): Promise<PlateValues[]> {
  const ofImage = await valuesOfImages(folder, dataset, statistic);
  const placed = dataset.sites.filter(({ row, column }) => row !== null && column !== null);
  if (placed.length === 0) throw noPlateLayout(folder);
  const nRows = 1 + extent(placed.map(({ row }) => row as number))[1];
  const nColumns = 1 + extent(placed.map(({ column }) => column as number))[1];
  const [rows, columns] = FORMATS.find(([r, c]) => nRows <= r && nColumns <= c) ?? [nRows, nColumns];
  const plates = new Map<string, { sums: Float64Array; counts: Float64Array }>();
  for (const [i, { plate_id, row, column }] of dataset.sites.entries()) {
    const value = ofImage(i);
    if (row === null || column === null || value === null) continue;
    const plate = plates.get(plate_id) ?? {
      sums: new Float64Array(rows * columns),
      counts: new Float64Array(rows * columns),
    };
    plates.set(plate_id, plate);
    plate.sums[row * columns + column]! += value;
    plate.counts[row * columns + column]!++;
  }
  const isSum = statistic === "images" || statistic === "flagged";
  return [...plates].map(([plateId, { sums, counts }]) => ({
    ...{ plateId, nRows: rows, nColumns: columns },
    values: sums.map((sum, at) => (counts[at] === 0 ? Number.NaN : isSum ? sum : sum / (counts[at] as number))),
  }));
}

async function valuesOfImages(
  folder: string,
  dataset: Dataset,
  statistic: string,
): Promise<(image: number) => number | null> {
  if (statistic === "images") return () => 1;
  if (statistic === "flagged") return (i) => ((dataset.sites[i]?.qc_flags ?? null) === null ? 0 : 1);
  const [measure = "", channel] = statistic.split(":");
  if (channel !== undefined) {
    const table = await readTable(join(folder, "measures.parquet"), { name: "measures.parquet" }).catch(() => null);
    const cells = table?.columns.get(`${measure}_${channel}`);
    if (!cells) {
      const known = [...(table?.columns.keys() ?? [])].filter(
        (name) => name.includes("_") && name !== "site_id" && name !== "image_index",
      );
      throw unknownStatistic(
        statistic,
        known.map((name) => name.replace("_", ":")),
      );
    }
    return (i) => (typeof cells[i] === "number" ? (cells[i] as number) : null);
  }
  const numeric = (i: number) => (dataset.sites[i] as unknown as Record<string, unknown>)[statistic];
  if (!dataset.sites.some((_, i) => isNumber(numeric(i)))) throw unknownStatistic(statistic, ["flagged", "images"]);
  return (i) => (isNumber(numeric(i)) ? Number(numeric(i)) : null);
}

const isNumber = (cell: unknown) =>
  typeof cell === "number" || (typeof cell === "string" && cell.trim() !== "" && Number.isFinite(Number(cell)));

/** The errors of `gandl inspect`. */
export const unknownStatistic = (statistic: string, known: readonly string[]) =>
  new GanDlError("unknown-statistic", {
    what: `there is no statistic "${statistic}".`,
    why: `a statistic is one of ${known.slice(0, 12).join(", ") || "flagged, images"}, or a column of sites.parquet with numbers.`,
    fix: "name one of these with --statistic.",
  });

export const noPlateLayout = (folder: string) =>
  new GanDlError("no-plate-layout", {
    what: `the wells of ${folder} have no place on a plate.`,
    why: "a heat map needs well names such as A01, from which row and column are read.",
    fix: "import again with the column that holds the well's name: --column well=NAME.",
  });
