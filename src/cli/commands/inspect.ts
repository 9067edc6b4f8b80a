// `gandl inspect`: what a data set folder holds, before a day of training on it.
import type { Command } from "commander";
import type { Dataset } from "../../data/index.ts";
import { writeWhole } from "../../data/write-whole.ts";
import { checkOutput } from "../output/check-output.ts";
import { createView } from "../view.ts";
import { flagCounts, whole } from "./import.ts";

interface Options {
  sheet?: string;
  heatMap?: string;
  statistic?: string;
  flags?: boolean;
  seed: number;
  json?: boolean;
}

export function addInspect(program: Command): void {
  program
    .command("inspect")
    .summary("what a data set folder holds: channels, counts, flagged images, pictures")
    .description(
      "Prints channels with their grey levels, flagged images, and counts of images by plate and condition. It can draw a contact sheet (a row of random images a condition) and a heat map of every plate.",
    )
    .argument("<folder>", "a data set folder")
    .option("--sheet <file.png>", "draw a contact sheet")
    .option("--heat-map <file.png>", "draw the plates, each well coloured by --statistic (.svg draws an SVG)")
    .option(
      "--statistic <name>",
      "flagged, images, a measure and channel such as mean:DNA or focus:DNA, or a numeric column (default: mean of the first channel)",
    )
    .option("--flags", "list every flagged image")
    .option("--seed <n>", "of the images drawn", whole, 1)
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  gandl inspect data/mine --sheet sheet.png --heat-map plates.png --statistic focus:DNA",
    )
    .action(async (folder: string, options: Options) => {
      const { openDataset } = await import("../../data/index.ts");
      if (options.sheet !== undefined) await checkOutput("--sheet", options.sheet);
      if (options.heatMap !== undefined) await checkOutput("--heat-map", options.heatMap);
      using dataset = await openDataset(folder);
      const written = await drawPictures(folder, dataset, options);
      const counts = countsOf(dataset);
      const flagged = dataset.sites
        .filter(({ qc_flags }) => (qc_flags ?? null) !== null)
        .map(({ site_id, qc_flags, qc_duplicate_of }) => ({ site_id, qc_flags, qc_duplicate_of }));
      const lines = [
        ...describe(dataset),
        ...(options.flags
          ? [
              "flagged images",
              ...flagged.map(
                (f) => `  ${f.site_id}  ${f.qc_flags}${f.qc_duplicate_of ? `, as ${f.qc_duplicate_of}` : ""}`,
              ),
            ]
          : []),
        "images by plate, condition and role",
        ...[...counts].sort().map(
          ([key, n]) =>
            `  ${key
              .split("\t")
              .map((cell) => cell.padEnd(24))
              .join(" ")} ${String(n).padStart(7)}`,
        ),
        ...written,
      ];
      createView(options.json === true).result(
        { manifest: dataset.manifest, counts: Object.fromEntries(counts), flagged },
        lines.join("\n"),
      );
    });
}

function countsOf({ sites }: Dataset): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { plate_id, condition, role } of sites) {
    const key = `${plate_id}\t${condition ?? "–"}\t${role}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function describe({ manifest }: Dataset): string[] {
  const { title, nSites, heightPx, widthPx, dtype, skipped, synthetic, channels, quality, illumination } = manifest;
  return [
    `${title}: ${nSites} images of ${heightPx} × ${widthPx} px, ${dtype}; ${skipped.length} left out${synthetic ? "; SYNTHETIC" : ""}`,
    "channels",
    ...channels.map(
      ({ name, stain, statistics: s }) =>
        `  ${name.padEnd(16)} ${stain.padEnd(28)} mean ${s.mean.toFixed(1)}  sd ${s.sd.toFixed(1)}  ${s.p0_5} … ${s.p99_5} (0.5 … 99.5 %)`,
    ),
    ...(illumination
      ? [`light evened out by flat fields, ${illumination.kind}: ${illumination.plates.length} plates`]
      : []),
    ...(quality
      ? [
          quality.flagged === 0
            ? "no image is flagged"
            : `${quality.flagged} images are flagged: ${flagCounts(quality)} (none was left out; --flags lists them)`,
        ]
      : []),
  ];
}

async function drawPictures(
  folder: string,
  dataset: Dataset,
  { sheet, heatMap, statistic, seed }: Options,
): Promise<string[]> {
  const written: string[] = [];
  if (sheet) {
    const { contactSheet } = await import("../inspect/contact-sheet.ts");
    await writeWhole(sheet, await contactSheet(dataset, seed));
    written.push(`contact sheet: ${sheet}`);
  }
  if (heatMap) {
    const { plateValues } = await import("../inspect/plate-statistics.ts");
    const { heatMapPng, heatMapSvg } = await import("../inspect/heat-map.ts");
    const shown = statistic ?? `mean:${dataset.manifest.channels[0]?.name}`;
    const plates = await plateValues(folder, dataset, shown);
    await writeWhole(heatMap, heatMap.endsWith(".svg") ? heatMapSvg(plates, shown) : await heatMapPng(plates, shown));
    written.push(`heat map of ${shown}: ${heatMap}`);
  }
  return written;
}
