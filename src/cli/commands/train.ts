// `gandl train`: a data set folder to a run folder.
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { Command } from "commander";
import { GanDlError } from "../../core/index.ts";
import { checkOutputFolder } from "../output/check-output.ts";
import { createView, formatBytes, interruptSignal, type View } from "../view.ts";

interface Options {
  data?: string;
  out: string;
  preset: string;
  config?: string;
  set: string[];
  resume?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

const collect = (value: string, before: string[]): string[] => [...before, value];

export function addTrain(program: Command): void {
  program
    .command("train")
    .summary("a data set folder → a run folder with checkpoints and encoders")
    .description(
      "Trains StyleGAN2 on a data set folder. Each checkpoint gets its encoder as .onnx beside it. Ctrl-C stops with a checkpoint; --resume goes on, bit for bit on the CPU.",
    )
    .option("--data <folder>", "the data set folder, as `gandl import` wrote it")
    .requiredOption("--out <folder>", "the run folder to write")
    .option(
      "--preset <name>",
      "starting point: tiny (64 px, CPU); gandl (RxRx19a) or gandl-rxrx1 (256 px, GPU); paper256, paper512 or paper1024 (StyleGAN2-ADA's)",
      "tiny",
    )
    .option("--config <file.json>", "a configuration of your own, instead of a preset")
    .option(
      "--set <key=value>",
      "change one number, e.g. --set schedule.durationKimg=100; may be repeated",
      collect,
      [],
    )
    .option("--resume", "go on with the run at --out from its newest checkpoint")
    .option("--dry-run", "print the resolved configuration, sizes and steps, and stop")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  gandl train --data data/mine --out runs/first --set schedule.durationKimg=50\n  gandl train --out runs/first --resume",
    )
    .action(async (options: Options) => {
      const view = createView(options.json === true);
      const config = await configOf(options);
      if (options.dryRun) return showPlan(view, config, options);
      await checkOutputFolder("--out", options.out);
      const { trainWithProgress } = await import("../steps/train-step.ts");
      const signal = interruptSignal(view, "finishing this step and writing a checkpoint");
      const outcome = await trainWithProgress(view, {
        config,
        out: options.out,
        resume: options.resume === true,
        signal,
      });
      const next =
        outcome.reason === "aborted"
          ? `Go on with: gandl train --out ${options.out} --resume`
          : `Next: gandl embed --run ${options.out} --data ${config.data.dataset} --out ${options.out}/embedding`;
      view.result({ run: options.out, ...outcome }, `${options.out}: ${outcome.kimg} kimg.\n${next}`);
      if (outcome.reason === "aborted") process.exitCode = 130;
    });
}

const badOptions = (what: string, fix: string) =>
  new GanDlError("bad-options", { what, why: "the configuration cannot be put together.", fix });

async function configOf({ data, out, preset, config, set, resume }: Options) {
  const { applyOverrides, PRESETS, resolveTrainConfig } = await import("../../train/index.ts");
  let base: Record<string, unknown>;
  let source = `preset ${preset}`;
  if (resume && config === undefined) {
    source = `${out}/config.resolved.json`;
    base = await readConfig(source);
  } else if (config !== undefined) {
    source = config;
    base = await readConfig(config);
  } else {
    const found = PRESETS.find(({ id }) => id === preset);
    if (!found)
      throw badOptions(`there is no preset '${preset}'.`, `choose ${PRESETS.map(({ id }) => id).join(" or ")}.`);
    base = { ...found.config };
  }
  if (data !== undefined) base = { ...base, data: { ...(base.data as object), dataset: data } };
  if (!(base.data as { dataset?: string } | undefined)?.dataset)
    throw badOptions("no data set was named.", "add --data with a folder written by `gandl import`.");
  return resolveTrainConfig(applyOverrides(base, set), source);
}

async function readConfig(file: string): Promise<Record<string, unknown>> {
  if (extname(file) !== ".json") throw badOptions(`${file} is no .json file.`, "write the configuration as JSON.");
  try {
    const config: unknown = JSON.parse(await readFile(file, "utf8"));
    if (typeof config !== "object" || config === null || Array.isArray(config)) throw new Error("it holds no object");
    return config as Record<string, unknown>;
  } catch (cause) {
    throw new GanDlError("bad-config", {
      what: `${file} cannot be read.`,
      why: (cause as Error).message,
      fix: "check the path and that it is valid JSON.",
      cause,
    });
  }
}

async function showPlan(view: View, config: Awaited<ReturnType<typeof configOf>>, { out }: Options): Promise<void> {
  const { openDataset } = await import("../../data/index.ts");
  const { planTraining } = await import("../../train/index.ts");
  using dataset = await openDataset(config.data.dataset);
  const plan = planTraining(config, dataset.manifest.channels.length);
  const blocks = plan.blocks
    .map(({ name, parameters }) => `  ${name.padEnd(32)} ${parameters.toLocaleString("en").padStart(12)}`)
    .join("\n");
  const text = [
    JSON.stringify(config, null, 2),
    `\nparameters\n${blocks}`,
    `  ${"generator".padEnd(32)} ${plan.generatorParameters.toLocaleString("en").padStart(12)}`,
    `  ${"discriminator".padEnd(32)} ${plan.discriminatorParameters.toLocaleString("en").padStart(12)}`,
    `\n${dataset.manifest.nSites} images, ${plan.nSteps} steps of ${config.schedule.batchSize}, about ${formatBytes(plan.memoryBytes)} of memory.`,
    `Nothing was written to ${out}.`,
  ];
  view.result(plan, text.join("\n"));
}
