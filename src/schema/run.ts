// What a run folder holds beside its configuration: events, provenance and the JSON beside each checkpoint.
import { z } from "zod";
import { Channel } from "./dataset.ts";

/** Which kernels a run computed with, and what was found wrong before its first step. */
export const KernelRecord = z.strictObject({
  used: z.enum(["own", "libtorch"]).describe("our kernels, or LibTorch's operators in their place"),
  wrong: z.array(z.string()).describe("our kernels that were wrong here, which is why LibTorch's are used"),
  distrusted: z
    .array(z.string())
    .describe("shapes on which LibTorch's convolutions were wrong, so that products of matrices took their place"),
});
export type KernelRecord = z.infer<typeof KernelRecord>;

/** One line of `events.jsonl`. Times are ISO 8601; `kimg` is thousands of real images shown. */
export const TrainEvent = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("started"),
    time: z.string(),
    kimg: z.number(),
    step: z.int(),
    totalKimg: z.number(),
    resumed: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal("tick"),
    time: z.string(),
    kimg: z.number(),
    step: z.int(),
    imagesPerSecond: z.number(),
    secondsLeft: z.number(),
    dLoss: z.number(),
    gLoss: z.number(),
    realScore: z.number().describe("mean D(real)"),
    fakeScore: z.number().describe("mean D(G(z))"),
    r1: z
      .number()
      .nullable()
      .describe("the penalty on D's gradient when it was last due (R1: mean squared norm), unweighted"),
    pathLength: z.number().nullable().describe("running mean of path lengths; null where it is off"),
    realSign: z.number().describe("mean sign of D(real), −1 to 1: near 1, D knows the training images by heart"),
    fakeSign: z.number().describe("mean sign of D(G(z))"),
    augmentP: z.number().nullable().describe("probability of augmentations; null where they are not adaptive"),
    diversity: z.number().nullable().describe("mean difference between generated images over that between real ones"),
    memoryBytes: z.number(),
  }),
  z.strictObject({
    kind: z.literal("non-finite"),
    time: z.string(),
    kimg: z.number(),
    step: z.int(),
    tensor: z.string(),
    count: z.int(),
  }),
  z
    .strictObject({
      kind: z.literal("checkpoint-ignored"),
      time: z.string(),
      kimg: z.number(),
      step: z.int(),
      file: z.string(),
    })
    .describe("a resume passed over this checkpoint, because it is not whole"),
  z
    .strictObject({
      kind: z.literal("kernels"),
      time: z.string(),
      kimg: z.number(),
      step: z.int(),
      ...KernelRecord.shape,
    })
    .describe("something of LibTorch or of our kernels is wrong here; what took its place"),
  z.strictObject({ kind: z.literal("sample"), time: z.string(), kimg: z.number(), step: z.int(), file: z.string() }),
  z.strictObject({
    kind: z.literal("checkpoint"),
    time: z.string(),
    kimg: z.number(),
    step: z.int(),
    file: z.string(),
  }),
  z
    .strictObject({
      kind: z.literal("quality"),
      time: z.string(),
      kimg: z.number(),
      step: z.int(),
      file: z.string().describe("the checkpoint that was scored"),
      features: z.string().describe("what described the images, with its version: figures of others do not compare"),
      nImages: z.int(),
      frechetDistance: z.number(),
      kernelDistance: z.number(),
      precision: z.number(),
      recall: z.number(),
      realFrechetDistance: z.number().describe("of one real half against the other"),
      realKernelDistance: z.number(),
      isBest: z.boolean(),
    })
    .describe("generated images of a checkpoint against real ones"),
  z.strictObject({
    kind: z.literal("finished"),
    time: z.string(),
    kimg: z.number(),
    step: z.int(),
    reason: z.enum(["duration", "aborted"]),
  }),
]);
export type TrainEvent = z.infer<typeof TrainEvent>;

/** A run folder that holds this file asks its training to stop after the current step, with a checkpoint. */
export const STOP_REQUEST_FILE = "stop.request";

/** `best.json`: the checkpoint that a run keeps whatever comes after it. */
export const BestCheckpoint = z.strictObject({
  file: z.string(),
  metric: z.enum(["frechet", "kernel"]),
  value: z.number(),
  kimg: z.number(),
  step: z.int(),
  features: z.string(),
});
export type BestCheckpoint = z.infer<typeof BestCheckpoint>;

/** `provenance.json`: what made this run. */
export const Provenance = z.strictObject({
  ganDlVersion: z.string(),
  commit: z.string().nullable(),
  node: z.string(),
  libtorch: z.string(),
  device: z.string(),
  threads: z.int(),
  platform: z.string(),
  datasetId: z.string(),
  datasetFingerprint: z.string(),
  seed: z.int(),
  startedAt: z.string(),
  kernels: KernelRecord.default({ used: "own", wrong: [], distrusted: [] }),
});
export type Provenance = z.infer<typeof Provenance>;

/** The JSON beside each `checkpoints/*.safetensors`: enough to rebuild the encoder without the dataset. */
export const CheckpointHeader = z.strictObject({
  kind: z.literal("gandl-checkpoint"),
  schemaVersion: z.literal(1),
  kimg: z.number(),
  step: z.int(),
  imagesSeen: z.int(),
  weightsSha256: z.string(),
  model: z.strictObject({
    kind: z.literal("stylegan2"),
    resolutionPx: z.int(),
    imageChannels: z.int(),
    latentDim: z.int(),
    styleDim: z.int(),
    mappingLayers: z.int(),
    channelBase: z.int(),
    channelMax: z.int(),
    minibatchStdGroup: z.int(),
    nClasses: z.int().nonnegative().optional().describe("labels that both networks are told; none when left out"),
  }),
  labels: z
    .strictObject({ column: z.string(), classes: z.array(z.string()) })
    .nullable()
    .default(null)
    .describe("what the classes are, in order"),
  input: z.enum(["stored", "standardised"]).default("stored").describe("what the networks were shown"),
  minibatchStdMean: z
    .number()
    .describe("mean minibatch statistic over real batches; the constant that the encoder uses"),
  channels: z.array(Channel.pick({ name: true, stain: true, colour: true })),
  pixelSizeUm: z.number().nullable(),
  dtype: z
    .enum(["uint8", "uint16"])
    .describe("of the dataset; pixels map to [−1, 1] by value / (max / 2) − 1, max = 255 or 65535"),
  datasetFingerprint: z.string(),
});
export type CheckpointHeader = z.infer<typeof CheckpointHeader>;
export type StyleGan2Shape = CheckpointHeader["model"];
