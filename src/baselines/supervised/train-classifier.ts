// Trains a classification network by cross-entropy and Adam, epoch by epoch, and goes on where an earlier run was stopped.
import { setImmediate as breathe } from "node:timers/promises";
import { SeededRandom } from "../../core/seeded-random.ts";
import { DIHEDRAL_COUNT } from "../../data/index.ts";
import { Adam, fromArray, grad, noGrad, op, type StoredTensor, type Tensor, TensorScope } from "../../tensor/index.ts";
import type { BaselineEvent } from "../define-baseline.ts";
import { trainingDiverged } from "./errors.ts";
import type { PatchReader } from "./patch-reader.ts";
import {
  type Examples,
  FRESH_STATE,
  loadTraining,
  saveTraining,
  snapshot,
  type TrainingState,
  trainingPath,
} from "./training-file.ts";

/** A checkpoint is written after an epoch when the last one is older than this, and always at the end and when stopped. */
const SAVE_EVERY_MS = 30_000;
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** What is trained. */
export interface Trainable {
  /** Those that the optimiser moves. */
  readonly trained: ReadonlyMap<string, Tensor>;
  /** Everything that belongs to the network; borrowed. */
  state(): Map<string, Tensor>;
  loadState(state: ReadonlyMap<string, Tensor | StoredTensor>): void;
  /** `[n,c,h,w]` → `[n,classes]`, in training mode. */
  logits(images: Tensor): Tensor;
}

export interface TrainClassifierOptions {
  /** Names the checkpoint; shown with the progress. */
  readonly stage: string;
  readonly network: Trainable;
  readonly folder: string;
  /** What an earlier run's checkpoint must have been made with to be gone on from; JSON values. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly nEpochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Added to each gradient, times the parameter, as PyTorch's Adam has it. */
  readonly weightDecay: number;
  /** Turns and flips each example at random. */
  readonly turn: boolean;
  readonly seed: number;
  readonly device: string;
  readonly signal: AbortSignal;
  readonly reader: PatchReader;
  /** The examples of an epoch, chosen as it begins. */
  examples(epoch: number): AsyncGenerator<BaselineEvent, Examples>;
  /** Larger is better; the network with the best score is kept, the earlier one of two alike. Without it the last network is. */
  readonly validate?: { readonly everyEpochs: number; run(epoch: number): AsyncGenerator<BaselineEvent, number> };
}

/** What a training came to. */
export interface TrainedClassifier {
  readonly nEpochs: number;
  readonly lastLoss: number | null;
  readonly bestEpoch: number | null;
  readonly bestScore: number | null;
  /** Epochs that an earlier run had done. */
  readonly resumedAtEpoch: number;
}

/**
 * Trains `network` in place; at the end it holds the best weights.
 *
 * Order and turns are drawn from seed, stage and epoch, so that a resumed training equals an unbroken one, bit for bit on the CPU.
 * @throws GanDlError `work-differs`, `training-diverged`, `cannot-write`; the signal's reason, after a checkpoint.
 */
export async function* trainClassifier(
  options: TrainClassifierOptions,
): AsyncGenerator<BaselineEvent, TrainedClassifier> {
  const run = new Training(options);
  try {
    return yield* run.all();
  } finally {
    run.dispose();
  }
}

class Training {
  readonly #options: TrainClassifierOptions;
  readonly #file: string;
  readonly #adam: Adam;
  #state: TrainingState = { ...FRESH_STATE };
  #examples: Examples | null = null;
  #best: ReadonlyMap<string, StoredTensor> | null = null;
  #savedAt = performance.now();

  constructor(options: TrainClassifierOptions) {
    this.#options = options;
    this.#file = trainingPath(options.folder, options.stage);
    this.#adam = new Adam(options.network.trained, { ...ADAM, learningRate: options.learningRate });
  }

  dispose(): void {
    this.#adam.dispose();
  }

