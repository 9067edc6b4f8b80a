// What `gandl import` understands: its options, and what they mean to the library.
import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import type { ImportOptions } from "../../data/index.ts";

/** The command line's options as commander gives them. */
export interface ImportFlags {
  out?: string;
  dataset?: string;
  metadata?: string;
  images?: string;
  channels?: string[];
  column?: Record<string, string>;
  z?: number | "max";
  level?: number;
  where?: string;
  sites?: string[];
  perWell?: number;
  limit?: number;
  seed?: number;
  resize?: number;
  intensity?: NonNullable<ImportOptions["intensity"]>;
  levels?: [string, Range][];
  percentiles?: Range;
  illumination?: string;
  connections?: number;
  skipBad?: boolean;
  overwrite?: boolean;
  json?: boolean;
  dryRun?: boolean;
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** A whole number, as an option's value. */
export const whole = (text: string): number => {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value)) throw new InvalidArgumentError("It is not a whole number.");
  return value;
};

/** A whole number from 1 on, as an option's value. */
export const count = (text: string): number => {
  const value = whole(text);
  if (value < 1) throw new InvalidArgumentError("It is not a count of one or more.");
  return value;
};

/** A number, as an option's value. */
export const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("It is not a number.");
  return value;
};

/** A plane of a z-stack by its position from 0, or the brightest of all. */
export const planeOf = (text: string): number | "max" => (text === "max" ? "max" : whole(text));

/** Two numbers that rise: `0.5..99.5`. */
export function rangeOf(text: string): Range {
  const parts = /^(-?[\d.]+)\.\.(-?[\d.]+)$/.exec(text);
  const [low, high] = [Number(parts?.[1]), Number(parts?.[2])];
  if (!Number.isFinite(low) || !Number.isFinite(high) || low >= high)
    throw new InvalidArgumentError("It is not two numbers that rise, as in 0.5..99.5.");
  return { low, high };
}

/** `DNA=0..4095` → `["DNA", {…}]`; without a name it is for all other channels. */
export function levelsOf(text: string): [string, Range] {
  const at = text.lastIndexOf("=");
  return [at < 0 ? "*" : text.slice(0, at), rangeOf(text.slice(at + 1))];
}

/** `well=Well` beside those before it. */
function columnsOf(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError("It is not field=name, as in well=Well.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

const EXAMPLES = `
Example:
  gandl import RxRx19a-images.zip --out data/rxrx19a --resize 512
  gandl import https://example.org/RxRx19a-images.zip --metadata metadata.csv --out data/vero1 \\
    --where "experiment = 'VERO-1' and plate = 1" --sites 1 --dry-run
  gandl import plates/ --out data/mine --metadata wells.csv --illumination estimate \\
    --images '{plate}/{well}_s{site}_w{channel}.tif' --channels DNA actin --column well=Well`;

/** Declares argument, options and help. */
export function declareImport(command: Command): Command {
  return command
    .summary("a folder or zip of images → a data set folder")
    .description(
      "Reads microscope images and their metadata into one data set folder: pixels as NumPy shards, one row an image in sites.parquet. Interrupted or killed, the same command goes on where it stopped; finished, it does nothing.",
    )
    .argument(
      "<source>",
      "a folder, a .zip, an .ome.zarr, or the https address of a .zip, of which only the files asked for are fetched",
    )
    .requiredOption("--out <folder>", "the data set folder to write")
    .option("--dataset <id>", "a known data set's id, or 'table'; recognised when left out")
    .option("--metadata <file>", "the metadata table, where it is not at its usual place")
    .option(
      "--images <template>",
      "for tables: where the images are, e.g. 'images/{plate}/{well}_s{site}_w{channel}.png'",
    )
    .option(
      "--channels <names...>",
      "for tables: the stains in the order of {channel}; for known data sets: those to keep, in this order",
    )
    .option(
      "--column <field=name...>",
      "for tables: which column holds plate, well, site, treatment, dose_um …",
      columnsOf,
    )
    .option("--z <plane>", "of z-stacks: a plane counted from 0, or max for the brightest value of all", planeOf)
    .option("--level <n>", "of OME-Zarr: the resolution level, 0 being the finest (default: 0)", whole)
    .optionsGroup("Which images:")
    .option("--where <sql>", 'a condition over the metadata\'s columns, e.g. "plate = 1 and dose_um > 0.1"')
    .option("--sites <names...>", "only these fields of each well")
    .option("--per-well <n>", "so many fields of each well, drawn at random", whole)
    .option("--limit <n>", "so many images in all; each plate and condition keeps its share", whole)
    .option("--seed <n>", "of what is drawn (default: 1)", whole)
    .optionsGroup("What becomes of them:")
    .option("--resize <px>", "shrink by area averaging until the longer side has so many pixels", whole)
    .addOption(
      new Option(
        "--intensity <how>",
        "grey levels; 8-bit images stay as they are, 16-bit ones are mapped by percentile, unless you say otherwise; none keeps 16 bits",
      ).choices(["none", "linear", "percentile", "percentile-per-plate", "standardise-per-image"]),
    )
    .option(
      "--levels <ranges...>",
      "linear: grey levels that become 0 and 255, e.g. 0..4095 or DNA=0..4095 actin=100..2000",
      (text: string, before: [string, Range][] = []) => [...before, levelsOf(text)],
    )
    .option("--percentiles <low..high>", "what the percentile mappings send to 0 and 255 (default: 0.5..99.5)", rangeOf)
    .option(
      "--illumination <how>",
      "even out the light: estimate (from each plate's own images), or a folder of flat fields as .npy (CellProfiler's Illum<channel>.npy)",
    )
    .optionsGroup("How:")
    .option("--connections <n>", "requests at a time to a server (default: 16)", count)
    .option("--skip-bad", "leave faulty images out, counted and listed, instead of stopping")
    .option("--overwrite", "replace the data set at --out")
    .option("--dry-run", "show what would be read, written and how long it takes, and stop")
    .option("--json", "print the result as JSON")
    .addHelpText("after", EXAMPLES);
}

const given = <T extends object>(record: T): Partial<T> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>;

/** Flags that the library takes by the same name and in the same form. */
const AS_WRITTEN = [
  ...["z", "level", "dataset", "metadata", "where", "sites", "perWell", "limit", "seed"],
  ...["intensity", "illumination", "skipBad", "overwrite"],
] as (keyof ImportFlags & keyof ImportOptions)[];

/** What the flags mean to {@link ImportOptions}. */
export function importOptionsOf(source: string, flags: ImportFlags): ImportOptions {
  const { images, channels, column, levels, percentiles, connections } = flags;
  const table = images && {
    images,
    channels: (channels ?? []).map((name) => ({ name })),
    ...(column ? { columns: column } : {}),
  };
  return {
    source,
    out: flags.out ?? "",
    ...given(Object.fromEntries(AS_WRITTEN.map((name) => [name, flags[name]]))),
    ...(table ? { table } : given({ channels })),
    ...given({ resizePx: flags.resize, levels: levels && Object.fromEntries(levels) }),
    ...(percentiles ? { percentiles: { lowPercent: percentiles.low, highPercent: percentiles.high } } : {}),
    ...(connections ? { remote: { parallelRequests: connections } } : {}),
  } as ImportOptions;
}
