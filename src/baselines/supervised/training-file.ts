// What a training leaves on disk: weights, optimiser, the best weights so far and where it stands, in one file that is whole or not there.
import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Adam, StoredTensor, Tensor } from "../../tensor/index.ts";
import { readSafetensors, storedOf, writeSafetensors } from "../../tensor/index.ts";
import { cannotWrite } from "../errors.ts";
import { workDiffers } from "./errors.ts";

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

const withPrefix = <T>(prefix: string, tensors: ReadonlyMap<string, T>): [string, T][] =>
  [...tensors].map(([name, tensor]) => [`${prefix}/${name}`, tensor]);

function under(prefix: string, tensors: ReadonlyMap<string, StoredTensor>): Map<string, StoredTensor> {
  const start = `${prefix}/`;
  const own = [...tensors].filter(([name]) => name.startsWith(start));
  return new Map(own.map(([name, tensor]) => [name.slice(start.length), tensor]));
}

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
  const ints = examples
    ? Object.entries(examples).map(([name, data]): [string, StoredTensor] => [
        `examples/${name}`,
        { dtype: "int32", shape: [data.length], data },
      ])
    : [];
  const tensors = new Map<string, Tensor | StoredTensor>([
    ...withPrefix<Tensor | StoredTensor>("network", network),
    ...(state.done ? [] : withPrefix<Tensor | StoredTensor>("optimiser", optimiser.state())),
    ...(best && !state.done ? withPrefix<Tensor | StoredTensor>("best", best) : []),
    ...ints,
  ]);
  const metadata = { state: JSON.stringify(state), settings: JSON.stringify(settings) };
  await writeSafetensors(file, tensors, metadata).catch((error: unknown) => {
    throw cannotWrite(file, error);
  });
}

/**
 * Reads what a training left; null where it left nothing.
 * @param settings null takes any. @throws GanDlError `work-differs` where it was of other settings, `bad-safetensors`.
 */
export async function loadTraining(
  file: string,
  settings: Readonly<Record<string, unknown>> | null,
): Promise<(SavedTraining & { readonly settings: Readonly<Record<string, unknown>> }) | null> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return null;
  const { tensors, metadata } = await readSafetensors(file);
  const found = JSON.parse(metadata.settings ?? "{}") as Record<string, unknown>;
  if (settings !== null) {
    const names = [...new Set([...Object.keys(found), ...Object.keys(settings)])];
    const other = names.filter((name) => JSON.stringify(found[name]) !== JSON.stringify(settings[name]));
    if (other.length > 0) throw workDiffers(file, other);
  }
  const best = under("best", tensors);
  const examples = under("examples", tensors);
  return {
    settings: found,
    state: JSON.parse(metadata.state ?? "null") as TrainingState,
    network: under("network", tensors),
    optimiser: under("optimiser", tensors),
    best: best.size > 0 ? best : null,
    examples:
      examples.size > 0
        ? (Object.fromEntries([...examples].map(([k, { data }]) => [k, data])) as unknown as Examples)
        : null,
  };
}

/** Copies of a network's tensors outside LibTorch. */
export const snapshot = (tensors: ReadonlyMap<string, Tensor>): Map<string, StoredTensor> =>
  new Map([...tensors].map(([name, tensor]) => [name, storedOf(tensor)]));
