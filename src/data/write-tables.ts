// The tables of a data set folder: its sites, its measures image by image, its statistics plate by plate.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeParquet } from "./parquet-writer.ts";
import type { ImportPlan } from "./plan-import.ts";
import type { PlannedSite } from "./planned-site.ts";
import type { PlateLedger } from "./plate-ledger.ts";
import { type FieldQuality, flagText } from "./quality-flags.ts";
import type { ColumnType } from "./row-scan.ts";
import { MEASURES, type SiteMeasures } from "./site-measures.ts";
import { siteTable } from "./site-table.ts";
import type { Cell } from "./table-files.ts";

/** What is known of the stored sites. */
export interface TableParts {
  readonly kept: readonly PlannedSite[];
  readonly quality: ReadonlyMap<number, FieldQuality>;
  readonly plateOf: ArrayLike<number>;
  readonly plateIds: readonly string[];
  readonly measures: SiteMeasures;
  readonly ledger: PlateLedger;
}

/** Percentiles that plates.parquet holds. */
const PERCENTILES = [0.5, 1, 5, 25, 50, 75, 95, 99, 99.5] as const;

/** Writes the three tables. @returns the text that stands for sites.parquet in the fingerprint. */
export async function writeTables(root: string, plan: ImportPlan, parts: TableParts): Promise<string> {
  const channels = plan.channels.map(({ name }) => name);
  const flags = parts.kept.map((_, i) => {
    const quality = parts.quality.get(i);
    return quality === undefined ? null : flagText(quality, channels);
  });
  const copies = parts.kept.map((_, i) => {
    const of = parts.quality.get(i)?.duplicateOf ?? null;
    return of === null ? null : parts.kept[of]!.site.site_id;
  });
  const { schema, rows } = siteTable(parts.kept, plan.metadata.table, { flags, copies });
  await writeParquet(join(root, "sites.parquet"), schema, rows);
  await writeMeasures(root, channels, parts);
  await writePlates(root, channels, parts);
  const hash = createHash("sha256").update(JSON.stringify({ channels: plan.channels, columns: schema.columns }));
  for (const column of rows.columns) hash.update(JSON.stringify(column)); // one at a time: together they may be too long a text
  return hash.digest("hex");
}

/** measures.parquet: one row an image, `mean_DNA`, `focus_DNA` … in source grey levels at the source's size. */
async function writeMeasures(root: string, channels: readonly string[], { kept, measures }: TableParts): Promise<void> {
  const matrixColumns = channels.flatMap((channel) => MEASURES.map((name) => `${name}_${channel}`));
  const matrix = new Float32Array(kept.length * matrixColumns.length);
  let at = 0;
  for (let i = 0; i < kept.length; i++) {
    for (let c = 0; c < channels.length; c++) for (const name of MEASURES) matrix[at++] = measures.get(i, c, name);
  }
  const columns = [
    { name: "image_index", type: "int" },
    { name: "site_id", type: "text" },
  ] as const;
  const ids = kept.map(({ site }) => site.site_id);
  await writeParquet(
    join(root, "measures.parquet"),
    { columns, matrixColumns },
    { nRows: kept.length, columns: [ids.map((_, i) => i), ids], matrix },
  );
}

/** plates.parquet: one row a plate and channel, exact over every pixel as decoded (given flat fields applied). */
async function writePlates(root: string, channels: readonly string[], parts: TableParts): Promise<void> {
  const focus = medianFocus(parts, channels.length);
  const rows: Cell[][] = [];
  const tops = await highestLevels(parts.ledger, channels.length);
  for (const plate of parts.ledger.plates) {
    const { nImages, histograms } = await parts.ledger.plate(plate);
    for (const [c, histogram] of histograms.entries()) {
      const { min, max, mean, sd } = histogram.statistics();
      const atTop = tops[c] === 0 ? 0 : (histogram.counts()[tops[c]!] ?? 0) / histogram.nPixels;
      const percentiles = PERCENTILES.map((percent) => histogram.percentile(percent));
      rows.push([
        parts.plateIds[plate]!,
        channels[c]!,
        nImages,
        histogram.nPixels,
        min,
        max,
        mean,
        sd,
        ...percentiles,
        atTop,
        focus.get(plate)![c]!,
      ]);
    }
  }
  const columns: { name: string; type: ColumnType }[] = [
    { name: "plate_id", type: "text" },
    { name: "channel", type: "text" },
    { name: "n_images", type: "int" },
    ...["n_pixels", "min", "max", "mean", "sd"].map((name) => ({ name, type: "double" as const })),
    ...PERCENTILES.map((percent) => ({ name: `p${String(percent).replace(".", "_")}`, type: "double" as const })),
    { name: "saturated_share", type: "double" },
    { name: "median_focus", type: "double" },
  ];
  await writeParquet(
    join(root, "plates.parquet"),
    { columns },
    { nRows: rows.length, columns: columns.map((_, j) => rows.map((row) => row[j]!)) },
  );
}

/** The highest level of each channel anywhere: where a camera of any bit depth saturates. */
async function highestLevels(ledger: PlateLedger, nChannels: number): Promise<number[]> {
  const tops = new Array<number>(nChannels).fill(0);
  for (const plate of ledger.plates) {
    const { histograms } = await ledger.plate(plate);
    for (const [c, histogram] of histograms.entries()) tops[c] = Math.max(tops[c]!, histogram.statistics().max);
  }
  return tops;
}

function medianFocus({ measures, plateOf }: TableParts, nChannels: number): Map<number, number[]> {
  const fields = new Map<number, number[]>();
  for (let i = 0; i < measures.n; i++) {
    const plate = plateOf[i]!;
    const members = fields.get(plate);
    if (members === undefined) fields.set(plate, [i]);
    else members.push(i);
  }
  const medianOf = (members: readonly number[], c: number) => {
    const sorted = Float64Array.from(members, (i) => measures.get(i, c, "focus")).sort();
    const half = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  };
  return new Map(
    [...fields].map(([plate, members]) => [plate, Array.from({ length: nChannels }, (_, c) => medianOf(members, c))]),
  );
}
