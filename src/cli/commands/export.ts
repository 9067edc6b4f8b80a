// `gandl export`: a checkpoint's encoder as an ONNX file, or as a page that runs it in the browser alone.
import { readFile } from "node:fs/promises";
import { Argument, type Command } from "commander";
import { GanDlError } from "../../core/index.ts";
import { writeWhole } from "../../data/write-whole.ts";
import { checkOutput, checkOutputFolder } from "../output/check-output.ts";
import { createView, formatBytes, type View } from "../view.ts";
import { whole } from "./import.ts";

interface Options {
  run: string;
  out: string;
  checkpoint: string;
  embedding?: string;
  data?: string;
  negative?: string;
  positive?: string;
  seed: number;
  json?: boolean;
}

export function addExport(program: Command): void {
  program
    .command("export")
    .summary("a run → its encoder as one .onnx file, or as a page for the browser alone")
    .description(
      "encoder: writes the discriminator as ONNX with the taps fc512, conv4_flat, conv4_gap, blocks_gap, blocks_gap_std and logit. Input: float32 [n, channels, side, side] in [-1, 1]. The file carries its channels and training size.\n\n" +
        "page: writes a folder for any static host. Its page embeds an image that is dropped on it, in the browser alone, and shows the nearest wells of an embedded screen and a score between two conditions. Threads need the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp; without them it runs on one.",
    )
    .addArgument(new Argument("[what]", "what to write").choices(["encoder", "page"]).default("encoder"))
    .requiredOption("--run <folder>", "the run folder")
    .requiredOption("--out <path>", "the .onnx file, or the page's folder, to write")
    .option(
      "--checkpoint <which>",
      "latest, first (untrained), best (of a run with quality) or a number of kimg",
      "latest",
    )
    .option("--embedding <file.parquet>", "page: the screen, embedded by this checkpoint with `gandl embed`")
    .option("--data <folder>", "page: the data set folder that was embedded")
    .option(
      "--negative <rows>",
      "page: the condition that should score low, e.g. 'condition=Mock'; default: negative controls",
    )
    .option("--positive <rows>", "page: the condition that should score high; default: positive controls")
    .option("--seed <n>", "page: decides the interval's resampling", whole, 1)
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  gandl export --run runs/first --out encoder.onnx\n" +
        "  gandl export page --run runs/first --data data/mine --embedding runs/first/embedding.parquet --out page --negative 'condition=Mock' --positive 'condition=Active,treatment='",
    )
    .action(async (what: "encoder" | "page", options: Options) => {
      const view = createView(options.json === true);
      if (what === "page") await exportPage(options, view);
      else await exportEncoder(options, view);
    });
}

async function exportEncoder({ run, out, checkpoint }: Options, view: View): Promise<void> {
  const { exportEncoderBeside, resolveCheckpoint } = await import("../../embed/index.ts");
  await checkOutput("--out", out);
  const found = await resolveCheckpoint(run, checkpoint);
  await writeWhole(out, await readFile(await exportEncoderBeside(found)));
  view.result(
    { out, header: found.header },
    `${out}: the encoder at ${found.header.kimg} kimg, for ${found.header.channels.map(({ name }) => name).join(", ")}.`,
  );
}

async function exportPage({ embedding, data, ...options }: Options, view: View): Promise<void> {
  if (embedding === undefined || data === undefined) {
    throw new GanDlError("missing-option", {
      what: `a page needs ${embedding === undefined ? "--embedding" : "--data"}.`,
      why: "a dropped image is prepared as the data set's were, and set beside its embedded wells.",
      fix: "add --data FOLDER and --embedding FILE.parquet, as in `gandl export --help`.",
    });
  }
  await checkOutputFolder("--out", options.out);
  const { writePage } = await import("../encoder-page/write-page.ts");
  const written = await writePage({ ...options, embedding, data });
  const { out, nWells, modelBytes, classes, auc } = written;
  const score = classes
    ? `a score from ${classes[0]} to ${classes[1]}${auc === null ? "" : ` (AUC ${auc.toFixed(2)} on plates not learned from)`}`
    : "no condition score (--negative and --positive give one)";
  view.result(
    written,
    `${out}: a page with an encoder of ${formatBytes(modelBytes)}, ${nWells} wells and ${score}.\n` +
      `Serve it with any static host, e.g. npx http-server ${out}; nothing that is dropped on it leaves the browser.`,
  );
}
