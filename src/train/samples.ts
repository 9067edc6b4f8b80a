// Generated and real images as grids, always of the same latents, so that pictures of a run can be compared.
import { BatchSampler, type Dataset } from "../data/index.ts";
import { Generator } from "../models/index.ts";
import type { CheckpointHeader, DatasetManifest } from "../schema/index.ts";
import { Rng, readSafetensors } from "../tensor/index.ts";
import { displayOf, maxLevelOf } from "./generate/display-range.ts";
import { generateImage } from "./generate/generate-images.ts";
import { seedRecipe } from "./generate/recipe.ts";
import { encodePicture, sampleGrid } from "./sample-grid.ts";

const N_COLUMNS = 8;

export interface GenerateOptions {
  readonly n: number;
  /** Of the first image; the others follow. */
  readonly seed: number;
  /** 1 shows what the generator can do, less shows likelier images. @default 1 */
  readonly truncation?: number;
  /** Grey levels that −1…1 stand for. */
  readonly maxLevel: 255 | 65535;
}

/** Generates the images of the seeds `seed`, `seed + 1` … with constant noise, as grey levels `[n,c,h,w]`; equal seeds give equal images. */
export function generateGrey(
  generator: Generator,
  { n, seed, truncation = 1, maxLevel }: GenerateOptions,
): { data: Float32Array; shape: readonly number[] } {
  const { imageChannels: c, resolutionPx: side } = generator.shape;
  const data = new Float32Array(n * c * side * side);
  for (let i = 0; i < n; i++)
    data.set(generateImage(generator, seedRecipe(seed + i, truncation), { maxLevel }).data, i * c * side * side);
  return { data, shape: [n, c, side, side] };
}

/** A grid of generated images as PNG bytes. */
export async function generatedGridPng(generator: Generator, manifest: DatasetManifest, seed: number): Promise<Buffer> {
  const images = generateGrey(generator, { n: N_COLUMNS, seed, maxLevel: maxLevelOf(manifest.dtype) });
  return encodePicture(sampleGrid(images, displayOf(manifest)), generator.shape.resolutionPx);
}

/** The same grid of random real crops. */
export async function realGridPng(dataset: Dataset, resolutionPx: number, seed: number): Promise<Buffer> {
  const sampler = new BatchSampler(dataset, {
    batchSize: N_COLUMNS,
    resolutionPx,
    augment: "none",
    seed,
    residentBytes: 0,
  });
  return encodePicture(sampleGrid(sampler.next(), displayOf(dataset.manifest)), resolutionPx);
}

/**
 * The moving average's generator of a checkpoint, for pictures; the caller disposes of it.
 * @param stem the checkpoint's path without ending. @param device `cpu` or `cuda:0`. @throws GanDlError `bad-safetensors`.
 */
export async function loadGenerator(stem: string, { model }: CheckpointHeader, device = "cpu"): Promise<Generator> {
  const { tensors } = await readSafetensors(`${stem}.safetensors`);
  const prefix = "generatorEma.";
  const generator = new Generator(model, new Rng(0, device));
  generator.loadState(
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    ),
  );
  return generator;
}
