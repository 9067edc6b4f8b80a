// GAN-DL's own network before it has seen an image: what the architecture gives without learning. Whatever training is worth is told by
// the distance from here.
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Dataset, readFeatureTable } from "../data/index.ts";
import { type Checkpoint, embedDataset, ImageCutter, matchChannels, openEncoder } from "../embed/index.ts";
import { Discriminator } from "../models/index.ts";
import { type CheckpointHeader, type StyleGan2Shape, Tap } from "../schema/index.ts";
import { encodeSafetensors, fromArray, noGrad, Rng, TensorScope } from "../tensor/index.ts";
import { type BaselineEvent, defineBaseline } from "./define-baseline.ts";
import { RESOLUTION_TOLD, resolutionFor, SIDES } from "./unsupervised/resolution.ts";

/** Images whose minibatch statistic the encoder's constant is taken from. */
const N_MEASURED = 32;

const Params = z.strictObject({
  resolutionPx: z.literal(SIDES).nullable().default(null).describe(RESOLUTION_TOLD),
  channelBase: z
    .int()
    .positive()
    .default(2048)
    .describe("channels times side, as in training; the preset tiny has 2048"),
  channelMax: z.int().positive().default(64).describe("the most channels; the preset tiny has 64"),
  tap: Tap.default("blocks_gap").describe("the layer: averages of all blocks separate best, trained or not"),
  runtime: z.enum(["onnxruntime", "libtorch"]).default("onnxruntime").describe("what runs the network"),
});

/** The untrained discriminator as an encoder. */
export const randomBaseline = defineBaseline({
  id: "random",
  title: "Untrained discriminator",
  description: "GAN-DL's discriminator with the weights it starts from, used as its encoder is.",
  citation: "ours, as the control that every learned representation needs",
  needsLabels: null,
  params: Params,
  small: {},
  async *run(context, params): AsyncGenerator<BaselineEvent> {
    const { dataset, seed, signal } = context;
    const folder = await context.workFolder();
    const checkpoint = await untrainedCheckpoint(dataset, shapeOf(dataset, params), seed, folder);
    const encoder = await openEncoder(checkpoint, [params.tap], params.runtime);
    const out = join(folder, "untrained");
    const told = { name: "untrained discriminator", checkpointFile: "untrained.safetensors" };
    try {
      for await (const event of embedDataset({ dataset, encoder, out, ...told, signal })) {
        if (event.kind !== "progress") continue;
        const { done, total } = event;
        yield { kind: "progress", stage: "embedding", done, total, detail: `${done} / ${total} images` };
      }
    } finally {
      await encoder.close();
    }
    const { features, featureNames } = await readFeatureTable(`${out}.parquet`);
    const { resolutionPx, channelBase, channelMax } = checkpoint.header.model;
    const provenance = { weights: `random, seed ${seed}`, tap: params.tap, resolutionPx, channelBase, channelMax };
    yield {
      kind: "finished",
      result: { embedding: { features, featureNames }, runtime: params.runtime, provenance },
    };
  },
});

/** @throws GanDlError `images-too-small`. */
function shapeOf({ manifest }: Dataset, params: z.output<typeof Params>): StyleGan2Shape {
  const resolutionPx = resolutionFor(manifest, params.resolutionPx);
  return {
    ...{ kind: "stylegan2", resolutionPx, imageChannels: manifest.channels.length },
    ...{ latentDim: params.channelMax, styleDim: params.channelMax, mappingLayers: 2 }, // of the generator, which is not drawn
    ...{ channelBase: params.channelBase, channelMax: params.channelMax, minibatchStdGroup: 4 },
  };
}

/** Draws the network and writes it as the checkpoint that a run starts from, for the encoder to open. */
async function untrainedCheckpoint(
  dataset: Dataset,
  model: StyleGan2Shape,
  seed: number,
  folder: string,
): Promise<Checkpoint> {
  const { channels, pixelSizeUm, dtype, fingerprint } = dataset.manifest;
  const images = await someImages(dataset, model);
  const discriminator = new Discriminator(model, new Rng(seed));
  const { bytes, minibatchStdMean } = drawn(discriminator, images);
  const header: CheckpointHeader = {
    ...{ kind: "gandl-checkpoint", schemaVersion: 1, kimg: 0, step: 0, imagesSeen: 0, model, minibatchStdMean },
    weightsSha256: createHash("sha256").update(bytes).digest("hex"),
    channels: channels.map(({ name, stain, colour }) => ({ name, stain, colour })),
    ...{ pixelSizeUm, dtype, datasetFingerprint: fingerprint, labels: null, input: "stored" },
  };
  await mkdir(folder, { recursive: true });
  const stem = join(folder, "untrained");
  await writeFile(`${stem}.safetensors`, bytes);
  return { stem, header };
}

/** The network's weights, and its minibatch statistic over real images, which stands in for it where images come one by one. */
function drawn(discriminator: Discriminator, images: Float32Array): { bytes: Uint8Array; minibatchStdMean: number } {
  using _scope = new TensorScope();
  const { imageChannels, resolutionPx, minibatchStdGroup } = discriminator.shape;
  const perImage = imageChannels * resolutionPx ** 2;
  const nWhole = Math.floor(images.length / perImage);
  const n = nWhole - (nWhole > minibatchStdGroup ? nWhole % minibatchStdGroup : 0);
  const batch = fromArray(images.subarray(0, n * perImage), [n, imageChannels, resolutionPx, resolutionPx]);
  const { statistic } = noGrad(() => discriminator.score(batch));
  const named = [...discriminator.parameters].map(([name, tensor]) => [`discriminator.${name}`, tensor] as const);
  const bytes = encodeSafetensors(new Map(named));
  const minibatchStdMean = statistic.mean().item();
  discriminator.dispose();
  return { bytes, minibatchStdMean };
}

/** Middle squares of images spread over the data set, as the network sees them. */
async function someImages(dataset: Dataset, { resolutionPx }: StyleGan2Shape): Promise<Float32Array> {
  const { manifest, sites } = dataset;
  const n = Math.min(N_MEASURED, sites.length);
  const batch = await dataset.readImages(Array.from({ length: n }, (_, i) => Math.floor((i * sites.length) / n)));
  const sources = matchChannels(manifest.channels, manifest.channels);
  const cutter = new ImageCutter({
    ...{ manifest, sources, tilePx: resolutionPx, resizeFactor: 1, input: "stored", tiles: "centre" },
  });
  return cutter.cut(batch);
}
