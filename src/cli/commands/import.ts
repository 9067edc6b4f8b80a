// `gandl import`: images to a data set folder.
import { type Command, InvalidArgumentError } from "commander";
import { createView, interruptSignal } from "../view.ts";

interface Options {
  out: string;
  dataset?: string;
  metadata?: string;
  images?: string;
  channels?: string[];
  column?: string[];
  resize?: number;
  intensity?: "none" | "percentile" | "standardise-per-image";
  limit?: number;
  skipBad?: boolean;
  overwrite?: boolean;
  json?: boolean;
  dryRun?: boolean;
}

export const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError("It is not a whole number.");
  return value;
};

export function addImport(program: Command): void {
  program
    .command("import")
    .summary("a folder or zip of images → a data set folder")
    .description(
      "Reads microscope images and their metadata into one data set folder: pixels as NumPy shards, one row an image in sites.parquet.",
    )
    .argument("<source>", "a folder or .zip: RxRx19a's layout, or any table with --metadata and --images")
    .requiredOption("--out <folder>", "the data set folder to write")
    .option(
      "--dataset <id>",
      "a known data set (rxrx19a, rxrx1, synthetic-screen, bbbc021-crops) or 'table'; recognised when left out",
    )
    .option("--metadata <file>", "the metadata table, where it is not at its usual place")
    .option(
      "--images <template>",
      "for other tables: where the images are, e.g. 'images/{plate}/{well}_s{site}_w{channel}.png'",
    )
    .option(
      "--channels <names...>",
      "for other tables: the stains in the order of {channel}; for known ones: those to keep",
    )
    .option("--column <field=name...>", "for other tables: which column holds plate, well, site, treatment, dose_um …")
    .option("--resize <px>", "shrink by area averaging until the longer side has so many pixels", whole)
    .option("--intensity <how>", "grey levels: none, percentile (0.5 to 99.5 of each channel) or standardise-per-image")
    .option("--limit <n>", "only the first n images", whole)
    .option("--skip-bad", "leave faulty images out, counted and listed, instead of stopping")
    .option("--overwrite", "replace the data set at --out")
    .option("--dry-run", "check the metadata and that every file is there, and stop")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  gandl import RxRx19a-images.zip --out data/rxrx19a --resize 512\n  gandl import plates/ --out data/mine --metadata wells.csv \\\n    --images '{plate}/{well}_s{site}_w{channel}.tif' --channels DNA actin --column well=Well",
    )
    .action(async (source: string, options: Options) => {
      const { importWithProgress } = await import("../steps/import-step.ts");
      const { openImageSource, planImport } = await import("../../data/index.ts");
      const view = createView(options.json === true);
      const plan = planOptions(options);
      if (options.dryRun) {
        const images = await openImageSource(source);
        try {
          const { dataset, sites, skipped, channels } = await planImport(images, plan);
          const found = {
            dataset: dataset.id,
            images: sites.length,
            channels: channels.map(({ name }) => name),
            skipped: skipped.length,
          };
          view.result(
            found,
            `${dataset.title}: ${sites.length} images of ${found.channels.join(", ")}; ${skipped.length} left out. Nothing was written.`,
          );
        } finally {
          await images.close();
        }
        return;
      }
      const signal = interruptSignal(view, "nothing of this import is kept");
      const manifest = await importWithProgress(view, {
        ...{ source, out: options.out, signal, ...plan },
        ...(options.resize ? { resizePx: options.resize } : {}),
        ...(options.intensity ? { intensity: options.intensity } : {}),
        ...(options.overwrite ? { overwrite: true } : {}),
      });
      const { nSites, channels, skipped } = manifest;
      view.result(
        { out: options.out, manifest },
        `${options.out}: ${nSites} images of ${channels.map(({ name }) => name).join(", ")}; ${skipped.length} left out.\nNext: gandl train --data ${options.out} --out runs/first`,
      );
    });
}

function planOptions({ dataset, metadata, images, channels, column, limit, skipBad }: Options) {
  const columns = Object.fromEntries(
    (column ?? []).map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
  const table = images
    ? { table: { images, channels: (channels ?? []).map((name) => ({ name })), ...(column ? { columns } : {}) } }
    : {};
  return {
    ...table,
    ...(dataset ? { dataset } : {}),
    ...(metadata ? { metadata } : {}),
    ...(channels && !images ? { channels } : {}),
    ...(limit ? { limit } : {}),
    ...(skipBad ? { skipBad: true } : {}),
  };
}
