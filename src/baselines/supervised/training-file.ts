// What a classifier's training leaves on disk: weights, optimiser, the best weights so far and where it stands.
import { join } from "node:path";
import type { Adam, StoredTensor, Tensor } from "../../tensor/index.ts";
import { storedOf } from "../../tensor/index.ts";
import { loadWork, saveWork } from "../work-file.ts";

/** Examples of one epoch: which patch of which image, and its class. All `[n]`. */
export interface Examples {
  readonly images: Int32Array;
  readonly patches: Int32Array;
  readonly labels: Int32Array;
}

/** Where a training stands, between two steps. */
export interface TrainingState {
  /** Epochs that are over. */
  epoch: number;
  /** Steps of this epoch that are over. */
  step: number;
  /** Sum of the losses of this epoch's steps. */
  lossSum: number;
  /** Mean loss of the last whole epoch. */
  lastLoss: number | null;
  optimiserSteps: number;
  /** Whether the epochs so far are still to be validated. */
  toValidate: boolean;
  bestEpoch: number | null;
  bestScore: number | null;
  done: boolean;
}

export const FRESH_STATE: TrainingState = {
  ...{ epoch: 0, step: 0, lossSum: 0, lastLoss: null, optimiserSteps: 0 },
  ...{ toValidate: false, bestEpoch: null, bestScore: null, done: false },
};

/** All of a training that a file holds. */
export interface SavedTraining {
  readonly state: TrainingState;
  readonly network: Map<string, StoredTensor>;
  readonly optimiser: Map<string, StoredTensor>;
  readonly best: Map<string, StoredTensor> | null;
  /** Of the epoch under way. */
  readonly examples: Examples | null;
}

export const trainingPath = (folder: string, stage: string): string => join(folder, `${stage}.safetensors`);

/** Writes it. @param settings what a later run must have alike to go on. @throws GanDlError `cannot-write`. */
export async function saveTraining(
  file: string,
  settings: Readonly<Record<string, unknown>>,
  parts: {
    readonly state: TrainingState;
    readonly network: ReadonlyMap<string, Tensor>;
    readonly optimiser: Adam;
    readonly best: ReadonlyMap<string, StoredTensor> | null;
    readonly examples: Examples | null;
  },
): Promise<void> {
  const { state, network, optimiser, best, examples } = parts;
  const ints = Object.entries(examples ?? {}).map(([name, data]): [string, StoredTensor] => [
    name,
    { dtype: "int32", shape: [data.length], data },
  ]);
  const groups = {
    network,
    ...(state.done ? {} : { optimiser: optimiser.state() }),
    ...(best && !state.done ? { best } : {}),
    examples: new Map(ints),
  };
  await saveWork(file, { settings, standing: state, groups });
}

/**
 * Reads what a training left; null where it left nothing.
 * @param settings null takes any. @throws GanDlError `work-differs` where it was of other settings, `not-a-training`, `bad-safetensors`.
 */
export async function loadTraining(
  file: string,
  settings: Readonly<Record<string, unknown>> | null,
): Promise<(SavedTraining & { readonly settings: Readonly<Record<string, unknown>> }) | null> {
  const work = await loadWork(file, settings);
  if (work === null) return null;
  const best = work.group("best");
  const examples = [...work.group("examples")].map(([name, { data }]) => [name, data] as const);
  return {
    settings: work.settings,
    state: work.standing as TrainingState,
    network: work.group("network"),
    optimiser: work.group("optimiser"),
    best: best.size > 0 ? best : null,
    examples: examples.length > 0 ? (Object.fromEntries(examples) as unknown as Examples) : null,
  };
}

/** Copies of a network's tensors outside LibTorch. */
export const snapshot = (tensors: ReadonlyMap<string, Tensor>): Map<string, StoredTensor> =>
  new Map([...tensors].map(([name, tensor]) => [name, storedOf(tensor)]));
