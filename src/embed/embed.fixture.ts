// Checkpoints of small untrained networks, for the tests of this room.
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { Discriminator } from "../models/index.ts";
import type { CheckpointHeader } from "../schema/index.ts";
import { encodeSafetensors, noGrad, Rng, randn, TensorScope } from "../tensor/index.ts";
import type { Checkpoint } from "./index.ts";

export const NAMES = ["DNA", "ER", "actin", "RNA", "Golgi-membrane", "Mito"];

/** A checkpoint of an untrained discriminator with biases that are not zero, as training would leave it. */
export async function checkpointOf(
  folder: string,
  resolutionPx: number,
  imageChannels: number,
  kimg = 0,
  run = `run-${resolutionPx}-${imageChannels}`,
  own: Partial<CheckpointHeader> & { readonly nClasses?: number } = {},
): Promise<Checkpoint> {
  const { nClasses = 0, ...ownHeader } = own;
  const model = {
    kind: "stylegan2" as const,
    ...{ resolutionPx, imageChannels, latentDim: 8, styleDim: 8, mappingLayers: 1 },
    ...{ channelBase: 256, channelMax: 12, minibatchStdGroup: 4 },
    ...(nClasses > 0 ? { nClasses } : {}),
  };
  const rng = new Rng(resolutionPx + imageChannels + kimg);
  const discriminator = new Discriminator(model, rng);
  for (const [name, parameter] of discriminator.parameters) {
    if (name.endsWith("bias")) noGrad(() => parameter.add_(randn(parameter.shape, { rng })));
  }
  const bytes = encodeSafetensors(
    new Map([...discriminator.parameters].map(([name, t]) => [`discriminator.${name}`, t])),
  );
  discriminator.dispose();
  const stem = join(folder, run, "checkpoints", `kimg-${kimg.toFixed(3).padStart(10, "0")}`);
  await mkdir(join(stem, ".."), { recursive: true });
  const header: CheckpointHeader = {
    ...{
      kind: "gandl-checkpoint",
      schemaVersion: 1,
      kimg,
      step: 0,
      imagesSeen: kimg * 1000,
      model,
      minibatchStdMean: 0.37,
    },
    weightsSha256: createHash("sha256").update(bytes).digest("hex"),
    channels: NAMES.slice(0, imageChannels).map((name) => ({ name, stain: name, colour: "#ffffff" })),
    ...{ pixelSizeUm: null, dtype: "uint8", datasetFingerprint: "f", labels: null, input: "stored" },
    ...ownHeader,
  };
  writeFileSync(`${stem}.safetensors`, bytes);
  writeFileSync(`${stem}.json`, JSON.stringify(header));
  return { stem, header };
}

/** Gaussian images for an encoder, `[n,c,r,r]`. */
export const imagesFor = ({ header }: Checkpoint, n: number, seed = 1): Float32Array => {
  using _scope = new TensorScope();
  return randn([n, header.model.imageChannels, header.model.resolutionPx, header.model.resolutionPx], {
    rng: new Rng(seed),
  }).toFloat32Array();
};

/** The largest difference, relative to the largest value. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  const largest = Math.max(...b.map(Math.abs));
  return Math.max(...a.map((v, i) => Math.abs(v - b[i]!))) / largest;
}
