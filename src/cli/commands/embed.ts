// `gandl embed`: a run and a data set to one row of features an image.
import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { InputKind, MissingStain, Tap, TileLayout, Views } from "../../schema/index.ts";
import { checkOutput } from "../output/check-output.ts";
import { nextQuestion } from "../output/next-question.ts";
import { createView, interruptSignal } from "../view.ts";
import { count } from "./import.ts";

interface Options {
  run: string;
  data: string;
  out: string;
  checkpoint: string;
  tap: Tap[];
  runtime: "onnxruntime" | "libtorch";
  device: string;
  input?: InputKind;
  tiles?: TileLayout;
  views?: Views;
  stride?: number;
  aggregate: "mean" | "median";
  resize: number | "auto";
  channelMap?: Record<string, string>;
  missing?: MissingStain;
  json?: boolean;
}

export function addEmbed(program: Command): void {
  program
    .command("embed")
    .summary("a run + a data set folder → one row of features an image (Parquet)")
    .description(
      "Runs a checkpoint's discriminator over every image, once for all layers asked for. Stains are matched by name, then by what they stain; images can be brought to the training's pixel size; larger ones are cut into tiles whose rows are averaged. All of it is recorded in the JSON beside the table.",
    )
    .requiredOption("--run <folder>", "the run folder")
    .requiredOption("--data <folder>", "the data set folder to embed")
    .requiredOption(
      "--out <path>",
      "path without ending: .parquet and .json are written. {tap} in it is replaced; with several layers -{tap} is appended",
    )
    .option(
      "--checkpoint <which>",
      "latest, first (untrained), best (of a run with quality) or a number of kimg",
      "latest",
    )
    .option("--tap <layers>", `layers that serve as embeddings, one table each: ${Tap.options.join(",")}`, tapList, [
      "fc512",
    ] satisfies Tap[])
    .addOption(
      new Option("--runtime <name>", "what runs the encoder")
        .choices(["onnxruntime", "libtorch"])
        .default("onnxruntime"),
    )
    .option("--device <name>", "cpu, or with --runtime libtorch cuda:0", "cpu")
    .addOption(
      new Option(
        "--input <kind>",
        "stored grey levels, or each tile standardised per stain (±3 sd to ±1, clipped); default: as the checkpoint was trained",
      ).choices(InputKind.options),
    )
    .addOption(
      new Option(
        "--tiles <layout>",
        "centre: one; cover: the fewest that cover the image; grid: one every --stride. Default: centre for images below 1.25 times the training size, else cover",
      ).choices(TileLayout.options),
    )
    .addOption(
      new Option(
        "--views <how>",
        "upright: tiles as they lie; dihedral: the mean over eight turns and flips, for eight times the work",
      )
        .choices(Views.options)
        .default("upright"),
    )
    .option("--stride <px>", "distance of a grid's tiles; the tile's side when left out", count)
    .addOption(new Option("--aggregate <how>", "how tiles become one row").choices(["mean", "median"]).default("mean"))
    .option(
      "--resize <factor>",
      "new pixels per old along a side: 0.5 halves, 2 doubles; auto: from the pixel sizes of data set and training",
      resizeOf,
      1,
    )
    .option("--channel-map <pairs>", "ENCODER=DATASET,… where stains do not match by themselves", channelMapOf)
    .addOption(
      new Option(
        "--missing <how>",
        "what stands in for a stain that is not there: zero (black) or the mean of the others",
      ).choices(MissingStain.options),
    )
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  gandl embed --run runs/first --data data/mine --out runs/first/embedding --tap fc512,blocks_gap\n" +
        "  gandl embed --run runs/rxrx19a --data data/rxrx1 --out rxrx1 --resize auto --channel-map 'ER=w2'",
    )
    .action(async ({ tap, stride, json, ...options }: Options) => {
      const { embeddingPath } = await import("../../embed/index.ts");
      const out = options.out.replace(/\.parquet$/, "");
      for (const name of tap) {
        for (const ending of [".parquet", ".json"])
          await checkOutput("--out", out && `${embeddingPath(out, name, tap)}${ending}`);
      }
      const { embedWithProgress } = await import("../steps/embed-step.ts");
      const view = createView(json === true);
      const signal = interruptSignal(view, "nothing of this embedding is kept");
      const embeddings = await embedWithProgress(view, {
        ...{ ...options, out, taps: tap, signal },
        ...(stride !== undefined ? { stridePx: stride } : {}),
      });
      const lines = embeddings.map(
        ({ parquet, header }) => `${parquet}: ${header.nRows} rows of ${header.nFeatures} features.`,
      );
      const { openDataset } = await import("../../data/index.ts");
      using dataset = await openDataset(options.data);
      const next = embeddings[0] ? [`Next: ${nextQuestion(embeddings[0].parquet, dataset.sites, null)}`] : [];
      view.result(embeddings.length === 1 ? embeddings[0] : { embeddings }, [...lines, ...next].join("\n"));
    });
}

function tapList(text: string): Tap[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !Tap.safeParse(name).success);
  if (unknown.length > 0)
    throw new InvalidArgumentError(`There is no layer '${unknown.join("', '")}'; there are ${Tap.options.join(", ")}.`);
  return [...new Set(names)] as Tap[];
}

function resizeOf(text: string): number | "auto" {
  const factor = Number(text);
  if (text === "auto") return text;
  if (text.trim() === "" || Number.isNaN(factor)) throw new InvalidArgumentError("It is a number or auto.");
  return factor;
}

/** Names may hold anything but `=` and `,`. */
function channelMapOf(text: string): Record<string, string> {
  const pairs = text.split(",").map((pair) => pair.split("=").map((name) => name.trim()));
  if (!pairs.every((pair) => pair.length === 2 && pair.every((name) => name !== "")))
    throw new InvalidArgumentError("It is ENCODER=DATASET, more of them after a comma.");
  return Object.fromEntries(pairs);
}
