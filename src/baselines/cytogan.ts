// CytoGAN: the first GAN whose discriminator served as an encoder of fluorescence images, and GAN-DL's forerunner.
import { basename, join } from "node:path";
import { z } from "zod";
import { Adam, grad, noGrad, Rng, randn, type Tensor } from "../tensor/index.ts";
import { type BaselineEvent, defineBaseline } from "./define-baseline.ts";
import { ADVERSARIAL_LOSSES, type AdversarialLoss, slopePenalty } from "./unsupervised/adversarial-loss.ts";
import { DcganDiscriminator, DcganGenerator, type DcganShape } from "./unsupervised/dcgan.ts";
import { embedSquares, numberedFeatures } from "./unsupervised/embed-squares.ts";
import { RESOLUTION_TOLD, resolutionFor, SIDES } from "./unsupervised/resolution.ts";
import { type Trainee, trainOnImages } from "./unsupervised/train-on-images.ts";

type Variant = keyof typeof ADVERSARIAL_LOSSES;
const ADAM_EPSILON = 1e-8;

const Params = z.strictObject({
  variant: z
    .enum(Object.keys(ADVERSARIAL_LOSSES) as [Variant, ...Variant[]])
    .default("lsgan")
    .describe("dcgan, lsgan or wgan-gp: least squares were the best of the three in the paper"),
  resolutionPx: z.literal(SIDES).nullable().default(null).describe(RESOLUTION_TOLD),
  latentDim: z.int().positive().default(100).describe("length of the noise vector, as DCGAN's"),
  channels: z
    .int()
    .positive()
    .default(32)
    .describe("at the largest size, doubling down to 4 px, up to eight times; DCGAN has 64, two cores want half"),
  denseDim: z.int().positive().default(1024).describe("width of the layer before the score: the embedding"),
  durationKimg: z.number().positive().default(20).describe("thousands of real images shown: as GAN-DL's preset tiny"),
  batchSize: z.int().min(2).default(32).describe("images a step; batch normalisation wants tens"),
  learningRate: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe("Adam's; null: the variant's own, 0.0002 or 0.0001 for wgan-gp"),
});

interface Networks {
  readonly generator: DcganGenerator;
  readonly discriminator: DcganDiscriminator;
}

/** Both networks and one update: the discriminator each time, the generator as often as the variant has it. */
function traineeOf({ generator, discriminator }: Networks, loss: AdversarialLoss, learningRate: number): Trainee {
  const { beta1, beta2 } = loss.adam;
  const options = { learningRate, beta1, beta2, epsilon: ADAM_EPSILON };
  const optimisers = {
    generator: new Adam(generator.parameters, options),
    discriminator: new Adam(discriminator.parameters, options),
  };
  const generated = (n: number, rng: Rng) => generator.generate(randn([n, generator.shape.latentDim], { rng }));
  let lastG = 0; // shown between the generator's updates
  return {
    optimisers,
    tensors: new Map(
      Object.entries({ generator, discriminator }).flatMap(([name, { parameters, buffers }]) =>
        [...parameters, ...buffers].map(([key, tensor]) => [`${name}.${key}`, tensor] as const),
      ),
    ),
    step(images, rng, step) {
      const n = images.shape[0] ?? 0;
      const fakes = noGrad(() => generated(n, rng));
      const own = loss.discriminator(discriminator.score(images), discriminator.score(fakes));
      const score = (image: Tensor) => discriminator.score(image);
      const dLoss =
        loss.slopePenalty > 0 ? own.add(slopePenalty(score, images, fakes, rng).mul(loss.slopePenalty)) : own;
      update(dLoss, optimisers.discriminator, discriminator.parameters);
      if ((step + 1) % loss.nDiscriminatorSteps === 0) {
        const gLoss = loss.generator(discriminator.score(generated(n, rng)));
        update(gLoss, optimisers.generator, generator.parameters);
        lastG = gLoss.item();
      }
      return { discriminator: own.item(), generator: lastG };
    },
  };
}

function update(loss: Tensor, adam: Adam, parameters: ReadonlyMap<string, Tensor>): void {
  const names = [...parameters.keys()];
  const gradients = grad(loss, [...parameters.values()], { allowUnused: true });
  adam.step(new Map(gradients.flatMap((gradient, i) => (gradient === null ? [] : [[names[i]!, gradient] as const]))));
}

/** The penultimate layer of a small GAN's discriminator, trained on the data set's own images. */
export const cytoganBaseline = defineBaseline({
  id: "cytogan",
  title: "CytoGAN",
  description:
    "A DCGAN, LSGAN or WGAN-GP trained on the images; the dense layer before its discriminator's score is the embedding.",
  citation: "Goldsborough et al. 2017; variants: Radford et al. 2016, Mao et al. 2017, Gulrajani et al. 2017",
  needsLabels: null,
  params: Params,
  small: { durationKimg: 4, denseDim: 256 },
  async *run(context, params): AsyncGenerator<BaselineEvent> {
    const { dataset, seed, signal } = context;
    const { durationKimg, ...fixed } = params;
    const { variant, latentDim, channels, denseDim, batchSize } = fixed;
    const loss: AdversarialLoss = ADVERSARIAL_LOSSES[variant];
    const learningRate = params.learningRate ?? loss.adam.learningRate;
    const resolutionPx = resolutionFor(dataset.manifest, params.resolutionPx);
    const imageChannels = dataset.manifest.channels.length;
    const { normaliseDiscriminator } = loss;
    const shape: DcganShape = { resolutionPx, imageChannels, latentDim, channels, denseDim, normaliseDiscriminator };
    const rng = new Rng(seed);
    const networks = { generator: new DcganGenerator(shape, rng), discriminator: new DcganDiscriminator(shape, rng) };
    const trainee = traineeOf(networks, loss, learningRate);
    try {
      const file = join(await context.workFolder(), `cytogan-${variant}.safetensors`);
      const settings = { ...fixed, learningRate, resolutionPx, seed, fingerprint: dataset.manifest.fingerprint };
      const trained = yield* trainOnImages({
        ...{ dataset, trainee, file, settings, resolutionPx, batchSize, durationKimg, learningRate, seed, signal },
      });
      const encode = (images: Tensor) => networks.discriminator.features(images);
      const features = yield* embedSquares(context, resolutionPx, encode);
      const provenance = {
        ...{ weights: "from scratch, on this data set's images", variant, loss: loss.citation },
        ...{
          resolutionPx,
          nImagesShown: trained.nImages,
          resumedAtImage: trained.resumedAt,
          checkpoint: basename(file),
        },
      };
      const embedding = { features, featureNames: numberedFeatures(denseDim) };
      yield { kind: "finished", result: { embedding, runtime: "libtorch", provenance } };
    } finally {
      for (const one of [...Object.values(trainee.optimisers), ...Object.values(networks)]) one.dispose();
    }
  },
});
