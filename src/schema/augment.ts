// How training images are varied before the discriminator sees them, and the state of it that a checkpoint keeps.
import { z } from "zod";

const Probability = z.number().min(0).max(1);

/** The operations of adaptive augmentation with their strengths; the numbers are those of Karras et al. 2020 (ADA), app. B. */
export const AugmentOps = z.strictObject({
  flipX: z.boolean().default(true).describe("mirror left and right, for half of the images drawn"),
  flipY: z.boolean().default(true).describe("mirror top and bottom, for half of the images drawn"),
  quarterTurns: z.boolean().default(true).describe("turn by 0, 90, 180 or 270 degrees"),
  integerShift: z
    .strictObject({
      on: z.boolean().default(true),
      maxShare: Probability.default(0.125).describe("largest shift along each axis, as a share of the image's side"),
    })
    .prefault({})
    .describe("shift by whole pixels; exact"),
  scale: z
    .strictObject({
      on: z.boolean().default(true),
      sigmaLog2: z.number().nonnegative().default(0.2).describe("spread of the binary logarithm of the scale"),
    })
    .prefault({})
    .describe("enlarge or shrink, both axes alike; off where size is a phenotype"),
  rotation: z
    .strictObject({
      on: z.boolean().default(true),
      maxDegrees: z.number().min(0).max(180).default(180).describe("largest angle either way"),
    })
    .prefault({})
    .describe("turn by any angle, before and after the stretch, each with probability 1 − √(1 − p)"),
  stretch: z
    .strictObject({
      on: z.boolean().default(true),
      sigmaLog2: z.number().nonnegative().default(0.2).describe("spread of the binary logarithm of the stretch"),
    })
    .prefault({})
    .describe("stretch one axis and squeeze the other by the same factor"),
  fractionalShift: z
    .strictObject({
      on: z.boolean().default(true),
      sigmaShare: z.number().nonnegative().default(0.125).describe("spread along each axis, as a share of the side"),
    })
    .prefault({})
    .describe("shift by parts of pixels"),
  brightness: z
    .strictObject({
      on: z.boolean().default(true),
      sigma: z.number().nonnegative().default(0.2).describe("spread of the offset; images span −1 to 1"),
    })
    .prefault({})
    .describe("add a value of its own to every channel"),
  contrast: z
    .strictObject({
      on: z.boolean().default(true),
      sigmaLog2: z.number().nonnegative().default(0.5).describe("spread of the binary logarithm of the factor"),
      pivot: z.number().min(-1).max(1).default(0).describe("the value that stays: 0 is mid-grey, −1 is black"),
    })
    .prefault({})
    .describe("multiply every channel by a factor of its own"),
  noise: z
    .strictObject({
      on: z.boolean().default(false),
      sigma: z.number().nonnegative().default(0.1).describe("spread of the noise level, which is drawn per image"),
    })
    .prefault({})
    .describe("add normal noise, independent in every pixel and channel"),
  cutout: z
    .strictObject({
      on: z.boolean().default(false),
      share: Probability.default(0.5).describe("side of the square, as a share of the image's side"),
    })
    .prefault({})
    .describe("set a square at a random place to mid-grey in every channel"),
});
export type AugmentOps = z.output<typeof AugmentOps>;

/** Adaptive discriminator augmentation, for real and generated images of any number of channels. */
export const AdaConfig = z
  .strictObject({
    kind: z.literal("ada"),
    target: z.number().gt(-1).lt(1).default(0.6).describe("mean sign of the real scores that p is steered to"),
    kimg: z
      .number()
      .positive()
      .default(500)
      .describe("thousands of images in which p can rise by 1; 100 when fine-tuning"),
    interval: z.int().positive().default(4).describe("steps between two changes of p"),
    initialP: Probability.default(0).describe("p at the start"),
    maxP: Probability.default(0.8).describe(
      "p never exceeds this; above 0.8 the generator can learn the augmentations",
    ),
    fixed: Probability.optional().describe("hold p at this value instead of steering it; 1 augments always"),
    dihedralAlways: z
      .boolean()
      .default(true)
      .describe("also turn and flip every image of the data set, whatever p: a cell has no up or down"),
    ops: AugmentOps.prefault({}),
  })
  .refine(({ initialP, maxP }) => initialP <= maxP, {
    path: ["initialP"],
    message: "must not exceed maxP",
  });
export type AdaConfig = z.output<typeof AdaConfig>;

/** The `augment` part of a training configuration. */
export const AugmentConfig = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("dihedral") }).describe("turn and flip every image of the data set"),
  z.strictObject({ kind: z.literal("none") }).describe("images as they are"),
  AdaConfig,
]);
export type AugmentConfig = z.output<typeof AugmentConfig>;

/** Where adaptive augmentation stands: what a bit-exact resume needs of it. */
export const AugmentState = z.strictObject({
  p: Probability,
  signSum: z.number().describe("sum of the signs of real scores since p last changed"),
  images: z.int().nonnegative().describe("real images in that sum"),
  steps: z.int().nonnegative().describe("steps in that sum"),
  random: z
    .strictObject({ generator: z.array(z.int()), spareNormal: z.number().nullable() })
    .describe("the generator that augmentations are drawn with"),
});
export type AugmentState = z.output<typeof AugmentState>;
