// `gandl generate`: pictures of what a generator has learned.
import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { createView } from "../view.ts";
import { whole } from "./import.ts";

interface Options {
  run: string;
  out: string;
  checkpoint: string;
  n: number;
  seed: number;
  truncation: number;
  json?: boolean;
}

export function addGenerate(program: Command): void {
  program
    .command("generate")
    .summary("a run → a picture of generated images, by seed")
    .description(
      "Draws a grid: one column an image, all stains together in the first row, one row a stain below. Equal seeds give equal pictures.",
    )
    .requiredOption("--run <folder>", "the run folder")
    .option("--out <file.png>", "the picture to write", "generated.png")
    .option("--checkpoint <which>", "latest, first or a number of kimg", "latest")
    .option("-n <images>", "how many", whole, 8)
    .option("--seed <n>", "which", whole, 1)
    .option("--truncation <psi>", "1 for all that was learned, towards 0 for likelier images", Number, 1)
    .option("--json", "print the result as JSON")
    .addHelpText("after", "\nExample:\n  gandl generate --run runs/first --seed 7 --truncation 0.7 --out cells.png")
    .action(async ({ run, out, checkpoint, n, seed, truncation, json }: Options) => {
      const { resolveCheckpoint } = await import("../../embed/index.ts");
      const { encodePicture, generateGrey, loadGenerator, sampleGrid } = await import("../../train/index.ts");
      const found = await resolveCheckpoint(run, checkpoint);
      const generator = await loadGenerator(found.stem, found.header);
      const maxLevel = found.header.dtype === "uint8" ? 255 : 65535;
      const images = generateGrey(generator, { n, seed, truncation, maxLevel });
      const display = found.header.channels.map(({ colour }) => ({ colour, low: 0, high: maxLevel }));
      await writeFile(out, await encodePicture(sampleGrid(images, display), found.header.model.resolutionPx));
      generator.dispose();
      createView(json === true).result(
        { out, n, seed, truncation, kimg: found.header.kimg },
        `${out}: ${n} images by the generator at ${found.header.kimg} kimg.`,
      );
    });
}
