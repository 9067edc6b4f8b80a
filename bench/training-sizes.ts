// The networks that training is measured at, and what they are trained with.
import type { StyleGan2Shape } from "gan-dl/schema";
import { type Gan, resolveTrainConfig, shapeOf } from "gan-dl/train";
import type { LazySchedule } from "./arithmetic.ts";
import type { BenchOptions } from "./options.ts";

/** A network and its batch. */
export interface TrainingSize {
  readonly name: string;
  readonly resolutionPx: number;
  readonly imageChannels: number;
  readonly styleDim: number;
  readonly mappingLayers: number;
  readonly channelBase: number;
  readonly channelMax: number;
  readonly batchSize: number;
}

const COMMON = { resolutionPx: 64, imageChannels: 5, styleDim: 512, mappingLayers: 2 };
/** What a CPU user trains, and a larger one, where convolutions weigh more. */
export const TRAINING_SIZES: readonly TrainingSize[] = [
  { name: "small", ...COMMON, channelBase: 2048, channelMax: 64, batchSize: 16 },
  { name: "large", ...COMMON, channelBase: 4096, channelMax: 128, batchSize: 8 },
];
/** What a card trains: 256 px, half of StyleGAN2's channels. */
export const CARD_SIZE: TrainingSize = {
  ...{ ...COMMON, name: "card", resolutionPx: 256 },
  ...{ channelBase: 16384, channelMax: 512, batchSize: 32 },
};

/** Path length every fourth step on half the batch, R1 every sixteenth: after sixteen steps all begins anew. */
export const LAZY: LazySchedule = { pathLengthEvery: 4, pathLengthBatchDivisor: 2, r1Every: 16 };
export const PERIOD_STEPS = 16;

/** The training configuration of a size: random noise, style mixing at 0.9, logistic loss. */
export function configOf(
  size: TrainingSize,
  { device, precision }: Pick<BenchOptions, "device" | "precision"> = { device: "cpu", precision: "float32" },
): Gan["config"] {
  const { resolutionPx, styleDim, mappingLayers, channelBase, channelMax, batchSize } = size;
  return resolveTrainConfig(
    {
      data: { dataset: "none", resolutionPx },
      model: { kind: "stylegan2", latentDim: styleDim, styleDim, mappingLayers, channelBase, channelMax },
      loss: { kind: "logistic", r1EverySteps: LAZY.r1Every },
      pathLength: { everySteps: LAZY.pathLengthEvery, batchDivisor: LAZY.pathLengthBatchDivisor },
      device,
      precision: { kind: precision },
      schedule: { durationKimg: 1, batchSize, checkpointEveryKimg: 1, sampleEveryKimg: 1 },
    },
    "the bench",
  );
}

export const shapeOfSize = (size: TrainingSize): StyleGan2Shape => shapeOf(configOf(size), size.imageChannels);
