// The README.txt of a synthetic screen: says what it is to whoever finds the folder without us.
import type { SyntheticOptions } from "./options.ts";
import { SYNTHETIC_CHANNELS } from "./truth.ts";

/** The first line; by it the generator knows its own folders again. */
export const README_MARK = "SYNTHETIC IMAGES - NOT AN EXPERIMENT";

/** The whole text. */
export function readmeText(options: SyntheticOptions): string {
  const stains = SYNTHETIC_CHANNELS.map(({ name, stain }, i) => `  w${i + 1}  ${name} (drawn to look like ${stain})`);
  return `${README_MARK}

These images were drawn by gan-dl's synthetic screen (seed ${options.seed}). No cell, virus or compound was
involved. Folder layout, column names and names of conditions are those of RxRx19a, so that the same tools read both; experiments
(${options.experiments.join(", ")}) and compounds have names that no real screen uses.

  metadata.csv   one row an image
  images/        {experiment}/Plate{plate}/{well}_s{site}_w{1..5}.png, 8-bit grey, ${options.sidePx} x ${options.sidePx} px, ${options.pixelSizeUm} um a pixel
  truth.json     everything that was planted: EC50s, severities, toxicity, plate effects, cells in each image

${stains.join("\n")}

Never quote a result on these images as a finding about biology.
`;
}
