// `gandl generate`: pictures of what a generator has learned.
import { type Command, Option } from "commander";
import type { GenerateOutcome, GenerateStepOptions } from "../steps/generate-step.ts";
import { createView, interruptSignal } from "../view.ts";
import { whole } from "./import.ts";

type Options = Omit<GenerateStepOptions, "signal"> & { readonly json?: boolean };

const EXAMPLES = `
Example:
  gandl generate --run runs/first --seed 7 --truncation 0.7 --out cells.png
  gandl generate --run runs/first --rows 6 --columns 10                     a grid of composites
  gandl generate --run runs/first --seeds 0-7 --truncation 0,0.5,0.7,1     a row a truncation
  gandl generate --run runs/first --walk 1,5,9 --steps 8                    from seed 1 over 5 to 9
  gandl generate --run runs/first --mix 0-3,10-14,coarse --out mix.png      style mixing
  gandl generate --run runs/first --seeds 0-999 --each --out generated      files for \`gandl import\``;

export function addGenerate(program: Command): void {
  program
    .command("generate")
    .summary("a run → pictures of generated images, by seed")
    .description(
      "Draws generated images: a strip, a grid, a walk between seeds or a style-mixing table as one picture, or a file for each image and stain. A seed gives the same image whatever else is drawn.",
    )
    .requiredOption("--run <folder>", "the run folder")
    .option("--out <path>", "the .png to write; with --each, the folder", "generated.png")
    .option(
      "--checkpoint <which>",
      "latest, first (untrained), best (of a run with quality) or a number of kimg",
      "latest",
    )
    .option("--seeds <list>", "which images, e.g. 0-15,20")
    .option("--seed <n>", "or the first of consecutive ones", whole, 1)
    .option("-n <images>", "and how many (default: rows × columns, or 8)", whole)
    .option("--rows <n>", "rows of the grid", whole)
    .option("--columns <n>", "columns of the grid", whole)
    .option(
      "--truncation <psi>",
      "1 for all that was learned, towards 0 for likelier images; several make a row each",
      "1",
    )
    .option("--walk <seeds>", "a walk from seed to seed, e.g. 1,5,9")
    .option("--steps <n>", "images from one seed of the walk to the next, both included", whole, 8)
    .addOption(new Option("--space <name>", "walk through styles (w) or latents (z)").choices(["w", "z"]).default("w"))
    .option("--mix <rows,columns,layers>", "images of the row seeds with styles of the column seeds at some layers")
    .addOption(
      new Option("--noise <mode>", "fixed noise maps, fresh ones for each seed, or none")
        .choices(["const", "random", "none"])
        .default("const"),
    )
    .option("--class <name>", "for a run trained with labels: images of this class (default: the classes in turn)")
    .option("--show <what>", "composite, stains, all, or names of stains (default: all in a strip, else composite)")
    .option(
      "--range <levels>",
      "grey levels from black to full: auto (the data set's), full, p0.5-p99.5 or 200-4000",
      "auto",
    )
    .option("--data <folder>", "the data set whose grey levels --range auto takes, where it has moved")
    .option("--each", "write each image by itself: <name>.png in colour, <name>_w1.png … a stain, as stored")
    .option("--overwrite", "with --each: write into a folder that holds files")
    .option("--device <name>", "cpu or cuda:0", "cpu")
    .option("--json", "print the result as JSON")
    .addHelpText("after", EXAMPLES)
    .action(async ({ json, ...options }: Options) => {
      const { generateWithProgress } = await import("../steps/generate-step.ts");
      const view = createView(json === true);
      const kept = options.each ? "images written so far are whole" : "no picture is written";
      const signal = interruptSignal(view, kept);
      const outcome = await generateWithProgress(view, { ...options, signal });
      if (outcome.aborted) process.exitCode = 130;
      view.result(outcome, describe(outcome, options));
    });
}

/** What a person reads at the end. */
function describe(outcome: GenerateOutcome, { each }: Options): string {
  const { out, nImages, kimg, range, aborted } = outcome;
  if (aborted && !each) return "Stopped; no picture was written.";
  const what = `${out}: ${nImages} ${nImages === 1 ? "image" : "images"} by the generator at ${kimg} kimg.`;
  const shown = `Black to full colour: ${range.source}.`;
  if (!each) return `${what}\n${shown}`;
  const names = range.channels.map(({ name }) => name).join(" ");
  return `${what}\n${shown}\nNext: gandl import ${out} --out ${out}-dataset --dataset table --metadata metadata.csv --images '{site_id}_w{channel}.png' --channels ${names}`;
}
