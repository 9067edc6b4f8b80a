// Zhuang & Ibrahim 2021 (docs/methods.md §5): a DenseNet from photographs to siRNAs to mock and active virus; efficacy is the probability of mock.
import { z } from "zod";
import { rocAuc } from "../math/index.ts";
import { BACKBONE_NAMES, type Backbone } from "../models/index.ts";
import type { Site } from "../schema/index.ts";
import { learnSirna, randomPatches } from "./cascade/learn-sirna.ts";
import { rankByProbability } from "./cascade/rank-by-probability.ts";
import { classProbabilities, type ScoreOptions, scorePatches } from "./deemd/score-patches.ts";
import { type BaselineContext, type BaselineEvent, defineBaseline } from "./define-baseline.ts";
import { featureNames, trainable } from "./supervised/backbone-training.ts";
import { type ControlSplit, HeldOut, labelOfRole, splitControls, ValidationShare } from "./supervised/control-split.ts";
import { learnedSites } from "./supervised/learned-sites.ts";
import { PatchReader } from "./supervised/patch-reader.ts";
import { imagesDone, trainingBar, within } from "./supervised/progress.ts";
import { Device, WeightsFile } from "./supervised/start-backbone.ts";
import { type TrainedClassifier, trainClassifier } from "./supervised/train-classifier.ts";

const HEALTHY = 0;
const N_CLASSES = 2;

const Params = z.strictObject({
  backbone: z.enum(BACKBONE_NAMES).default("densenet-121").describe("the paper has a DenseNet and does not say which"),
  weights: WeightsFile,
  sirna: z
    .string()
    .nullable()
    .default(null)
    .describe(
      "data set folder of an siRNA screen (RxRx1) to learn from first; null: that step is skipped, and said so",
    ),
  sirnaEpochs: z.int().positive().default(30).describe("not published"),
  controls: z
    .boolean()
    .default(true)
    .describe("false: the step on mock and active is skipped; features are the earlier ones, and nothing is scored"),
  healthy: z
    .string()
    .default("Mock")
    .describe("condition of the healthy class; where no control has it, every negative control is healthy"),
  patchPx: z
    .int()
    .min(32)
    .nullable()
    .default(512)
    .describe("side of a square, RxRx1's own image size; null: whole images"),
  epochs: z.int().positive().default(20).describe("not published"),
  batchSize: z.int().min(2).default(32).describe("not published"),
  learningRate: z.number().positive().default(1e-4).describe("of Adam; not published"),
  weightDecay: z.number().min(0).default(1e-4).describe("not published"),
  validateEvery: z.int().positive().default(2).describe("epochs between validations; not published"),
  validationShare: ValidationShare,
  heldOut: HeldOut,
  over: z.enum(["max", "mean"]).default("max").describe("how doses become a compound's score"),
  nResamples: z.int().min(10).default(1000).describe("bootstrap draws over wells behind an interval"),
  patchesPerRun: z.int().positive().default(16).describe("memory only; results do not depend on it"),
  device: Device,
});
type Params = z.output<typeof Params>;

export const cascadeTransfer = defineBaseline({
  id: "cascade-transfer",
  title: "Cascade transfer learning (Zhuang & Ibrahim)",
  description:
    "A DenseNet learns photographs (given weights), then siRNAs, then mock against active virus; a treatment's efficacy is the mean probability of mock, with an interval over wells.",
  citation: "Zhuang & Ibrahim 2021, Applied Sciences 11(17):7772",
  needsLabels: "mock and active virus of the control wells, and the siRNAs of another screen",
  params: Params,
  small: {
    ...{ backbone: "densenet-small", patchPx: 64, epochs: 16, batchSize: 16, learningRate: 3e-3, heldOut: 0.5 },
    ...{ sirnaEpochs: 8, validateEvery: 4 },
  },
  run: runCascade,
});

async function* runCascade(context: BaselineContext, params: Params): AsyncGenerator<BaselineEvent> {
  const { dataset, seed, signal } = context;
  const { backbone: name, patchPx, device, patchesPerRun } = params;
  const reader = new PatchReader(dataset, { patchPx, input: "image" });
  const labelOf = labelling(dataset.sites, params.healthy);
  const split = splitControls(dataset, { id: "cascade-transfer", ...params, seed, labelOf });
  const shape = { name, imageChannels: reader.nChannels, nClasses: N_CLASSES };
  const { network, weights, sirna } = yield* learnSirna({ ...params, context, shape, epochs: params.sirnaEpochs });
  try {
    const scoring: ScoreOptions = { network, reader, device, signal, patchesPerRun };
    const controls = params.controls ? yield* learnControls(context, params, split, scoring) : "skipped";
    if (!params.controls) yield { kind: "note", text: "the step on mock and active is skipped: nothing is scored" };
    const all = Int32Array.from(dataset.sites, (_, i) => i);
    const { healthy, features } = yield* healthyProbabilities(all, scoring, "scoring images");
    const learned = params.controls ? split : { train: NOTHING, validation: NOTHING };
    const sites = learnedSites(
      dataset.sites,
      "cascade-transfer",
      learned,
      params.controls ? { p_healthy: healthy } : {},
    );
    const figures = params.controls ? heldOutFigures(split, healthy) : {};
    const provenance = { weights, sirna, controls, ...figures };
    const embedding = { features, featureNames: featureNames(network.nFeatures), sites };
    const scores = params.controls ? { scores: treatmentScores(dataset.sites, healthy, params, seed) } : {};
    yield { kind: "finished", result: { embedding, ...scores, runtime: "libtorch", provenance } };
  } finally {
    network.dispose();
  }
}

