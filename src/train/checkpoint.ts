// Checkpoints: weights and everything else that a bit-exact resume needs, in one safetensors file, with a JSON header beside it.
// The header is written last and carries the weights' hash: a checkpoint without a fitting header is not one.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { SeededRandom, type SeededRandomState } from "../core/index.ts";
import type { BatchSamplerState } from "../data/index.ts";
import { type AugmentState, CheckpointHeader, type DatasetManifest } from "../schema/index.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor, type Tensor } from "../tensor/index.ts";
import { noCheckpoint } from "./errors.ts";
import type { Gan } from "./gan.ts";
import type { Labels } from "./labels.ts";
import { bestCheckpoint } from "./quality-watch.ts";
import { jsonOrNull, removeFile, writeWhole } from "./run-folder.ts";

/** What a resume needs beside tensors; travels in the safetensors file's metadata. */
interface ResumeState {
  readonly sampler: BatchSamplerState;
  readonly mixing: SeededRandomState;
  readonly optimiserSteps: { readonly generator: number; readonly discriminator: number };
  readonly pathLengthMean: number;
  readonly augment: AugmentState | null;
}

/** A checkpoint on disk. */
export interface CheckpointFile {
  /** Path without ending: `.safetensors`, `.json` and `.onnx` stand side by side. */
  readonly stem: string;
  readonly weights: string;
  readonly header: CheckpointHeader;
}

const RNG_KEY = "random.torch";
const prefixed = (prefix: string, tensors: ReadonlyMap<string, Tensor>): [string, Tensor][] =>
  [...tensors].map(([name, tensor]) => [`${prefix}.${name}`, tensor]);
const under = (prefix: string, tensors: ReadonlyMap<string, StoredTensor>): Map<string, StoredTensor> =>
  new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(`${prefix}.`))
      .map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]),
  );

/** The tensors of a checkpoint, by part. */
const partsOf = (gan: Gan) => ({
  generator: gan.generator,
  generatorEma: gan.generatorEma,
  discriminator: gan.discriminator,
  optimiserG: gan.optimiserG,
  optimiserD: gan.optimiserD,
});

/** `kimg-000012.800`: names sort in the order of training. */
export const checkpointName = (imagesSeen: number): string =>
  `kimg-${(imagesSeen / 1000).toFixed(3).padStart(10, "0")}`;

/** Writes a checkpoint and removes old ones, keeping the newest `keep`, the first and the best. @throws GanDlError `cannot-write`. */
export async function saveCheckpoint(
  folder: string,
  gan: Gan,
  sampler: BatchSamplerState,
  manifest: DatasetManifest,
  labels: Labels | null,
  keep: number,
): Promise<CheckpointFile> {
  const state = gan.rng.state();
  const tensors = new Map<string, Tensor | StoredTensor>(
    Object.entries(partsOf(gan)).flatMap(([prefix, part]) => prefixed(prefix, part.state())),
  );
  tensors.set(RNG_KEY, { dtype: "uint8", shape: [state.length], data: state });
  const resume: ResumeState = {
    sampler,
    mixing: gan.mixing.state(),
    optimiserSteps: { generator: gan.optimiserG.stepCount, discriminator: gan.optimiserD.stepCount },
    pathLengthMean: gan.pathLengthMean,
    augment: gan.augmenter?.state() ?? null,
  };
  const bytes = encodeSafetensors(tensors, { resume: JSON.stringify(resume) });
  const stem = join(folder, "checkpoints", checkpointName(gan.imagesSeen));
  const header: CheckpointHeader = {
    kind: "gandl-checkpoint",
    schemaVersion: 1,
    kimg: gan.imagesSeen / 1000,
    step: gan.step,
    imagesSeen: gan.imagesSeen,
    weightsSha256: createHash("sha256").update(bytes).digest("hex"),
    model: gan.shape,
    minibatchStdMean: gan.minibatchStdMean,
    channels: manifest.channels.map(({ name, stain, colour }) => ({ name, stain, colour })),
    pixelSizeUm: manifest.pixelSizeUm,
    dtype: manifest.dtype,
    datasetFingerprint: manifest.fingerprint,
    labels: labels && { column: labels.column, classes: [...labels.classes] },
    input: gan.config.data.input,
  };
  await removeFile(`${stem}.json`); // never a header beside weights that are not its own
  await writeWhole(`${stem}.safetensors`, bytes);
  await writeWhole(`${stem}.json`, JSON.stringify(header, null, 2));
  await removeOld(folder, keep);
  return { stem, weights: `${stem}.safetensors`, header };
}

