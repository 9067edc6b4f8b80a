// DEEMD (Saberian et al.): learns from mock and infected controls where an image looks infected, by multiple-instance learning.
import { z } from "zod";
import { rocAuc } from "../math/index.ts";
import { BACKBONE_NAMES } from "../models/index.ts";
import type { Site } from "../schema/index.ts";
import { DEEMD_STAGE, INFECTED, N_CONTROL_CLASSES } from "./deemd/classes.ts";
import { rankTreatments, type TreatmentEfficacy } from "./deemd/rank-treatments.ts";
import { classProbabilities, type ScoredImage, type ScoreOptions, scorePatches } from "./deemd/score-patches.ts";
import { imageScore, isCalledInfected, topK, validationScore } from "./deemd/top-k.ts";
import { type BaselineContext, type BaselineEvent, type BaselineScore, defineBaseline } from "./define-baseline.ts";
import { featureNames, trainable } from "./supervised/backbone-training.ts";
import {
  type ControlSplit,
  HeldOut,
  type LabelledImages,
  splitControls,
  ValidationShare,
} from "./supervised/control-split.ts";
import { learnedSites } from "./supervised/learned-sites.ts";
import { PatchReader } from "./supervised/patch-reader.ts";
import { imagesDone, trainingBar, within } from "./supervised/progress.ts";
import { Device, startBackbone, WeightsFile } from "./supervised/start-backbone.ts";
import { trainClassifier } from "./supervised/train-classifier.ts";
import type { Examples } from "./supervised/training-file.ts";

const Params = z.strictObject({
  backbone: z
    .enum(BACKBONE_NAMES)
    .default("resnet-34")
    .describe("the published code has ResNet-34, its text ResNet-50"),
  weights: WeightsFile,
  patchPx: z.int().min(32).default(256).describe("side of a patch"),
  stridePx: z.int().positive().default(128).describe("distance of patches: 49 of 256 px in 1024 px"),
  k: z.int().positive().default(1).describe("patches of each image that are learned from and that score it"),
  epochs: z.int().positive().default(100).describe("as published"),
  batchSize: z.int().min(2).default(128).describe("as published"),
  learningRate: z.number().positive().default(1e-4).describe("of Adam, as published"),
  weightDecay: z.number().min(0).default(1e-4).describe("as published"),
  turn: z.boolean().default(false).describe("turn and flip patches at random; the published training does not"),
  validateEvery: z.int().positive().default(5).describe("epochs between validations, as published"),
  validationShare: ValidationShare,
  heldOut: HeldOut,
  zeta: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe("a dose works when its median is surely below this, as published"),
  patchesPerRun: z.int().positive().default(64).describe("memory only; results do not depend on it"),
  device: Device,
});
type Params = z.output<typeof Params>;

export const deemd = defineBaseline({
  id: "deemd",
  title: "DEEMD: infected patches by multiple-instance learning",
  description:
    "A ResNet learns infected (1) from mock and UV (0) on the most infected-looking patches of each control image; a treatment is ranked by the sign test's upper bound of its images' scores.",
  citation: "Saberian et al. 2022, IEEE Transactions on Medical Imaging; arXiv 2105.05758",
  needsLabels: "mock, inactivated and active virus of the control wells",
  params: Params,
  small: {
    ...{ backbone: "resnet-small", patchPx: 32, stridePx: 16, k: 12, epochs: 12, batchSize: 32, learningRate: 1e-3 },
    ...{ turn: true, validateEvery: 4, heldOut: 0.5 },
  },
  run: runDeemd,
});

async function* runDeemd(context: BaselineContext, params: Params): AsyncGenerator<BaselineEvent> {
  const { dataset, seed, signal } = context;
  const { backbone: name, patchPx, stridePx, device, patchesPerRun } = params;
  const reader = new PatchReader(dataset, { patchPx, stridePx, input: "dataset" });
  const split = splitControls(dataset, { id: "deemd", ...params, seed });
  const folder = await context.workFolder();
  const shape = { name, imageChannels: reader.nChannels, nClasses: N_CONTROL_CLASSES };
  const { network, weights } = await startBackbone(shape, params.weights, { seed, device });
  try {
    const scoring: ScoreOptions = { network, reader, device, signal, patchesPerRun };
    const { patchesPerRun: _memory, zeta: _ranking, ...settings } = params;
    const trained = yield* trainClassifier({
      ...{ stage: DEEMD_STAGE, folder, seed, device, signal, reader, turn: params.turn, network: trainable(network) },
      settings: {
        ...settings,
        weights,
        seed,
        fingerprint: dataset.manifest.fingerprint,
        imageChannels: reader.nChannels,
      },
      ...{ nEpochs: params.epochs, batchSize: params.batchSize },
      ...{ learningRate: params.learningRate, weightDecay: params.weightDecay },
      examples: (epoch) =>
        within(trainingBar(DEEMD_STAGE, epoch, params.epochs), mostInfected(split.train, params.k, scoring)),
      ...(split.validation.images.length > 0
        ? {
            validate: {
              everyEpochs: params.validateEvery,
              run: (epoch: number) =>
                within(trainingBar(DEEMD_STAGE, epoch, params.epochs), validate(split.validation, params.k, scoring)),
            },
          }
        : {}),
    });
    const scored = yield* scoreAll(dataset.sites, params.k, scoring);
    const sites = learnedSites(dataset.sites, "deemd", split, { deemd_score: scored.scores });
    const provenance = { weights, training: trained, ...heldOutFigures(split, scored.scores) };
    const embedding = { features: scored.features, featureNames: featureNames(network.nFeatures), sites };
    const scores = treatmentScores(dataset.sites, scored.scores, params.zeta);
    yield { kind: "finished", result: { embedding, scores, runtime: "libtorch", provenance } };
  } finally {
    network.dispose();
  }
}

