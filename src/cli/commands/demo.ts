// `gandl demo`: the whole pipeline in one command, on a synthetic screen or on the user's images.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Command, Option } from "commander";
import type { SyntheticTruth } from "../../data/synthetic/index.ts";
import type { TruthCheck } from "../../schema/index.ts";
import { clearDemoFolder } from "../output/demo-folder.ts";
import { createView, formatDuration, interruptSignal, type View } from "../view.ts";
import { renderRun } from "./evaluate.ts";
import { number, whole } from "./import.ts";

interface Options {
  data?: string;
  out: string;
  kimg?: number;
  intensity?: "none" | "percentile" | "standardise-per-image";
  seed: number;
  serve: boolean;
  json?: boolean;
}

/** What two cores train in about two minutes. */
const DEFAULT_KIMG = 4;

export function addDemo(program: Command): void {
  program
    .command("demo")
    .summary("draw or import → train → embed → evaluate → report, in minutes")
    .description(
      "Without --data it draws a synthetic screen with planted truth (plainly labelled, no real cells), and says how near each answer came to it. With --data it does the same on your images.",
    )
    .option("--data <folder or zip>", "real images, in a layout that `gandl import` knows")
    .option("--out <folder>", "where everything goes; it is replaced", "demo")
    .option("--kimg <n>", `thousands of images to train on (default: ${DEFAULT_KIMG})`, number)
    .addOption(
      new Option("--intensity <how>", "grey levels of --data").choices(["none", "percentile", "standardise-per-image"]),
    )
    .option("--seed <n>", "decides everything that is random", whole, 1)
    .option("--no-serve", "do not offer to open the explorer at the end")
    .option("--json", "print the summary as JSON")
    .addHelpText("after", "\nExample:\n  gandl demo\n  gandl demo --data plates.zip --kimg 20 --out demo-plates")
    .action(async (options: Options) => {
      const view = createView(options.json === true);
      const start = performance.now();
      const signal = interruptSignal(view, "a checkpoint is written; run the demo again to start anew");
      const result = await runDemo(view, options, signal);
      if (result === null) {
        process.exitCode = 130;
        return;
      }
      const seconds = (performance.now() - start) / 1000;
      view.result(
        result.summary,
        `${result.text}\n\nThe report: ${join(options.out, "report.html")}\nEvery figure: ${join(options.out, "summary.json")}\nPlates, images, maps and the encoder in the browser: gandl serve ${options.out} --open\nDone in ${formatDuration(seconds)}.`,
      );
      const { offerExplorer } = await import("../steps/offer-explorer.ts");
      await offerExplorer(view, options.out, {
        serve: options.serve && options.json !== true,
        start: async (folder) => {
          const { startExplorer } = await import("./serve.ts");
          return startExplorer(view, { folders: [folder], port: 0, host: "127.0.0.1" });
        },
      });
    });
}

const COMMANDS = (source: string, out: string, kimg: number) => [
  `gandl import ${source} --out ${out}/dataset`,
  `gandl train --data ${out}/dataset --out ${out}/run --set schedule.durationKimg=${kimg}`,
  `gandl report --data ${out}/dataset --run ${out}/run --out ${out}/report.html`,
];

