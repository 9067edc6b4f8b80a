// The convolutional autoencoder that GAN-DL is compared with: a representation learned by copying images through a narrow layer.
import { basename, join } from "node:path";
import { z } from "zod";
import { Adam, grad, Rng, type Tensor } from "../tensor/index.ts";
import { type BaselineEvent, defineBaseline } from "./define-baseline.ts";
import { Autoencoder } from "./unsupervised/autoencoder.ts";
import { embedSquares, numberedFeatures } from "./unsupervised/embed-squares.ts";
import { RESOLUTION_TOLD, resolutionFor, SIDES } from "./unsupervised/resolution.ts";
import { type Trainee, trainOnImages } from "./unsupervised/train-on-images.ts";

const ADAM = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };

const Params = z.strictObject({
  resolutionPx: z.literal(SIDES).nullable().default(null).describe(RESOLUTION_TOLD),
  bottleneck: z
    .int()
    .positive()
    .default(1024)
    .describe("width of the narrow layer, the embedding: 1024 as in the comparison"),
  channelBase: z
    .int()
    .positive()
    .default(2048)
    .describe("channels times side: as GAN-DL's preset tiny, so that sizes compare"),
  channelMax: z.int().positive().default(64).describe("the most channels: as the preset tiny"),
  durationKimg: z.number().positive().default(20).describe("thousands of images shown: as the preset tiny"),
  batchSize: z.int().positive().default(16).describe("images a step"),
  learningRate: z
    .number()
    .positive()
    .default(0.002)
    .describe("Adam's; weights are scaled when used, as in StyleGAN2, which wants this size"),
});

/** Squared difference of pixels; `[n,c,h,w]` each → scalar. */
const pixelLoss = (made: Tensor, image: Tensor): Tensor => made.sub(image).square().mean();

/** The autoencoder and one update of it. */
function traineeOf(network: Autoencoder, learningRate: number): Trainee {
  const adam = new Adam(network.parameters, { ...ADAM, learningRate });
  const names = [...network.parameters.keys()];
  return {
    tensors: network.parameters,
    optimisers: { adam },
    step(images) {
      const loss = pixelLoss(network.decode(network.encode(images)), images);
      const gradients = grad(loss, [...network.parameters.values()]);
      adam.step(new Map(names.map((name, i) => [name, gradients[i]!])));
      return { pixels: loss.item() };
    },
  };
}

/** A convolutional autoencoder trained on the data set's own images. */
export const convAutoencoderBaseline = defineBaseline({
  id: "conv-autoencoder",
  title: "Convolutional autoencoder",
  description:
    "Copies images through a narrow layer, whose values are the embedding; trained on the images themselves.",
  citation:
    "after the ConvAE of the GAN-DL paper (Mascolini et al. 2022), which follows Wallace & Hariharan 2020; perceptual loss: Pihlgren et al. 2020",
  needsLabels: null,
  params: Params,
  small: { durationKimg: 4, bottleneck: 256 },
  async *run(context, params): AsyncGenerator<BaselineEvent> {
    const { dataset, seed, signal } = context;
    const { durationKimg, ...fixed } = params;
    const { bottleneck, channelBase, channelMax, batchSize, learningRate } = fixed;
    const resolutionPx = resolutionFor(dataset.manifest, params.resolutionPx);
    const imageChannels = dataset.manifest.channels.length;
    const network = new Autoencoder(
      { resolutionPx, imageChannels, bottleneck, channelBase, channelMax },
      new Rng(seed),
    );
    const trainee = traineeOf(network, learningRate);
    try {
      const file = join(await context.workFolder(), "conv-autoencoder.safetensors");
      const settings = { ...fixed, resolutionPx, seed, fingerprint: dataset.manifest.fingerprint };
      const trained = yield* trainOnImages({
        ...{ durationKimg, batchSize, learningRate, dataset, trainee, file, settings, resolutionPx, seed, signal },
      });
      const features = yield* embedSquares(context, resolutionPx, (images) => network.encode(images));
      const provenance = {
        ...{ weights: "from scratch, on this data set's images", loss: "pixels: no perceptual weights were given" },
        ...{
          resolutionPx,
          nImagesShown: trained.nImages,
          loss_pixels: trained.losses.pixels ?? null,
          checkpoint: basename(file),
        },
      };
      const embedding = { features, featureNames: numberedFeatures(bottleneck) };
      yield { kind: "finished", result: { embedding, runtime: "libtorch", provenance } };
    } finally {
      trainee.optimisers.adam?.dispose();
      network.dispose();
    }
  },
});