async function removeOld(folder: string, keep: number): Promise<void> {
  const { checkpoints } = await listCheckpoints(folder);
  const best = (await bestCheckpoint(folder))?.file;
  const old = checkpoints
    .slice(1, Math.max(1, checkpoints.length - keep))
    .filter(({ weights }) => basename(weights) !== basename(best ?? ""));
  for (const { stem } of old)
    for (const ending of [".json", ".safetensors", ".onnx"]) await removeFile(`${stem}${ending}`);
}

/**
 * The whole checkpoints of a run, oldest first, and the names of those that are not whole (interrupted writes).
 * Whole means: a valid header beside a weights file. The hash is checked when the weights are read.
 */
export async function listCheckpoints(folder: string): Promise<{ checkpoints: CheckpointFile[]; ignored: string[] }> {
  const directory = join(folder, "checkpoints");
  const names = (await readdir(directory).catch(() => [] as string[])).sort();
  const checkpoints: CheckpointFile[] = [];
  const ignored: string[] = [];
  for (const name of names.filter((file) => file.endsWith(".safetensors"))) {
    const stem = join(directory, name.slice(0, -".safetensors".length));
    const text = await readFile(`${stem}.json`, "utf8").catch(() => "null");
    const header = CheckpointHeader.safeParse(jsonOrNull(text));
    if (header.success) checkpoints.push({ stem, weights: `${stem}.safetensors`, header: header.data });
    else ignored.push(name);
  }
  return { checkpoints, ignored };
}

/** Takes the headers from weights that are not theirs: such checkpoints are then not listed, nor kept in place of whole ones. */
export async function disownWeights(folder: string, weightsFiles: readonly string[]): Promise<void> {
  for (const name of weightsFiles)
    await removeFile(join(folder, "checkpoints", `${basename(name, ".safetensors")}.json`));
}

/** A checkpoint's bytes, if they are those that its header was written for. */
async function readVerified({ weights, header }: CheckpointFile): Promise<Uint8Array | null> {
  const bytes = await readFile(weights);
  return createHash("sha256").update(bytes).digest("hex") === header.weightsSha256 ? bytes : null;
}

/**
 * Puts the newest whole checkpoint of a run into `gan`.
 * @returns the checkpoint, the sampler's state, and the names of damaged checkpoints that were passed over.
 * @throws GanDlError `no-checkpoint` when none is whole.
 */
export async function loadLatest(
  folder: string,
  gan: Gan,
): Promise<{ checkpoint: CheckpointFile; sampler: BatchSamplerState; ignored: string[] }> {
  const { checkpoints, ignored } = await listCheckpoints(folder);
  for (const checkpoint of checkpoints.reverse()) {
    const bytes = await readVerified(checkpoint);
    if (bytes === null) {
      ignored.push(basename(checkpoint.weights));
      continue;
    }
    const { tensors, metadata } = decodeSafetensors(bytes, checkpoint.weights);
    const resume = JSON.parse(metadata.resume ?? "null") as ResumeState;
    restore(gan, tensors, resume, checkpoint.header);
    return { checkpoint, sampler: resume.sampler, ignored };
  }
  throw noCheckpoint(folder, ignored);
}

function restore(
  gan: Gan,
  tensors: ReadonlyMap<string, StoredTensor>,
  resume: ResumeState,
  header: CheckpointHeader,
): void {
  gan.generator.loadState(under("generator", tensors));
  gan.generatorEma.loadState(under("generatorEma", tensors));
  gan.discriminator.loadState(under("discriminator", tensors));
  gan.optimiserG.loadState(under("optimiserG", tensors), resume.optimiserSteps.generator);
  gan.optimiserD.loadState(under("optimiserD", tensors), resume.optimiserSteps.discriminator);
  gan.rng.setState(tensors.get(RNG_KEY)?.data as Uint8Array);
  gan.mixing = SeededRandom.fromState(resume.mixing);
  gan.pathLengthMean = resume.pathLengthMean;
  if (resume.augment !== null) gan.augmenter?.restore(resume.augment);
  gan.step = header.step;
  gan.imagesSeen = header.imagesSeen;
  gan.minibatchStdMean = header.minibatchStdMean;
}
