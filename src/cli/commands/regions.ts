// `gandl regions`: where in an image the infection is, by GAN-DL's own feature map or by DEEMD's patches.
import type { Command } from "commander";
import { GanDlError } from "../../core/index.ts";
import { checkOutputFolder } from "../output/check-output.ts";
import { createView, interruptSignal } from "../view.ts";
import { whole } from "./import.ts";

interface Options {
  data: string;
  out: string;
  run?: string;
  checkpoint: string;
  deemd?: string;
  stride?: number;
  truth?: string;
  sites: number | string[];
  seed: number;
  json?: boolean;
}

export function addRegions(program: Command): void {
  program
    .command("regions")
    .summary("where in an image the infection is: a map of each image (PNG and values)")
    .description(
      "Maps images by a run's discriminator, whose feature map is seen along the axis from healthy to infected controls (labels find one direction; the network learned without any), or by the patches of a trained DEEMD. Of a synthetic screen, --truth tells how well the maps find the infected cells (area under the ROC curve over pixels).",
    )
    .requiredOption("--data <folder>", "the data set folder")
    .requiredOption("--out <folder>", "for {site}.png, {site}.npy (float32 [h,w]) and regions.json")
    .option("--run <folder>", "a run of gandl train")
    .option("--checkpoint <which>", "latest, first (untrained), best or a number of kimg", "latest")
    .option("--deemd <folder>", "in place of --run: the work folder of gandl baseline deemd (OUT-work)")
    .option("--stride <px>", "distance of DEEMD's patches; an eighth of the patch when left out", whole)
    .option("--truth <file>", "truth.json of the synthetic screen that was imported")
    .option(
      "--sites <which>",
      "how many infected controls of held-out plates, or site_id values with commas",
      sitesOf,
      16,
    )
    .option("--seed <n>", "decides which plates are held out from finding the axis", whole, 1)
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  gandl regions --data data/screen --run runs/first --truth screen/truth.json --out regions/gan-dl\n" +
        "  gandl regions --data data/screen --deemd tables/deemd-work --truth screen/truth.json --out regions/deemd",
    )
    .action(async (options: Options) => {
      const { run, deemd, checkpoint, stride, json, ...rest } = options;
      if ((run === undefined) === (deemd === undefined)) throw oneOfTwo();
      await checkOutputFolder("--out", options.out);
      const { mapRegions } = await import("../steps/regions-step.ts");
      const view = createView(json === true);
      const signal = interruptSignal(view, "regions.json is not written; pictures that are there are whole");
      const from =
        run !== undefined
          ? { run, checkpoint }
          : { deemd: deemd ?? "", ...(stride === undefined ? {} : { stridePx: stride }) };
      const result = await mapRegions(view, { ...rest, from, signal });
      const found = result.auc
        ? `\nInfected cells are found with an AUC over ${result.auc.nPixels} pixels of ${result.auc.amongAll.toFixed(3)}, ${result.auc.amongCells.toFixed(3)} among cells alone.`
        : "";
      view.result(result, `${options.out}: maps of ${result.sites.length} images by ${result.system}.${found}`);
    });
}

function sitesOf(text: string): number | string[] {
  return /^\d+$/.test(text) ? Number(text) : text.split(",").map((name) => name.trim());
}

export const oneOfTwo = () =>
  new GanDlError("no-mapper", {
    what: "name one of --run and --deemd.",
    why: "maps are drawn by a discriminator or by DEEMD.",
    fix: "give the run folder of gandl train, or the work folder of gandl baseline deemd.",
  });