const infectedProbabilities = (scored: ScoredImage) => classProbabilities(scored, N_CONTROL_CLASSES, INFECTED);

/** Strong multiple-instance learning: the k most infected-looking patches of every image, with its image's label. */
async function* mostInfected(
  { images, labels }: LabelledImages,
  k: number,
  scoring: ScoreOptions,
): AsyncGenerator<BaselineEvent, Examples> {
  const rows: [image: number, patch: number, label: number][] = [];
  let done = 0;
  for await (const scored of scorePatches(images, scoring)) {
    for (const patch of topK(infectedProbabilities(scored), k)) rows.push([scored.image, patch, labels[done]!]);
    yield imagesDone("choosing patches", ++done, images.length);
  }
  const column = (c: 0 | 1 | 2) => Int32Array.from(rows, (row) => row[c]);
  return { images: column(0), patches: column(1), labels: column(2) };
}

async function* validate(
  { images, labels }: LabelledImages,
  k: number,
  scoring: ScoreOptions,
): AsyncGenerator<BaselineEvent, number> {
  const called: boolean[] = [];
  for await (const scored of scorePatches(images, scoring)) {
    called.push(isCalledInfected(infectedProbabilities(scored), k));
    yield imagesDone("validating", called.length, images.length);
  }
  return validationScore(called, labels);
}

interface ScoredScreen {
  /** `[sites]`. */
  readonly scores: Float64Array;
  /** Mean features of the patches that score an image, `[sites,f]`. */
  readonly features: Float32Array;
}

async function* scoreAll(
  sites: readonly Site[],
  k: number,
  scoring: ScoreOptions,
): AsyncGenerator<BaselineEvent, ScoredScreen> {
  const f = scoring.network.nFeatures;
  const scores = new Float64Array(sites.length);
  const features = new Float32Array(sites.length * f);
  const all = Int32Array.from(sites, (_, i) => i);
  for await (const scored of scorePatches(all, scoring)) {
    const { image } = scored;
    const probabilities = infectedProbabilities(scored);
    const chosen = topK(probabilities, k);
    scores[image] = imageScore(probabilities, k);
    for (const patch of chosen)
      for (let j = 0; j < f; j++) features[image * f + j]! += scored.features[patch * f + j]! / chosen.length;
    yield imagesDone("scoring images", image + 1, sites.length);
  }
  return { scores, features };
}

/** How well the bare score tells controls of plates apart that nothing was learned from. */
export function heldOutFigures({ heldOut, heldOutPlates }: ControlSplit, scores: ArrayLike<number>) {
  const auc = rocAuc(
    Array.from(heldOut.images, (i) => scores[i]!),
    heldOut.labels,
  );
  const heldOutAuc = Number.isFinite(auc) ? auc : null;
  return { heldOutPlates, heldOutImages: heldOut.images.length, heldOutAuc };
}

/** The ranking as rows of a table: one a dose, and one a treatment with `dose_um` null. */
export function treatmentScores(sites: readonly Site[], scores: ArrayLike<number>, zeta: number): BaselineScore[] {
  const images = sites.flatMap(({ role, treatment, dose_um }, i) =>
    role === "treated" && treatment !== null ? [{ treatment, dose_um, score: scores[i]! }] : [],
  );
  return rankTreatments(images, zeta).flatMap(rowsOf);
}

function rowsOf({ treatment, upperBound, nSuccessful, doses }: TreatmentEfficacy, rank: number): BaselineScore[] {
  const whole: BaselineScore = {
    ...{ treatment, dose_um: null, score: upperBound === null ? null : 1 - upperBound },
    ...{ upper_bound: upperBound, lower_bound: null, median: null, successful: nSuccessful, rank: rank + 1 },
    n_images: doses.reduce((sum, { nImages }) => sum + nImages, 0),
  };
  const perDose = doses.map(({ dose_um, interval, median, successful, nImages }): BaselineScore => {
    return {
      ...{ treatment, dose_um, score: interval === null ? null : 1 - interval[1] },
      ...{ upper_bound: interval?.[1] ?? null, lower_bound: interval?.[0] ?? null, median },
      ...{ successful: Number(successful), rank: null, n_images: nImages },
    };
  });
  return [whole, ...perDose];
}
