// Generated and real images as grids, always of the same latents, so that pictures of a run can be compared.
import { BatchSampler, type Dataset, type ImageBatch } from "../data/index.ts";
import { Generator } from "../models/index.ts";
import type { CheckpointHeader, DatasetManifest } from "../schema/index.ts";
import { Rng, readSafetensors, tidy } from "../tensor/index.ts";
import { displayOf, maxLevelOf } from "./generate/display-range.ts";
import { generateImage } from "./generate/generate-images.ts";
import { seedRecipe } from "./generate/recipe.ts";
import { networkInput } from "./network-input.ts";
import { encodePicture, type GreyImages, sampleGrid } from "./sample-grid.ts";

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

/** Which images a grid shows, and what the networks see of images. */
export interface GridOptions {
  readonly seed: number;
  readonly input: CheckpointHeader["input"];
}

/** A grid of generated images as PNG bytes. */
export async function generatedGridPng(
  generator: Generator,
  manifest: DatasetManifest,
  { seed, input }: GridOptions,
): Promise<Buffer> {
  const images = generateGrey(generator, { n: N_COLUMNS, seed, maxLevel: maxLevelOf(manifest.dtype) });
  return encodePicture(sampleGrid(images, displayOf(manifest, input)), generator.shape.resolutionPx);
}

/** The same grid of random real crops, as the networks see them. */
export async function realGridPng(
  dataset: Dataset,
  resolutionPx: number,
  { seed, input }: GridOptions,
): Promise<Buffer> {
  const { manifest } = dataset;
  const options = { batchSize: N_COLUMNS, resolutionPx, augment: "none", seed, residentBytes: 0 } as const;
  const batch = new BatchSampler(dataset, options).next();
  const images = input === "stored" ? batch : standardisedLevels(batch, maxLevelOf(manifest.dtype)); // stored ones need no LibTorch
  return encodePicture(sampleGrid(images, displayOf(manifest, input)), resolutionPx);
}

function standardisedLevels(batch: ImageBatch, maxLevel: 255 | 65535): GreyImages {
  const levels = tidy(() =>
    networkInput(batch, "standardised", "cpu")
      .add(1)
      .mul(maxLevel / 2)
      .contiguous(),
  );
  const data = levels.toFloat32Array();
  levels.dispose();
  return { data, shape: batch.shape };
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
