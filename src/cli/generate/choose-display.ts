// Finds the grey levels to show: the data set's own where it can be found, else those of generated images.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { notADataset } from "../../data/errors.ts";
import type { Generator } from "../../models/index.ts";
import { type CheckpointHeader, DatasetManifest, parseWith } from "../../schema/index.ts";
import { type ChannelDisplay, displayOf, fullDisplay, maxLevelOf, measureDisplay } from "../../train/index.ts";
import { channelsDiffer, clashingOptions } from "./errors.ts";
import type { RangeChoice } from "./parse-lists.ts";

/** Display limits, and a phrase that says where they come from. */
export interface ChosenDisplay {
  readonly channels: readonly ChannelDisplay[];
  readonly source: string;
}

const AUTO_PERCENT = { low: 0.5, high: 99.5 };

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return null; // not there, or cut short: the caller has another way
  }
}

/** The manifest of the data set that the run was trained on, if it still lies where it lay and is still the same. */
async function trainedOn(run: string, header: CheckpointHeader): Promise<DatasetManifest | null> {
  const config = (await readJson(join(run, "config.resolved.json"))) as { data?: { dataset?: unknown } } | null;
  const folder = config?.data?.dataset;
  if (typeof folder !== "string") return null;
  const manifest = DatasetManifest.safeParse(await readJson(join(folder, "dataset.json")));
  return manifest.success && manifest.data.fingerprint === header.datasetFingerprint ? manifest.data : null;
}

async function named(folder: string, header: CheckpointHeader): Promise<DatasetManifest> {
  const file = join(folder, "dataset.json");
  const fix = "name a folder written by `gandl import`.";
  const content = await readJson(file);
  if (content === null) throw notADataset(folder);
  const manifest = parseWith(DatasetManifest, content, file, fix);
  const [have, want] = [manifest, header].map(({ channels }) => channels.map(({ name }) => name)) as [
    string[],
    string[],
  ];
  if (have.join("\n") !== want.join("\n") || manifest.dtype !== header.dtype) throw channelsDiffer(folder, have, want);
  return manifest;
}

/**
 * @param data a data set folder to take the grey levels from, where the user names one.
 * @throws GanDlError `clashing-options`; `not-a-dataset`, `channels-differ`, `bad-file-content` for a data set that was named and does not fit.
 */
export async function chooseDisplay(
  { run, data, range }: { run: string; data?: string | undefined; range: RangeChoice },
  generator: Generator,
  header: CheckpointHeader,
): Promise<ChosenDisplay> {
  if (data !== undefined && range.kind !== "auto")
    throw clashingOptions(["--data", "--range"], "each of them sets the grey levels that are shown.");
  const colours = header.channels.map(({ colour }) => colour);
  if (range.kind === "full") return { channels: fullDisplay(header), source: "every grey level that the dtype has" };
  if (range.kind === "levels") {
    const { low, high } = range;
    return { channels: colours.map((colour) => ({ colour, low, high })), source: `grey levels ${low} to ${high}` };
  }
  if (range.kind === "auto") {
    const manifest = data === undefined ? await trainedOn(run, header) : await named(data, header);
    if (manifest !== null)
      return {
        channels: displayOf(manifest, header.input),
        source:
          header.input === "standardised"
            ? "−1.2 to 3 standard deviations of each image"
            : `percentiles 0.5 to 99.5 of the data set ${manifest.id}`,
      };
  }
  const { low, high } = range.kind === "percentiles" ? range : AUTO_PERCENT;
  const limits = { lowPercent: low, highPercent: high, maxLevel: maxLevelOf(header.dtype) };
  return {
    channels: measureDisplay(generator, colours, limits),
    source: `percentiles ${low} to ${high} of generated images`,
  };
}
