// What was planted in a synthetic screen, as `gandl synthesise` wrote it beside the images.
import { readFile } from "node:fs/promises";
import { GanDlError } from "../../core/index.ts";
import { type Dataset, SyntheticTruth } from "../../data/index.ts";
import { parseWith } from "../../schema/index.ts";

/** @throws GanDlError `truth-unreadable`, `invalid-config`. */
export async function readTruth(file: string): Promise<SyntheticTruth> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw truthUnreadable(file, error);
  }
  return parseWith(SyntheticTruth, content, file, "name the truth.json of a synthetic screen.");
}

/** {@link readTruth}, of the screen that this data set was imported from. @throws also GanDlError `truth-of-another-screen`. */
export async function readTruthOf(file: string, { sites, manifest }: Dataset): Promise<SyntheticTruth> {
  const truth = await readTruth(file);
  const compounds = new Set(truth.options.compounds.map(({ name }) => name));
  const wells = new Map(truth.wells.map(({ well_id, treatment }) => [well_id, treatment]));
  for (const { site_id, well_id, treatment } of sites) {
    const isItsOwn = wells.has(well_id) && wells.get(well_id) === treatment;
    if (!isItsOwn || (treatment !== null && !compounds.has(treatment)))
      throw truthOfAnotherScreen(file, manifest.id, site_id);
  }
  return truth;
}

const truthUnreadable = (file: string, cause: unknown) =>
  new GanDlError("truth-unreadable", {
    what: `${file} cannot be read as what was planted.`,
    why: `${(cause as Error).message}.`,
    fix: "name the truth.json that gandl synthesise wrote, or leave --truth out.",
    cause,
  });

const truthOfAnotherScreen = (file: string, dataset: string, siteId: string) =>
  new GanDlError("truth-of-another-screen", {
    what: `${file} does not tell what was planted in ${dataset}.`,
    why: `it has no well with the treatment of site ${siteId}.`,
    fix: "name the truth.json beside the images that were imported, or leave --truth out.",
  });
