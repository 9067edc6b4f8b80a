// Generating pictures with progress on the screen; used by `gandl generate`.
import { join } from "node:path";
import { resolveCheckpoint } from "../../embed/index.ts";
import type { Generator, NoiseMode } from "../../models/index.ts";
import type { CheckpointHeader } from "../../schema/index.ts";
import {
  encodeTable,
  generateImages,
  type ImageRecipe,
  loadGenerator,
  maxLevelOf,
  type RecipeTable,
  TablePicture,
} from "../../train/index.ts";
import { type ChosenDisplay, chooseDisplay } from "../generate/choose-display.ts";
import { unknownClass } from "../generate/errors.ts";
import { parseRange } from "../generate/parse-lists.ts";
import { planPanels, planTable, type TableOptions } from "../generate/plan-table.ts";
import { checkFolder, greyFile, metadataCsv, writeImage, writePicture } from "../generate/write-files.ts";
import { checkOutput, checkOutputFolder } from "../output/check-output.ts";
import type { View } from "../view.ts";

export interface GenerateStepOptions extends TableOptions {
  readonly run: string;
  /** latest, first or a number of kimg. */
  readonly checkpoint: string;
  /** A .png, or with `each` a folder. */
  readonly out: string;
  readonly each?: boolean;
  readonly overwrite?: boolean;
  readonly noise: NoiseMode;
  /** A class by name, for a run whose networks are told labels. */
  readonly class?: string;
  readonly show?: string;
  readonly range: string;
  readonly data?: string;
  /** `cpu` or `cuda:0`. */
  readonly device: string;
  readonly signal: AbortSignal;
}

/** What was written. */
export interface GenerateOutcome {
  readonly out: string;
  readonly kimg: number;
  readonly weightsSha256: string;
  readonly nImages: number;
  readonly aborted: boolean;
  /** Where the display limits come from, and the limits in grey levels by stain. */
  readonly range: {
    readonly source: string;
    readonly channels: readonly { name: string; low: number; high: number }[];
  };
  readonly rowNames: readonly string[];
  readonly columnNames: readonly string[];
  /** With `each`: the names of the images, without endings. */
  readonly images?: readonly string[];
}

/** Generates, showing progress. @throws as its parts. */
export async function generateWithProgress(view: View, options: GenerateStepOptions): Promise<GenerateOutcome> {
  const range = parseRange(options.range);
  const { stem, header } = await resolveCheckpoint(options.run, options.checkpoint);
  if (options.each) {
    await checkOutputFolder("--out", options.out);
    await checkFolder(options.out, options.overwrite === true);
  } else await checkOutput("--out", options.out);
  const generator = await loadGenerator(stem, header, options.device);
  try {
    const table = planTable(options, generator.numWs);
    const display = await chooseDisplay({ run: options.run, data: options.data, range }, generator, header);
    const job = { view, options, generator, header, table, display };
    const done = options.each ? await writeEach(job) : await writeTable(job);
    view.endProgress();
    return outcomeOf(job, done);
  } finally {
    generator.dispose();
  }
}

interface Job {
  readonly view: View;
  readonly options: GenerateStepOptions;
  readonly generator: Generator;
  readonly header: CheckpointHeader;
  readonly table: RecipeTable;
  readonly display: ChosenDisplay;
}

const imagesOf = (recipes: Iterable<ImageRecipe>, { options, generator, header }: Job) =>
  generateImages(generator, recipes, {
    noise: options.noise,
    maxLevel: maxLevelOf(header.dtype),
    ...(options.class === undefined ? {} : { classNumber: classNumberOf(header, options.class) }),
    signal: options.signal,
  });

function classNumberOf({ labels }: CheckpointHeader, name: string): number {
  const found = labels?.classes.indexOf(name) ?? -1;
  if (found < 0) throw unknownClass(name, labels);
  return found;
}

/** @returns the images that were made; the picture is written only when they are all. */
async function writeTable(job: Job): Promise<ImageRecipe[]> {
  const { view, options, generator, header, table, display } = job;
  const side = generator.shape.resolutionPx;
  const tiles = table.rows.flatMap((row, r) => row.flatMap((recipe, c) => (recipe ? [{ recipe, r, c }] : [])));
  const stains = header.channels.map(({ name }) => name);
  const panels = planPanels(options.show, stains, table.rows.length);
  const nColumns = table.rows[0]?.length ?? 0;
  const layout = { nRows: table.rows.length, nColumns, heightPx: side, widthPx: side, panels };
  const picture = new TablePicture(layout, display.channels);
  const done: ImageRecipe[] = [];
  for await (const { recipe, data } of imagesOf(
    tiles.map(({ recipe }) => recipe),
    job,
  )) {
    const { r, c } = tiles[done.length]!;
    picture.place(r, c, data);
    done.push(recipe);
    view.progress("generating", done.length, tiles.length, `${done.length} / ${tiles.length} images`);
  }
  if (done.length === tiles.length) await writePicture(options.out, await encodeTable(picture, table));
  return done;
}

/** @returns the images that were written, each once. */
async function writeEach(job: Job): Promise<ImageRecipe[]> {
  const { view, options, header, table, display } = job;
  const recipes = [...new Map(table.rows.flat().flatMap((r) => (r ? [[r.name, r] as const] : []))).values()];
  const done: ImageRecipe[] = [];
  for await (const image of imagesOf(recipes, job)) {
    await writeImage(options.out, image, display.channels, maxLevelOf(header.dtype));
    done.push(image.recipe);
    view.progress("generating", done.length, recipes.length, `${done.length} / ${recipes.length} images`);
  }
  await writePicture(join(options.out, "metadata.csv"), metadataCsv(done));
  await writePicture(join(options.out, "generated.json"), JSON.stringify(aboutEach(job, done), null, 2));
  return done;
}

/** `generated.json`: enough to make the same files again. */
function aboutEach(job: Job, done: readonly ImageRecipe[]): object {
  const { header, options } = job;
  const stains = header.channels.map(({ name }, k) => ({ name, file: greyFile("{site_id}", k) }));
  return {
    ...outcomeOf(job, done),
    noise: options.noise,
    dtype: header.dtype,
    pixelSizeUm: header.pixelSizeUm,
    stains,
  };
}

function outcomeOf({ options, header, table, display }: Job, done: readonly ImageRecipe[]): GenerateOutcome {
  const channels = display.channels.map(({ low, high }, k) => ({ name: header.channels[k]!.name, low, high }));
  return {
    out: options.out,
    kimg: header.kimg,
    weightsSha256: header.weightsSha256,
    nImages: done.length,
    aborted: options.signal.aborted,
    range: { source: display.source, channels },
    rowNames: table.rowNames,
    columnNames: table.columnNames,
    ...(options.each ? { images: done.map(({ name }) => name) } : {}),
  };
}
