// Features of photographs on stains (docs/methods.md §1.5): each stain by itself through a frozen network, or all of them mixed into one grey image.
import { setImmediate as breathe } from "node:timers/promises";
import { z } from "zod";
import { BACKBONE_NAMES, type Backbone, loadTensors } from "../models/index.ts";
import {
  cat,
  conv2d,
  fromArray,
  full,
  linear,
  noGrad,
  Rng,
  randn,
  type Tensor,
  TensorScope,
  zeros,
} from "../tensor/index.ts";
import { randomPatches } from "./cascade/learn-sirna.ts";
import { type BaselineContext, type BaselineEvent, defineBaseline } from "./define-baseline.ts";
import { featureNames } from "./supervised/backbone-training.ts";
import { HeldOut, splitControls } from "./supervised/control-split.ts";
import { learnedSites } from "./supervised/learned-sites.ts";
import { PatchReader } from "./supervised/patch-reader.ts";
import { imagesDone } from "./supervised/progress.ts";
import { Device, startBackbone, WeightsFile } from "./supervised/start-backbone.ts";
import { type Trainable, trainClassifier } from "./supervised/train-classifier.ts";

/** Of ImageNet's photographs on 0 … 1, which torchvision's weights expect to have been taken out. */
const PHOTO_MEAN = [0.485, 0.456, 0.406];
const PHOTO_SD = [0.229, 0.224, 0.225];

const common = {
  backbone: z.enum(BACKBONE_NAMES).default("densenet-121").describe("as published"),
  weights: WeightsFile,
  patchPx: z
    .int()
    .min(32)
    .nullable()
    .default(null)
    .describe("side of a square, whose features are averaged; null: whole images"),
  patchesPerRun: z.int().positive().default(8).describe("memory only; results do not depend on it"),
  device: Device,
};
const ConcatenatedParams = z.strictObject(common);
const CollapsedParams = z.strictObject({
  ...common,
  epochs: z.int().positive().default(5).describe("a few, as published"),
  batchSize: z.int().min(2).default(16).describe("not published"),
  learningRate: z.number().positive().default(1e-3).describe("of Adam, as published"),
  heldOut: HeldOut,
});

export const imagenetConcatenated = defineBaseline({
  id: "imagenet-concatenated",
  title: "ImageNet features of each stain",
  description:
    "Every stain by itself, as a grey photograph, through a frozen DenseNet; the features are set side by side.",
  citation: "a comparison of the GAN-DL paper",
  needsLabels: null,
  params: ConcatenatedParams,
  small: { backbone: "densenet-small" },
  async *run(context, params) {
    const { reader, network, weights } = await frozen(context, params);
    try {
      const nFeatures = network.nFeatures * reader.nChannels;
      const photos = (patches: Tensor): Tensor[] => stainsOf(patches).map(asPhotograph);
      const features = yield* extract(context, params, { reader, network, photos, nFeatures });
      const embedding = { features, featureNames: featureNames(nFeatures) };
      yield { kind: "finished", result: { embedding, runtime: "libtorch", provenance: { weights } } };
    } finally {
      network.dispose();
    }
  },
});

export const imagenetCollapsed = defineBaseline({
  id: "imagenet-collapsed",
  title: "ImageNet features of mixed stains",
  description:
    "A 1 × 1 convolution mixes the stains into one grey photograph for a frozen DenseNet; it alone is tuned, on healthy against infected controls.",
  citation: "a comparison of the GAN-DL paper",
  needsLabels: "mock, inactivated and active virus of the control wells, for the mixture",
  params: CollapsedParams,
  small: { backbone: "densenet-small", patchPx: 64, heldOut: 0.5 },
  async *run(context, params) {
    const { dataset, seed, signal } = context;
    const { epochs, batchSize, learningRate, device } = params;
    const split = splitControls(dataset, { id: "imagenet-collapsed", ...params, validationShare: 0, seed });
    const { reader, network, weights } = await frozen(context, params);
    const mixture = new Mixture(network, reader.nChannels, new Rng(seed, device));
    try {
      const { images, labels } = split.train;
      const { patchesPerRun: _memory, ...settings } = params;
      const trained = yield* trainClassifier({
        ...{ stage: "mixture", folder: await context.workFolder(), network: mixture, reader, turn: true },
        settings: { ...settings, seed, fingerprint: dataset.manifest.fingerprint },
        ...{ nEpochs: epochs, batchSize, learningRate, weightDecay: 0, seed, device, signal },
        examples: (epoch) => randomPatches(images, labels, reader.nPatches, seed, `mixture/${epoch}`),
      });
      const photos = (patches: Tensor): Tensor[] => [mixture.photograph(patches)];
      const nFeatures = network.nFeatures;
      const features = yield* extract(context, params, { reader, network, photos, nFeatures });
      const sites = learnedSites(dataset.sites, "imagenet-collapsed", split);
      const provenance = { weights, training: trained, mixture: mixture.shares(), heldOutPlates: split.heldOutPlates };
      const embedding = { features, featureNames: featureNames(nFeatures), sites };
      yield { kind: "finished", result: { embedding, runtime: "libtorch", provenance } };
    } finally {
      mixture.dispose();
      network.dispose();
    }
  },
});