  async *all(): AsyncGenerator<BaselineEvent, TrainedClassifier> {
    const { nEpochs, signal, stage, network } = this.#options;
    yield* this.#resume();
    const resumedAtEpoch = this.#state.epoch;
    try {
      while (!this.#state.done) {
        signal.throwIfAborted();
        if (this.#state.toValidate) yield* this.#validate();
        if (this.#state.epoch >= nEpochs) break;
        yield* this.#epoch();
      }
    } catch (error) {
      if (signal.aborted) await this.#save();
      throw error;
    }
    if (this.#best) network.loadState(this.#best);
    if (!this.#state.done) {
      this.#state.done = true;
      this.#examples = null;
      await this.#save();
    }
    const { lastLoss, bestEpoch, bestScore } = this.#state;
    yield { kind: "progress", stage: `training (${stage})`, done: nEpochs, total: nEpochs, detail: "trained" };
    return { nEpochs, lastLoss, bestEpoch, bestScore, resumedAtEpoch };
  }

  async *#resume(): AsyncGenerator<BaselineEvent> {
    const { network, settings, stage } = this.#options;
    const saved = await loadTraining(this.#file, settings);
    if (saved === null) return;
    network.loadState(saved.network);
    if (!saved.state.done) this.#adam.loadState(saved.optimiser, saved.state.optimiserSteps);
    this.#state = { ...saved.state };
    this.#examples = saved.examples;
    this.#best = saved.best;
    const where = saved.state.done ? "it is trained already" : `going on after ${saved.state.epoch} epochs`;
    yield { kind: "note", text: `${stage}: ${where} (${this.#file})` };
  }

  async *#epoch(): AsyncGenerator<BaselineEvent> {
    const { batchSize, nEpochs, seed, signal, stage, validate } = this.#options;
    const epoch = this.#state.epoch;
    this.#examples ??= yield* this.#options.examples(epoch);
    const examples = this.#examples;
    const n = examples.images.length;
    const part = `${stage}/${epoch}`;
    const order = SeededRandom.forPart(seed, `${part}/order`).shuffle(Int32Array.from({ length: n }, (_, i) => i));
    const random = SeededRandom.forPart(seed, `${part}/turns`);
    const turns = Int32Array.from({ length: n }, () => random.integer(DIHEDRAL_COUNT));
    const nSteps = Math.max(1, Math.round(n / batchSize)); // equal parts: no last batch of one
    for (let step = this.#state.step; step < nSteps; step++) {
      const rows = order.subarray(Math.round((step * n) / nSteps), Math.round(((step + 1) * n) / nSteps));
      const loss = await this.#step(examples, rows, turns);
      if (!Number.isFinite(loss)) throw trainingDiverged(stage, epoch + 1, this.#options.learningRate);
      this.#state.step = step + 1;
      this.#state.lossSum += loss;
      this.#state.optimiserSteps = this.#adam.stepCount;
      const detail = `epoch ${epoch + 1} of ${nEpochs}, loss ${loss.toFixed(3)}`;
      yield {
        kind: "progress",
        stage: `training (${stage})`,
        done: epoch + (step + 1) / nSteps,
        total: nEpochs,
        detail,
      };
      await breathe(); // steps are synchronous; Ctrl-C comes in here
      signal.throwIfAborted();
    }
    const due = validate !== undefined && ((epoch + 1) % validate.everyEpochs === 0 || epoch + 1 === nEpochs);
    const lastLoss = this.#state.lossSum / nSteps;
    this.#state = { ...this.#state, epoch: epoch + 1, step: 0, lossSum: 0, lastLoss, toValidate: due };
    this.#examples = null;
    if (performance.now() - this.#savedAt > SAVE_EVERY_MS) await this.#save();
  }

  /** One update; gives the mean loss. */
  async #step(examples: Examples, rows: Int32Array, turns: Int32Array): Promise<number> {
    const { device, network, reader, turn, weightDecay } = this.#options;
    const of = (values: Int32Array) => Int32Array.from(rows, (row) => values[row]!);
    const pixels = await reader.read(of(examples.images), of(examples.patches), turn ? of(turns) : undefined);
    using _scope = new TensorScope();
    const images = fromArray(pixels, reader.shapeOf(rows.length)).to({ device });
    const labels = fromArray(of(examples.labels), [rows.length], { dtype: "int64" }).to({ device });
    const loss = crossEntropy(network.logits(images), labels);
    const names = [...network.trained.keys()];
    const parameters = [...network.trained.values()];
    const gradients = grad(loss, parameters);
    if (weightDecay > 0)
      noGrad(() => gradients.forEach((gradient, i) => void gradient.add_(parameters[i]!.mul(weightDecay))));
    this.#adam.step(new Map(names.map((name, i) => [name, gradients[i]!])));
    return loss.item();
  }

  async *#validate(): AsyncGenerator<BaselineEvent> {
    const { network, validate } = this.#options;
    if (!validate) throw new Error("internal: nothing to validate by");
    const score = yield* validate.run(this.#state.epoch);
    if (this.#state.bestScore === null || score > this.#state.bestScore) {
      this.#best = snapshot(network.state());
      this.#state = { ...this.#state, bestScore: score, bestEpoch: this.#state.epoch };
    }
    this.#state.toValidate = false;
  }

  async #save(): Promise<void> {
    const [state, examples, best] = [this.#state, this.#examples, this.#best];
    const parts = { state, examples, best, network: this.#options.network.state(), optimiser: this.#adam };
    await saveTraining(this.#file, this.#options.settings, parts);
    this.#savedAt = performance.now();
  }
}

/** Mean of −log softmax at the label. logits `[n,k]`, labels `[n]` int64 → scalar. */
export const crossEntropy = (logits: Tensor, labels: Tensor): Tensor =>
  op("aten::cross_entropy_loss", "", logits, labels, null, 1, -100, 0);
