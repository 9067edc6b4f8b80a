// The training configuration: every number that a run depends on. Written back, resolved, as `config.resolved.json`.
import { z } from "zod";
import { AugmentConfig } from "./augment.ts";
import { CudaConfig, PrecisionConfig } from "./precision.ts";

const Auto = z.literal("auto");
/** A number, or a rule that `gandl train` turns into one before it starts. */
const numberOrAuto = (number: z.ZodNumber | z.ZodInt) => z.union([number, Auto]).default("auto");
const Gamma = numberOrAuto(z.number().nonnegative()).describe("auto: 0.0002 · resolution² / batch");

/** The losses; what each is, is told in src/train/objectives. */
const Loss = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("logistic"),
    r1Gamma: Gamma,
    r1EverySteps: z.int().positive().default(16).describe("1: in every step, as part of the loss"),
  }),
  z.strictObject({
    kind: z.literal("wgan-gp"),
    penaltyWeight: z.number().nonnegative().default(10).describe("λ of (‖∇D‖ − 1)²"),
    penaltyEverySteps: z.int().positive().default(1),
    drift: z.number().nonnegative().default(0.001).describe("times D(real)², so that scores stay near 0"),
  }),
  z.strictObject({
    kind: z.literal("relativistic"),
    r1Gamma: Gamma,
    r2Gamma: Gamma,
    penaltyEverySteps: z.int().positive().default(1),
  }),
]);

export const TrainConfig = z.strictObject({
  data: z.strictObject({
    dataset: z.string().describe("dataset folder written by `gandl import`"),
    resolutionPx: z
      .union([16, 32, 64, 128, 256, 512, 1024].map((r) => z.literal(r)))
      .describe("side of the square crops that the networks see"),
    excludePlates: z.array(z.string()).default([]).describe("plate_id values never shown in training"),
    input: z
      .enum(["stored", "standardised"])
      .default("stored")
      .describe(
        "standardised: each channel of each crop to mean 0 and deviation 1, ±3 of which become ±1; brightness is no cue then",
      ),
  }),
  model: z
    .strictObject({
      kind: z.literal("stylegan2"),
      latentDim: z.int().positive().default(512),
      styleDim: z.int().positive().default(512),
      mappingLayers: z.int().positive().default(3).describe("GAN-DL uses 3, StyleGAN2 8"),
      channelBase: z
        .int()
        .positive()
        .default(16384)
        .describe("channels at resolution r are min(channelBase / r, channelMax)"),
      channelMax: z.int().positive().default(512),
      minibatchStdGroup: numberOrAuto(z.int().positive()).describe(
        "images whose spread is measured together; 1 switches the statistic off. auto: 4, and 1 for wgan-gp and relativistic, whose penalties are per image",
      ),
      styleMixing: z.number().min(0).max(1).default(0.9),
      noise: z.enum(["random", "const", "none"]).default("random").describe("the generator's noise maps in training"),
      labels: z
        .string()
        .nullable()
        .default(null)
        .describe(
          "a column of sites.parquet (treatment, cell_type, …) that both networks are told; null: unconditional",
        ),
    })
    .prefault({ kind: "stylegan2" }),
  loss: Loss.prefault({ kind: "logistic" }),
  pathLength: z
    .strictObject({
      weight: z.number().nonnegative().default(2).describe("0 switches it off"),
      everySteps: z.int().positive().default(4),
      decay: z.number().gt(0).max(1).default(0.01).describe("of the running mean of path lengths"),
      batchDivisor: z.int().positive().default(2).describe("it works on a part of the batch, to save memory"),
    })
    .prefault({}),
  optimiser: z
    .strictObject({
      learningRate: z.number().positive().default(0.0025),
      beta1: z.number().min(0).lt(1).default(0),
      beta2: z.number().min(0).lt(1).default(0.99),
      epsilon: z.number().positive().default(1e-8),
    })
    .prefault({}),
  augment: AugmentConfig.default({ kind: "dihedral" }),
  ema: z
    .strictObject({
      halfLifeKimg: z.union([z.number().positive(), Auto]).default("auto").describe("auto: batch · 10 / 32"),
      rampUp: z.number().nonnegative().default(0.05),
    })
    .prefault({}),
  quality: z
    .strictObject({
      metric: z.enum(["kernel", "frechet"]).default("kernel").describe("the smaller, the better; kernel is unbiased"),
      nImages: z.int().min(32).default(2000).describe("real and generated images compared at each checkpoint"),
    })
    .nullable()
    .default(null)
    .describe("score every checkpoint against real images and keep the best; null: do not"),
  schedule: z.strictObject({
    durationKimg: z.number().positive(),
    batchSize: z.int().positive(),
    checkpointEveryKimg: z.number().positive(),
    sampleEveryKimg: z.number().positive(),
    tickEverySteps: z.int().positive().default(4),
    keepCheckpoints: z
      .int()
      .positive()
      .default(3)
      .describe("newest checkpoints kept; the first (untrained) one is always kept too"),
  }),
  initFrom: z
    .string()
    .nullable()
    .default(null)
    .describe("a checkpoint (path without ending) whose weights are the start; channels are matched by stain"),
  device: z.string().default("cpu"),
  precision: PrecisionConfig.prefault({}),
  cuda: CudaConfig.prefault({}),
  seed: z.int().default(1),
});
/** A configuration as a user writes it. */
export type TrainConfigInput = z.input<typeof TrainConfig>;
/** A configuration with defaults filled, autos not yet resolved. */
export type TrainConfig = z.output<typeof TrainConfig>;

const [LogisticLoss, WganGpLoss, RelativisticLoss] = Loss.options;
const shape = TrainConfig.shape;
/** A configuration with every auto resolved to a number: what `config.resolved.json` holds. */
export const ResolvedTrainConfig = TrainConfig.extend({
  model: shape.model.unwrap().extend({ minibatchStdGroup: z.int().positive() }),
  loss: z.discriminatedUnion("kind", [
    LogisticLoss.extend({ r1Gamma: z.number() }),
    WganGpLoss,
    RelativisticLoss.extend({ r1Gamma: z.number(), r2Gamma: z.number() }),
  ]),
  ema: shape.ema.unwrap().extend({ halfLifeKimg: z.number().positive() }),
  cuda: CudaConfig.extend({ cudnnBenchmark: z.boolean() }).prefault({ cudnnBenchmark: true }),
});
export type ResolvedTrainConfig = z.output<typeof ResolvedTrainConfig>;
