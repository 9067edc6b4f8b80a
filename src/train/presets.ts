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

/** StyleGAN2-ADA's published settings for photographs (docs/methods.md §2.7), mapped to fluorescence by nothing but the number of channels. */
function paper(
  resolutionPx: 256 | 512 | 1024,
  numbers: { channelBase: number; batchSize: number; group: number; rate: number; gamma: number; emaKimg: number },
): Preset {
  const { channelBase, batchSize, group, rate, gamma, emaKimg } = numbers;
  return {
    id: `paper${resolutionPx}`,
    title: `${resolutionPx} px on GPUs: the settings that StyleGAN2-ADA publishes for this size`,
    config: {
      data: { resolutionPx },
      model: { kind: "stylegan2", mappingLayers: 8, channelBase, channelMax: 512, minibatchStdGroup: group },
      loss: { kind: "logistic", r1Gamma: gamma },
      optimiser: { learningRate: rate },
      ema: { halfLifeKimg: emaKimg },
      schedule: { durationKimg: 25_000, batchSize, checkpointEveryKimg: 200, sampleEveryKimg: 100 }, // "full convergence" there
    },
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
        styleMixing: 0, // a regulariser for long runs; a short one wants every image's gradient whole
      },
      // γ: auto would give 0.1, with which the discriminator wins at once on few thousand images; at 1 both losses stay near each other.
      loss: { kind: "logistic", r1Gamma: 1 },
      // Smooth walks through the latent space help the generator, not the encoder, and cost a sixth of the time.
      pathLength: { weight: 0 },
      // Batches of 8, twice as many updates an image as with 16: nuclei and cell bodies showed at half the number of images.
      schedule: { durationKimg: 20, batchSize: 8, checkpointEveryKimg: 4, sampleEveryKimg: 2 },
      ema: { halfLifeKimg: 0.5 }, // a fortieth of a short run, so that samples are not those of the start
    },
  },
  {
    id: "gandl",
    title: "256 px on a GPU: GAN-DL's network (3 mapping layers, 512-d styles) for RxRx19a's five stains",
    config: {
      data: { resolutionPx: 256 }, // what a modest budget trains well (docs/methods.md §1.2)
      model: { kind: "stylegan2", mappingLayers: 3, channelBase: 16384, channelMax: 512 },
      loss: { kind: "logistic" }, // γ auto: 0.41 at batch 32
      schedule: { durationKimg: 5000, batchSize: 32, checkpointEveryKimg: 200, sampleEveryKimg: 100 },
    },
  },
  {
    id: "gandl-rxrx1",
    title: "256 px on a GPU: the same network for RxRx1, whose sixth stain and four cell types want twice the images",
    config: {
      data: { resolutionPx: 256 }, // a quarter of a 512 px field: at about 1.3 µm a pixel the scale of RxRx19a halved (docs/methods.md §3.2)
      model: { kind: "stylegan2", mappingLayers: 3, channelBase: 16384, channelMax: 512 },
      loss: { kind: "logistic", r1Gamma: 0.5 }, // 6/5 of auto: the squared slope sums over one channel more
      schedule: { durationKimg: 10_000, batchSize: 32, checkpointEveryKimg: 200, sampleEveryKimg: 100 },
    },
  },
  paper(256, { channelBase: 16384, batchSize: 64, group: 8, rate: 0.0025, gamma: 1, emaKimg: 20 }),
  paper(512, { channelBase: 32768, batchSize: 64, group: 8, rate: 0.0025, gamma: 0.5, emaKimg: 20 }),
  paper(1024, { channelBase: 32768, batchSize: 32, group: 4, rate: 0.002, gamma: 2, emaKimg: 10 }),
];
