// Starting points, with a reason beside each number. Everything may be overridden by --set.
import type { TrainConfigInput } from "../schema/index.ts";

/** A configuration without a data set, and what it is for. */
export interface Preset {
  readonly id: string;
  readonly title: string;
  readonly config: Omit<TrainConfigInput, "data"> & {
    readonly data: { readonly resolutionPx: TrainConfigInput["data"]["resolutionPx"] };
  };
}

export const PRESETS: readonly Preset[] = [
  {
    id: "tiny",
    title: "64 px on a CPU, minutes to an hour: pilots and the demo",
    config: {
      data: { resolutionPx: 64 }, // one cell with its surroundings; a quarter of the work of 128
      model: {
        kind: "stylegan2",
        latentDim: 64, // a small network cannot use 512 directions
        styleDim: 64,
        mappingLayers: 2,
        channelBase: 2048, // 32 channels at 64 px, 64 from 32 px down: what two cores train at tens of images a second
        channelMax: 64,
      },
      // γ: auto would give 0.05, with which the discriminator wins at once on few thousand images; at 2 both losses stay near each other.
      loss: { kind: "logistic", r1Gamma: 2 },
      schedule: { durationKimg: 20, batchSize: 16, checkpointEveryKimg: 4, sampleEveryKimg: 2 },
      ema: { halfLifeKimg: 0.5 }, // a fortieth of a short run, so that samples are not those of the start
    },
  },
  {
    id: "gandl",
    title: "256 px on a GPU: GAN-DL's network (3 mapping layers, 512-d styles)",
    config: {
      data: { resolutionPx: 256 }, // what a modest budget trains well (METHODS.md §1.2)
      model: { kind: "stylegan2", mappingLayers: 3, channelBase: 16384, channelMax: 512 },
      loss: { kind: "logistic" }, // γ auto: 0.41 at batch 32
      schedule: { durationKimg: 5000, batchSize: 32, checkpointEveryKimg: 200, sampleEveryKimg: 100 },
    },
  },
];