const NOTHING = { images: new Int32Array(), labels: new Int32Array() };

/** 1: untreated infected wells; 0: the healthy condition's, or every negative control where none has it. */
function labelling(sites: readonly Site[], healthy: string): (site: Site) => 0 | 1 | null {
  const isNamed = (site: Site) => labelOfRole(site) === 0 && site.condition === healthy;
  const has = sites.some(isNamed);
  return (site) => (labelOfRole(site) === 0 && has && !isNamed(site) ? null : labelOfRole(site));
}

async function* learnControls(
  context: BaselineContext,
  params: Params,
  split: ControlSplit,
  scoring: ScoreOptions,
): AsyncGenerator<BaselineEvent, TrainedClassifier> {
  const { dataset, seed, signal } = context;
  const { epochs, batchSize, learningRate, weightDecay, device, validateEvery } = params;
  const { network, reader } = scoring;
  const { patchesPerRun: _memory, over: _ranking, nResamples: _draws, ...settings } = params;
  const { images, labels } = split.train;
  const stage = "controls";
  return yield* trainClassifier({
    ...{ stage, folder: await context.workFolder(), network: trainable(network as Backbone), reader, turn: true },
    settings: { ...settings, seed, fingerprint: dataset.manifest.fingerprint },
    ...{ nEpochs: epochs, batchSize, learningRate, weightDecay, seed, device, signal },
    examples: (epoch) => randomPatches(images, labels, reader.nPatches, seed, `${stage}/${epoch}`),
    ...(split.validation.images.length > 0
      ? {
          validate: {
            everyEpochs: validateEvery,
            run: (epoch: number) => within(trainingBar(stage, epoch, epochs), validationAuc(split, scoring)),
          },
        }
      : {}),
  });
}

/** How well the probability ranks the validation wells' images. */
async function* validationAuc(
  { validation }: ControlSplit,
  scoring: ScoreOptions,
): AsyncGenerator<BaselineEvent, number> {
  const { healthy } = yield* healthyProbabilities(validation.images, scoring, "validating");
  const auc = rocAuc(
    healthy.map((p) => 1 - p),
    validation.labels,
  );
  return Number.isFinite(auc) ? auc : 0;
}

/** Mean over an image's squares of the healthy class's probability, `[images]`, and of its features, `[images,f]`. */
async function* healthyProbabilities(
  images: Int32Array,
  scoring: ScoreOptions,
  stage: string,
): AsyncGenerator<BaselineEvent, { healthy: Float64Array; features: Float32Array }> {
  const f = scoring.network.nFeatures;
  const healthy = new Float64Array(images.length);
  const features = new Float32Array(images.length * f);
  let done = 0;
  for await (const scored of scorePatches(images, scoring)) {
    const probabilities = classProbabilities(scored, N_CLASSES, HEALTHY);
    const n = probabilities.length;
    for (let patch = 0; patch < n; patch++) {
      healthy[done]! += probabilities[patch]! / n;
      for (let j = 0; j < f; j++) features[done * f + j]! += scored.features[patch * f + j]! / n;
    }
    yield imagesDone(stage, ++done, images.length);
  }
  return { healthy, features };
}

function heldOutFigures({ heldOut, heldOutPlates }: ControlSplit, healthy: ArrayLike<number>) {
  const auc = rocAuc(
    Array.from(heldOut.images, (i) => 1 - healthy[i]!),
    heldOut.labels,
  );
  return { heldOutPlates, heldOutImages: heldOut.images.length, heldOutAuc: Number.isFinite(auc) ? auc : null };
}

function treatmentScores(sites: readonly Site[], healthy: ArrayLike<number>, params: Params, seed: number) {
  const images = sites.flatMap(({ role, treatment, dose_um, well_id: well }, i) =>
    role === "treated" && treatment !== null ? [{ treatment, dose_um, well, healthy: healthy[i]! }] : [],
  );
  return rankByProbability(images, { ...params, seed });
}
