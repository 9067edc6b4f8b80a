// `gandl embed`: a run and a data set to one row of features an image.
import type { Command } from "commander";
import { Option } from "commander";
import { Tap } from "../../schema/index.ts";
import { createView, interruptSignal } from "../view.ts";
import { whole } from "./import.ts";

interface Options {
  run: string;
  data: string;
  out: string;
  checkpoint: string;
  tap: Tap;
  runtime: "onnxruntime" | "libtorch";
  stride?: number;
  aggregate: "mean" | "median";
  json?: boolean;
}

export function addEmbed(program: Command): void {
  program
    .command("embed")
    .summary("a run + a data set folder → one row of features an image (Parquet)")
    .description(
      "Runs a checkpoint's discriminator over every image. Images larger than the training size are cut into tiles whose rows are averaged.",
    )
    .requiredOption("--run <folder>", "the run folder")
    .requiredOption("--data <folder>", "the data set folder to embed; its channels are matched by name")
    .requiredOption("--out <path>", "path without ending: .parquet and .json are written")
    .option("--checkpoint <which>", "latest, first (untrained) or a number of kimg", "latest")
    .addOption(new Option("--tap <layer>", "the layer that serves as embedding").choices(Tap.options).default("fc512"))
    .addOption(
      new Option("--runtime <name>", "what runs the encoder")
        .choices(["onnxruntime", "libtorch"])
        .default("onnxruntime"),
    )
    .option("--stride <px>", "distance of tiles; the tile's side when left out", whole)
    .addOption(new Option("--aggregate <how>", "how tiles become one row").choices(["mean", "median"]).default("mean"))
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  gandl embed --run runs/first --data data/mine --out runs/first/embedding --tap blocks_gap",
    )
    .action(async ({ stride, json, ...options }: Options) => {
      const { embedWithProgress } = await import("../steps/embed-step.ts");
      const view = createView(json === true);
      const signal = interruptSignal(view, "nothing of this embedding is kept");
      const header = await embedWithProgress(view, { ...options, signal, ...(stride ? { stridePx: stride } : {}) });
      view.result(
        { parquet: `${options.out}.parquet`, header },
        `${options.out}.parquet: ${header.nRows} rows of ${header.nFeatures} features.\nNext: gandl evaluate condition --embedding ${options.out}.parquet --negative 'role=negative_control' --positive 'role=treated'`,
      );
    });
}