async function runDemo(view: View, options: Options, signal: AbortSignal) {
  const { importWithProgress } = await import("../steps/import-step.ts");
  const { trainWithProgress } = await import("../steps/train-step.ts");
  const { writeStudy } = await import("../study/write-study.ts");
  const { writeReport } = await import("../study/write-report.ts");
  const { Stages } = await import("../study/stages.ts");
  const { out, seed, kimg = DEFAULT_KIMG } = options;
  const stages = new Stages();
  await demoConfig("dataset", 64, kimg, seed); // a number that cannot be is told before the work
  await clearDemoFolder(out);

  const source = options.data ?? join(out, "screen");
  const truth =
    options.data === undefined
      ? await stages.time(
          "draw",
          (t) => t.sites.length,
          () => drawScreen(view, source, seed, signal),
        )
      : null;
  const intensity = options.intensity ? { intensity: options.intensity } : {};
  const { manifest } = await stages.time(
    "import",
    (imported) => imported.manifest.nSites,
    () => importWithProgress(view, { source, out: join(out, "dataset"), signal, ...intensity }),
  );
  const config = await demoConfig(join(out, "dataset"), Math.min(manifest.heightPx, manifest.widthPx), kimg, seed);
  const outcome = await stages.time(
    "train",
    (t) => t.kimg * 1000,
    () => trainWithProgress(view, { config, out: join(out, "run"), signal }),
  );
  if (outcome.reason === "aborted") return null;

  const shown = options.data === undefined ? `${out}/screen` : "YOUR_IMAGES";
  const study = await writeStudy(view, {
    ...{
      data: join(out, "dataset"),
      run: join(out, "run"),
      embeddings: join(out, "embeddings"),
      seed,
      stages: stages.all,
      truth,
    },
    commands: COMMANDS(shown, out, kimg),
  });
  await writeReport(join(out, "report.html"), study);
  await writeFile(join(out, "summary.json"), JSON.stringify(study.summary, null, 2));
  const answers = study.answers.runs.map(({ run }) => run);
  await writeFile(join(out, "results.json"), JSON.stringify(answers)); // what the explorer's Screen page shows
  await writeEncoderPage(view, out, study.mainEmbedding, seed);
  const runs = answers.map(renderRun).join("\n\n");
  return { summary: study.summary, text: `${runs}\n\n${renderTruths(study.summary.truths)}` };
}

/** What the explorer's page "Encode an image" shows; a package without the built page, or a screen that it cannot stand for, has none. */
async function writeEncoderPage(view: View, out: string, embedding: string, seed: number): Promise<void> {
  const { isGanDlError } = await import("../../core/index.ts");
  const { writePage } = await import("../encoder-page/write-page.ts");
  const of = { run: join(out, "run"), checkpoint: "latest", embedding, data: join(out, "dataset") };
  try {
    await writePage({ ...of, out: join(out, "page"), seed });
  } catch (error) {
    if (!isGanDlError(error)) throw error;
    view.line(`no page for the browser alone: ${error.message.split("\n", 1)[0]}`);
  }
}

async function drawScreen(view: View, folder: string, seed: number, signal: AbortSignal): Promise<SyntheticTruth> {
  const { writeSyntheticScreen } = await import("../../data/synthetic/index.ts");
  const { readTruth } = await import("../steps/read-truth.ts");
  view.line("drawing a synthetic screen: no real cell, virus or compound was involved");
  for await (const event of writeSyntheticScreen(folder, { seed })) {
    signal.throwIfAborted();
    if (event.kind === "site")
      view.progress("drawing", event.nDone, event.nTotal, `${event.nDone} / ${event.nTotal} sites`);
  }
  view.endProgress();
  return readTruth(join(folder, "truth.json"));
}

/** The tiny preset at the largest resolution of its that the images hold. */
async function demoConfig(dataset: string, sidePx: number, kimg: number, seed: number) {
  const { PRESETS, resolveTrainConfig } = await import("../../train/index.ts");
  const tiny = PRESETS.find(({ id }) => id === "tiny");
  if (!tiny) throw new Error("internal: there is no tiny preset");
  const { config } = tiny;
  const resolutionPx = sidePx >= 64 ? 64 : sidePx >= 32 ? 32 : 16;
  const schedule = {
    ...config.schedule,
    durationKimg: kimg,
    checkpointEveryKimg: Math.max(1, kimg / 4),
    sampleEveryKimg: Math.max(0.5, kimg / 8),
  };
  return resolveTrainConfig(
    {
      ...config,
      data: { dataset, resolutionPx },
      schedule,
      ema: { halfLifeKimg: Math.max(0.1, kimg / 20) },
      seed,
    },
    "the demo's configuration",
  );
}

/** What was planted, what was found, and whether that counts. */
function renderTruths(truths: readonly TruthCheck[]): string {
  if (truths.length === 0) return "";
  const text = (value: number | string | null) =>
    typeof value === "number" ? String(Number(value.toPrecision(3))) : (value ?? "nothing");
  const width = Math.max(...truths.map(({ what }) => what.length));
  const lines = truths.map(({ what, planted, found, interval, verdict }) => {
    const between = interval ? ` [${interval.map((v) => v.toPrecision(2)).join(", ")}]` : "";
    return `${verdict === "met" ? "✓" : "✗"} ${what.padEnd(width)}  planted ${text(planted)}, found ${text(found)}${between}`;
  });
  return `Planted truth:\n${lines.join("\n")}`;
}
