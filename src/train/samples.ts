// Generated and real images as grids, always of the same latents, so that pictures of a run can be compared.
import { BatchSampler, type Dataset } from "../data/index.ts";
import { drawLatents, Generator } from "../models/index.ts";
import type { CheckpointHeader, DatasetManifest } from "../schema/index.ts";
import { noGrad, Rng, readSafetensors, TensorScope } from "../tensor/index.ts";
import { type ChannelDisplay, encodePicture, sampleGrid } from "./sample-grid.ts";

const N_COLUMNS = 8;

/** Each channel in its colour, stretched over its 0.5th to 99.5th percentile, in the units that {@link generateGrey} gives. */
export function displayOf(manifest: DatasetManifest): ChannelDisplay[] {
  return manifest.channels.map(({ colour, statistics }) => ({
    colour,
    low: statistics.p0_5,
    high: Math.max(statistics.p99_5, statistics.p0_5 + 1),
  }));
}

export interface GenerateOptions {
  readonly n: number;
  readonly seed: number;
  /** 1 shows what the generator can do, less shows likelier images. @default 1 */
  readonly truncation?: number;
  /** Grey levels that −1…1 stand for. */
  readonly maxLevel: 255 | 65535;
}

/** Generates images with constant noise, as grey levels `[n,c,h,w]`; equal seeds give equal images. */
export function generateGrey(
  generator: Generator,
  { n, seed, truncation = 1, maxLevel }: GenerateOptions,
): { data: Float32Array; shape: readonly number[] } {
  using _scope = new TensorScope();
  return noGrad(() => {
    const device = generator.parameters.get("synthesis.const")?.device ?? "cpu";
    const w = generator.map(drawLatents(generator.shape, n, new Rng(seed, device)));
    const image = generator.synthesise(generator.broadcast(generator.truncate(w, truncation)), { noise: "const" });
    return {
      data: image
        .add(1)
        .mul(maxLevel / 2)
        .clamp(0, maxLevel)
        .toFloat32Array(),
      shape: image.shape,
    };
  });
}

/** A grid of generated images as PNG bytes. */
export async function generatedGridPng(generator: Generator, manifest: DatasetManifest, seed: number): Promise<Buffer> {
  const images = generateGrey(generator, { n: N_COLUMNS, seed, maxLevel: manifest.dtype === "uint8" ? 255 : 65535 });
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
 * @param stem the checkpoint's path without ending. @throws GanDlError `bad-safetensors`.
 */
export async function loadGenerator(stem: string, { model }: CheckpointHeader): Promise<Generator> {
  const { tensors } = await readSafetensors(`${stem}.safetensors`);
  const prefix = "generatorEma.";
  const generator = new Generator(model, new Rng(0));
  generator.loadState(
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    ),
  );
  return generator;
}
