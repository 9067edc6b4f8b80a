// Trains networks on crops of a data set's images, no label read, with checkpoints from which a later run goes on bit for bit.
import { setImmediate as breathe } from "node:timers/promises";
import { BatchSampler, type BatchSamplerState, type Dataset, type ImageBatch } from "../../data/index.ts";
import { loadTensors } from "../../models/parameters.ts";
import { type Adam, fromArray, Rng, type Tensor, TensorScope } from "../../tensor/index.ts";
import type { BaselineEvent } from "../define-baseline.ts";
import { workDiffers } from "../errors.ts";
import { loadWork, saveWork } from "../work-file.ts";
import { trainingDiverged } from "./errors.ts";

/** What is trained: networks, their optimisers, and one update. */
export interface Trainee {
  /** Every parameter and buffer by name; borrowed. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly optimisers: Readonly<Record<string, Adam>>;
  /**
   * One update on images `[n,c,r,r]` in [−1, 1], inside a scope.
   * @param rng for whatever is drawn. @param step counts from 0. @returns losses by name, to be shown.
   */
  step(images: Tensor, rng: Rng, step: number): Readonly<Record<string, number>>;
}

export interface TrainOnImagesOptions {
  readonly dataset: Dataset;
  readonly trainee: Trainee;
  /** The checkpoint, `.safetensors`. */
  readonly file: string;
  /** What an earlier checkpoint must have been made with to be gone on from; JSON values. The duration may grow. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly resolutionPx: number;
  readonly batchSize: number;
  readonly durationKimg: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** What a training came to. */
export interface TrainedOnImages {
  readonly nImages: number;
  readonly losses: Readonly<Record<string, number>>;
  /** Images that an earlier run had shown. */
  readonly resumedAt: number;
}

/** Where a training stands, between two steps. */
interface Standing {
  readonly step: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly sampler: BatchSamplerState;
  readonly optimiserSteps: Readonly<Record<string, number>>;
}

/** A checkpoint is written when the last one is older than this, and always at the end and when stopped. */
const SAVE_EVERY_MS = 60_000;

/**
 * Trains until `durationKimg` thousand images were shown; what is there already is not trained again.
 * @throws GanDlError `work-differs`, `training-diverged`, `cannot-write`, `images-too-small`; the signal's reason, after a checkpoint.
 */
export async function* trainOnImages(options: TrainOnImagesOptions): AsyncGenerator<BaselineEvent, TrainedOnImages> {
  const { dataset, trainee, resolutionPx, batchSize, seed, signal, file } = options;
  const drawing = { batchSize, resolutionPx, augment: "dihedral", seed } as const;
  const rng = new Rng(seed);
  const earlier = await resume(options, rng);
  const sampler = earlier
    ? BatchSampler.restore(dataset, drawing, earlier.sampler)
    : new BatchSampler(dataset, drawing);
  let [step, losses] = [earlier?.step ?? 0, earlier?.losses ?? {}];
  const total = Math.ceil((options.durationKimg * 1000) / batchSize);
  if (step > total) throw workDiffers(file, ["durationKimg"]);
  const resumedAt = step * batchSize;
  if (earlier) yield { kind: "note", text: `going on after ${resumedAt} images (${file})` };
  const standing = (): Standing => ({ step, losses, sampler: sampler.state(), optimiserSteps: stepsOf(trainee) });
  let savedAt = performance.now();
  while (step < total) {
    if (signal.aborted) await save(options, standing(), rng);
    signal.throwIfAborted();
    losses = updated(trainee, sampler.next(), rng, step);
    if (!Object.values(losses).every(Number.isFinite))
      throw trainingDiverged(file, (step * batchSize) / 1000, options.learningRate);
    step++;
    const told = Object.entries(losses).map(([name, value]) => `${name} ${value.toFixed(3)}`);
    const detail = `${(step * batchSize) / 1000} kimg, ${told.join(", ")}`;
    yield { kind: "progress", stage: "training", done: step, total, detail };
    if (step === total || performance.now() - savedAt > SAVE_EVERY_MS) {
      await save(options, standing(), rng);
      savedAt = performance.now();
    }
    await breathe(); // steps are synchronous; Ctrl-C comes in here
  }
  return { nImages: step * batchSize, losses, resumedAt };
}

function updated(trainee: Trainee, batch: ImageBatch, rng: Rng, step: number): Readonly<Record<string, number>> {
  using _scope = new TensorScope();
  return trainee.step(pixelsAsInput(batch), rng, step);
}

/** Stored grey levels to [−1, 1]. */
function pixelsAsInput({ data, shape }: ImageBatch): Tensor {
  const white = data instanceof Uint8Array ? 255 : 65535;
  return fromArray(new Float32Array(data), shape)
    .mul_(2 / white)
    .sub_(1);
}

const stepsOf = ({ optimisers }: Trainee): Record<string, number> =>
  Object.fromEntries(Object.entries(optimisers).map(([name, { stepCount }]) => [name, stepCount]));

async function save({ file, settings, trainee }: TrainOnImagesOptions, standing: Standing, rng: Rng): Promise<void> {
  const random = rng.state();
  const optimisers = Object.entries(trainee.optimisers).map(([name, adam]) => [optimiserGroup(name), adam.state()]);
  const groups = {
    network: trainee.tensors,
    ...(Object.fromEntries(optimisers) as Record<string, Map<string, Tensor>>),
    random: new Map([["state", { dtype: "uint8", shape: [random.length], data: random } as const]]),
  };
  await saveWork(file, { settings, standing, groups });
}

/** Puts everything where an earlier run left it; null where there is none. @throws GanDlError `work-differs`, `not-a-training`. */
async function resume({ file, settings, trainee }: TrainOnImagesOptions, rng: Rng): Promise<Standing | null> {
  const work = await loadWork(file, settings);
  if (work === null) return null;
  const standing = work.standing as Standing;
  loadTensors(trainee.tensors, work.group("network"));
  for (const [name, adam] of Object.entries(trainee.optimisers))
    adam.loadState(work.group(optimiserGroup(name)), standing.optimiserSteps[name] ?? 0);
  rng.setState(work.group("random").get("state")?.data as Uint8Array);
  return standing;
}

const optimiserGroup = (name: string): string => `optimiser/${name}`;