/** A network whose parameters take no part in any training, and patches on 0 … 1. */
async function frozen(
  { dataset, seed }: BaselineContext,
  { backbone: name, weights: file, patchPx, device }: z.output<typeof ConcatenatedParams>,
) {
  const reader = new PatchReader(dataset, { patchPx, input: "unit" });
  const { network, weights } = await startBackbone({ name, imageChannels: 3, nClasses: 0 }, file, { seed, device });
  for (const parameter of network.parameters.values()) parameter.setRequiresGrad(false);
  return { reader, network, weights };
}

/** `[n,c,h,w]` → c times `[n,1,h,w]`. */
const stainsOf = (patches: Tensor): Tensor[] =>
  Array.from({ length: patches.shape[1] ?? 0 }, (_, k) => patches.narrow(1, k, 1));

/** A grey image on 0 … 1, `[n,1,h,w]`, as three colours `[n,3,h,w]` on the scale that the weights expect. */
function asPhotograph(grey: Tensor): Tensor {
  const { device } = grey;
  const perColour = (values: readonly number[]) => fromArray(Float32Array.from(values), [1, 3, 1, 1]).to({ device });
  return grey.sub(perColour(PHOTO_MEAN)).div(perColour(PHOTO_SD));
}

/** The 1 × 1 convolution, and the classifier that it is tuned by. */
class Mixture implements Trainable {
  readonly trained: ReadonlyMap<string, Tensor>;
  readonly #network: Backbone;

  constructor(network: Backbone, nChannels: number, rng: Rng) {
    this.#network = network;
    const { device } = rng;
    const start = (tensor: Tensor) => tensor.setRequiresGrad(true);
    this.trained = new Map([
      ["mix.weight", start(full([1, nChannels, 1, 1], 1 / nChannels, { device }))], // their mean, to begin with
      ["mix.bias", start(zeros([1], { device }))],
      ["head.weight", start(randn([2, network.nFeatures], { rng }).mul_(1 / Math.sqrt(3 * network.nFeatures)))],
      ["head.bias", start(zeros([2], { device }))],
    ]);
  }

  state(): Map<string, Tensor> {
    return new Map(this.trained);
  }
  loadState: Trainable["loadState"] = (state) => {
    loadTensors(this.trained, state);
  };
  logits(images: Tensor): Tensor {
    const { pooled } = this.#network.run(this.photograph(images));
    return linear(pooled, this.#of("head.weight"), this.#of("head.bias"));
  }
  photograph(images: Tensor): Tensor {
    return asPhotograph(conv2d(images, this.#of("mix.weight"), { bias: this.#of("mix.bias") }));
  }
  /** The weight of each stain. */
  shares(): number[] {
    return [...this.#of("mix.weight").toFloat32Array()];
  }
  dispose(): void {
    for (const tensor of this.trained.values()) tensor.dispose();
  }

  #of(name: string): Tensor {
    const tensor = this.trained.get(name);
    if (!tensor) throw new Error(`internal: the mixture has no ${name}`);
    return tensor;
  }
}

interface Extraction {
  readonly reader: PatchReader;
  readonly network: Backbone;
  /** What the network sees of `[n,c,h,w]`: features of each are set side by side. */
  photos(patches: Tensor): Tensor[];
  readonly nFeatures: number;
}

/** `[sites,f]`: mean over an image's squares. */
async function* extract(
  { dataset, signal }: BaselineContext,
  { patchesPerRun, device }: z.output<typeof ConcatenatedParams>,
  { reader, network, photos, nFeatures }: Extraction,
): AsyncGenerator<BaselineEvent, Float32Array> {
  const features = new Float32Array(dataset.sites.length * nFeatures);
  for (let image = 0; image < dataset.sites.length; image++) {
    signal.throwIfAborted();
    const pixels = await reader.readImage(image);
    const size = pixels.length / reader.nPatches;
    for (let first = 0; first < reader.nPatches; first += patchesPerRun) {
      const n = Math.min(patchesPerRun, reader.nPatches - first);
      using _scope = new TensorScope();
      noGrad(() => {
        const patches = fromArray(pixels.subarray(first * size, (first + n) * size), reader.shapeOf(n)).to({ device });
        const seen = photos(patches);
        const { pooled } = network.run(cat(seen)); // all stains in one pass
        const sums = pooled.reshape([seen.length, n, -1]).sum([1]).toFloat32Array();
        for (let j = 0; j < nFeatures; j++) features[image * nFeatures + j]! += sums[j]! / reader.nPatches;
      });
    }
    await breathe(); // Ctrl-C comes in here
    yield imagesDone("extracting features", image + 1, dataset.sites.length);
  }
  return features;
}
