// The first step of the cascade: features that tell siRNAs apart, learned on a screen of another kind.

import { SeededRandom } from "../../core/seeded-random.ts";
import { type Dataset, openDataset } from "../../data/index.ts";
import { matchChannels } from "../../embed/index.ts";
import { Backbone, type BackboneShape } from "../../models/index.ts";
import { Rng } from "../../tensor/index.ts";
import type { BaselineContext, BaselineEvent } from "../define-baseline.ts";
import { trainable } from "../supervised/backbone-training.ts";
import { labelsMissing } from "../supervised/errors.ts";
import { PatchReader } from "../supervised/patch-reader.ts";
import { startBackbone } from "../supervised/start-backbone.ts";
import { type TrainedClassifier, trainClassifier } from "../supervised/train-classifier.ts";
import type { Examples } from "../supervised/training-file.ts";

export interface LearnSirnaOptions {
  readonly context: BaselineContext;
  /** Of the network that is handed on: the screen's channels, two classes. */
  readonly shape: BackboneShape;
  /** The siRNA screen's data set folder; null skips the step. */
  readonly sirna: string | null;
  readonly weights: string | null;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly patchPx: number | null;
  readonly device: string;
}

/** A network for the controls, and what it knows, in words. */
export interface LearnedSirna {
  readonly network: Backbone;
  readonly weights: string;
  /** `skipped`, or what was learned from. */
  readonly sirna: unknown;
}

/** Starts from published weights or from scratch, learns siRNA classes unless that is skipped, and hands on a network with a new classifier. */
export async function* learnSirna(options: LearnSirnaOptions): AsyncGenerator<BaselineEvent, LearnedSirna> {
  const { context, shape, sirna, device } = options;
  const { seed } = context;
  if (sirna === null) {
    yield { kind: "note", text: "the siRNA step is skipped: no siRNA screen was given (--set sirna=FOLDER)" };
    return { ...(await startBackbone(shape, options.weights, { seed, device })), sirna: "skipped" };
  }
  using dataset = await openDataset(sirna);
  const classes = sirnaClasses(dataset);
  const wide = { ...shape, nClasses: classes.names.length };
  const { network: first, weights } = await startBackbone(wide, options.weights, { seed, device });
  try {
    const trained = yield* train(first, dataset, classes, options);
    const network = new Backbone(shape, new Rng(seed, device));
    const own = first.state();
    const carried = [...network.state().keys()].filter(
      (name) => own.get(name)?.shape.join() === network.state().get(name)?.shape.join(),
    );
    network.loadState(
      new Map([...network.state()].map(([name, tensor]) => [name, carried.includes(name) ? own.get(name)! : tensor])),
    );
    const told = {
      dataset: dataset.manifest.id,
      classes: classes.names.length,
      images: classes.images.length,
      ...trained,
    };
    return { network, weights, sirna: told };
  } finally {
    first.dispose();
  }
}

interface SirnaClasses {
  readonly names: readonly string[];
  readonly images: Int32Array;
  readonly labels: Int32Array;
}

/** Every image with a named treatment, by name. @throws GanDlError `labels-missing`. */
function sirnaClasses({ sites }: Dataset): SirnaClasses {
  const rows = sites.flatMap(({ treatment }, i) => (treatment === null ? [] : [{ treatment, i }]));
  const names = [...new Set(rows.map(({ treatment }) => treatment))].sort();
  if (names.length < 2) throw labelsMissing("cascade-transfer", "two siRNAs or more", [`${names.length} treatments`]);
  const numberOf = new Map(names.map((name, k) => [name, k]));
  return {
    names,
    images: Int32Array.from(rows, ({ i }) => i),
    labels: Int32Array.from(rows, ({ treatment }) => numberOf.get(treatment) ?? 0),
  };
}

async function* train(
  network: Backbone,
  dataset: Dataset,
  { images, labels, names }: SirnaClasses,
  options: LearnSirnaOptions,
): AsyncGenerator<BaselineEvent, TrainedClassifier> {
  const { context, patchPx, device, epochs, batchSize, learningRate, weightDecay, weights } = options;
  const { seed, signal } = context;
  // The screen's stains in the screen's order, so that the first layer goes on seeing what it learned on.
  const sources = matchChannels(context.dataset.manifest.channels, dataset.manifest.channels, {});
  const channels = sources.map(({ index }) => index ?? 0);
  const reader = new PatchReader(dataset, { patchPx, input: "image", channels });
  const { fingerprint } = dataset.manifest;
  return yield* trainClassifier({
    ...{ stage: "sirna", folder: await context.workFolder(), network: trainable(network), reader, turn: true },
    settings: {
      ...network.shape,
      weights,
      patchPx,
      channels,
      fingerprint,
      epochs,
      batchSize,
      learningRate,
      weightDecay,
      seed,
    },
    ...{ nEpochs: epochs, batchSize, learningRate, weightDecay, seed, device, signal },
    examples: (epoch) => randomPatches(images, labels, reader.nPatches, seed, `sirna/${epoch}/${names.length}`),
  });
}

/** One patch of each image, drawn anew for each epoch. */
export async function* randomPatches(
  images: Int32Array,
  labels: Int32Array,
  nPatches: number,
  seed: number,
  part: string,
): AsyncGenerator<BaselineEvent, Examples> {
  const random = SeededRandom.forPart(seed, `${part}/patches`);
  return { images, labels, patches: images.map(() => random.integer(nPatches)) };
}
