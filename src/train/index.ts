// Training a GAN on a data set folder.
export {
  AdaptiveP,
  type AugmentDraw,
  Augmenter,
  AugmentPipe,
  type DrawnFor,
  drawAugment,
  type GeometryDraw,
} from "./augment/index.ts";
export { type CheckpointFile, checkpointName, listCheckpoints } from "./checkpoint.ts";
export { Gan, type NonFinite, type StepStats, shapeOf } from "./gan.ts";
export { discriminatorLoss, generatorLoss, r1Penalty } from "./losses.ts";
export { planTraining, type TrainPlan } from "./plan.ts";
export { PRESETS, type Preset } from "./presets.ts";
export { applyOverrides, resolveTrainConfig } from "./resolve-config.ts";
export { type ChannelDisplay, encodePicture, type GreyImages, type RgbPicture, sampleGrid } from "./sample-grid.ts";
export {
  displayOf,
  type GenerateOptions,
  generatedGridPng,
  generateGrey,
  loadGenerator,
  realGridPng,
} from "./samples.ts";
export { type TrainOptions, train } from "./train.ts";
