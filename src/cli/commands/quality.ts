// `gandl quality`: how close generated images come to real ones, beside how close real ones come to each other.
import { basename } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { writeWhole } from "../../data/write-whole.ts";
import { checkOutput } from "../output/check-output.ts";
import { createView } from "../view.ts";
import { count, number, whole } from "./import.ts";

interface Options {
  run: string;
  data: string;
  checkpoint: string;
  features: string;
  n: number;
  seed: number;
  truncation: number;
  batch: number;
  inputRange?: readonly [number, number];
  inputSize?: number;
  stains: "mean" | "concatenate" | "as-channels";
  excludePlates?: string[];
  out?: string;
  json?: boolean;
}

const range = (text: string): readonly [number, number] => {
  const [low, high, ...more] = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (low === undefined || high === undefined || more.length > 0 || !(low < high))
    throw new InvalidArgumentError("write two numbers, the smaller first, e.g. 0,255");
  return [low, high];
};

export function addQuality(program: Command): void {
  program
    .command("quality")
    .summary("a run + its data set → Fréchet distance, kernel distance, precision, recall, path length")
    .description(
      "Draws images from a checkpoint's moving average and crops from the data set, turns both into features of a fixed network, and compares. " +
        "Beside it stands what one half of the real images scores against the other: no generator can be expected to do better.",
    )
    .requiredOption("--run <folder>", "the run folder")
    .requiredOption("--data <folder>", "the data set folder, best the one that the run was trained on")
    .option(
      "--checkpoint <which>",
      "latest, first (untrained), best (of a run with quality) or a number of kimg",
      "latest",
    )
    .option("--features <network>", "random-conv, onnx:FILE or torchscript:FILE", "random-conv")
    .option("-n <images>", "how many of each", count, 5000)
    .option("--seed <n>", "decides images, crops and subsets", whole, 1)
    .option("--truncation <psi>", "1 for all that was learned, towards 0 for likelier images", number, 1)
    .option("--batch <images>", "images at once", count, 32)
    .option("--input-range <low,high>", "for files: the grey levels that the network expects, e.g. 0,255", range)
    .option("--input-size <px>", "for files: resize images to this side first", count)
    .addOption(
      new Option("--stains <how>", "for files: each stain as a grey picture, or all as the network's channels")
        .choices(["mean", "concatenate", "as-channels"])
        .default("mean"),
    )
    .option("--exclude-plates <ids...>", "plates (by plate_id) whose real images are left out")
    .option("--out <file.json>", "also write the record there")
    .option("--json", "print the record as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  gandl quality --run runs/first --data data/mine -n 2000\n  gandl quality --run runs/first --data data/mine --features torchscript:inception-2015-12-05.pt --input-range 0,255",
    )
    .action(async (options: Options) => {
      const { openDataset } = await import("../../data/index.ts");
      const { resolveCheckpoint } = await import("../../embed/index.ts");
      const { libtorchProducts, measureQuality, openExtractor } = await import("../../quality/index.ts");
      const { labelsOf, loadGenerator } = await import("../../train/index.ts");
      const { qualityText } = await import("../study/quality-text.ts");
      if (options.out !== undefined) await checkOutput("--out", options.out);
      const view = createView(options.json === true);
      const { stem, header } = await resolveCheckpoint(options.run, options.checkpoint);
      const { imageChannels, resolutionPx } = header.model;
      using dataset = await openDataset(options.data);
      const extractor = await openExtractor(
        options.features,
        { imageChannels, resolutionPx },
        {
          stains: options.stains,
          ...(options.inputRange ? { range: options.inputRange } : {}),
          ...(options.inputSize ? { sidePx: options.inputSize } : {}),
        },
      );
      const classes = labelsOf(dataset, header.labels?.column ?? null)?.ofSite;
      const generator = await loadGenerator(stem, header);
      try {
        const record = await measureQuality({
          ...{ generator, dataset, extractor, nImages: options.n, batchSize: options.batch },
          ...{ seed: options.seed, truncation: options.truncation },
          channels: header.channels.map(({ name }) => name),
          input: header.input,
          ...(classes ? { classes } : {}),
          ...(options.excludePlates ? { excludePlates: options.excludePlates } : {}),
          comparison: { products: libtorchProducts() },
          onProgress: ({ stage, done, total }) => view.progress(stage, done, total, `${done} / ${total}`),
        });
        view.endProgress();
        const found = { run: options.run, checkpoint: `${basename(stem)}.safetensors`, kimg: header.kimg, ...record };
        if (options.out) await writeWhole(options.out, JSON.stringify(found, null, 2));
        view.result(found, qualityText(record, `${options.run} at ${header.kimg} kimg`));
      } finally {
        generator.dispose();
        extractor.dispose();
      }
    });
}
