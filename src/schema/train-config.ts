// The training configuration: every number that a run depends on. Written back, resolved, as `config.resolved.json`.
import { z } from "zod";

const Auto = z.literal("auto");

export const TrainConfig = z.strictObject({
  data: z.strictObject({
    dataset: z.string().describe("dataset folder written by `gandl import`"),
    resolutionPx: z
      .union([16, 32, 64, 128, 256, 512, 1024].map((r) => z.literal(r)))
      .describe("side of the square crops that the networks see"),
    excludePlates: z.array(z.string()).default([]).describe("plate_id values never shown in training"),
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
      minibatchStdGroup: z.int().positive().default(4),
      styleMixing: z.number().min(0).max(1).default(0.9),
    })
    .prefault({ kind: "stylegan2" }),
  loss: z
    .strictObject({
      kind: z.literal("logistic"),
      r1Gamma: z.union([z.number().nonnegative(), Auto]).default("auto").describe("auto: 0.0002 · resolution² / batch"),
      r1EverySteps: z.int().positive().default(16),
    })
    .prefault({ kind: "logistic" }),
  optimiser: z
    .strictObject({
      learningRate: z.number().positive().default(0.0025),
      beta1: z.number().min(0).max(1).default(0),
      beta2: z.number().min(0).max(1).default(0.99),
      epsilon: z.number().positive().default(1e-8),
    })
    .prefault({}),
  augment: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("dihedral") }),
      z.strictObject({ kind: z.literal("none") }),
    ])
    .default({ kind: "dihedral" }),
  ema: z
    .strictObject({
      halfLifeKimg: z.union([z.number().positive(), Auto]).default("auto").describe("auto: batch · 10 / 32"),
      rampUp: z.number().nonnegative().default(0.05),
    })
    .prefault({}),
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
  device: z.string().default("cpu"),
  seed: z.int().default(1),
});
/** A configuration as a user writes it. */
export type TrainConfigInput = z.input<typeof TrainConfig>;
/** A configuration with defaults filled, autos not yet resolved. */
export type TrainConfig = z.output<typeof TrainConfig>;

/** A configuration with every auto resolved to a number: what `config.resolved.json` holds. */
export const ResolvedTrainConfig = TrainConfig.extend({
  loss: z.strictObject({ kind: z.literal("logistic"), r1Gamma: z.number(), r1EverySteps: z.int().positive() }),
  ema: z.strictObject({ halfLifeKimg: z.number().positive(), rampUp: z.number().nonnegative() }),
});
export type ResolvedTrainConfig = z.output<typeof ResolvedTrainConfig>;
