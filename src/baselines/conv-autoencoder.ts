// The convolutional autoencoder that GAN-DL is compared with: a representation learned by copying images through a narrow layer.
import { basename, join } from "node:path";
import { z } from "zod";
import { Adam, grad, Rng, type Tensor } from "../tensor/index.ts";
import { type BaselineEvent, defineBaseline } from "./define-baseline.ts";
import { Autoencoder } from "./unsupervised/autoencoder.ts";
import { embedSquares, numberedFeatures } from "./unsupervised/embed-squares.ts";
import { PerceptualLoss } from "./unsupervised/perceptual-loss.ts";
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
  perceptualWeights: z
    .string()
    .nullable()
    .default(null)
    .describe(
      "ResNet-50's ImageNet weights under torchvision's names (.safetensors): images are then compared by what it sees; null: by pixels",
    ),
  perceptualStage: z
    .int()
    .min(1)
    .max(4)
    .default(2)
    .describe("how many of its four stages are run: early ones keep small structures, which 64 px hold"),
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
function traineeOf(network: Autoencoder, learningRate: number, perceptual: PerceptualLoss | null): Trainee {
  const adam = new Adam(network.parameters, { ...ADAM, learningRate });
  const names = [...network.parameters.keys()];
  return {
    tensors: network.parameters,
    optimisers: { adam },
    step(images) {
      const made = network.decode(network.encode(images));
      const loss = perceptual ? perceptual.distance(made, images) : pixelLoss(made, images);
      const gradients = grad(loss, [...network.parameters.values()]);
      adam.step(new Map(names.map((name, i) => [name, gradients[i]!])));
      return { loss: loss.item() };
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
  async *run(context, { perceptualWeights, perceptualStage, durationKimg, ...fixed }): AsyncGenerator<BaselineEvent> {
    const { dataset, seed } = context;
    const { bottleneck, channelBase, channelMax, learningRate } = fixed;
    const { manifest } = dataset;
    const resolutionPx = resolutionFor(manifest, fixed.resolutionPx);
    const imageChannels = manifest.channels.length;
    const perceptual = perceptualWeights ? await PerceptualLoss.open(perceptualWeights, perceptualStage) : null;
    const shape = { resolutionPx, imageChannels, bottleneck, channelBase, channelMax };
    const network = new Autoencoder(shape, new Rng(seed));
    const trainee = traineeOf(network, learningRate, perceptual);
    try {
      const file = join(await context.workFolder(), "conv-autoencoder.safetensors");
      const compared = perceptual
        ? `as ResNet-50 sees it: ${perceptual.id}`
        : "pixels: no perceptual weights were given";
      const settings = { ...fixed, loss: compared, resolutionPx, seed, fingerprint: manifest.fingerprint };
      const how = { ...fixed, resolutionPx, durationKimg, seed, signal: context.signal };
      const trained = yield* trainOnImages({ ...how, dataset, trainee, file, settings });
      const features = yield* embedSquares(context, resolutionPx, (images) => network.encode(images));
      const provenance = {
        ...{ weights: "from scratch, on this data set's images", loss: compared, resolutionPx },
        ...{
          nImagesShown: trained.nImages,
          resumedAtImage: trained.resumedAt,
          lastLoss: trained.losses.loss ?? null,
          checkpoint: basename(file),
        },
      };
      const embedding = { features, featureNames: numberedFeatures(bottleneck) };
      yield { kind: "finished", result: { embedding, runtime: "libtorch", provenance } };
    } finally {
      for (const one of [...Object.values(trainee.optimisers), network, perceptual]) one?.dispose();
    }
  },
});
