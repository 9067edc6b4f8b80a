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
export { BatchAhead, type LabelledBatch } from "./batch-ahead.ts";
export { type CheckpointFile, checkpointName, listCheckpoints } from "./checkpoint.ts";
export { type CollapseSign, collapseSigns, type SignFigures, type SignName } from "./collapse-signs.ts";
export { switchesOf } from "./cuda-switches.ts";
export { Gan, shapeOf } from "./gan.ts";
export { displayOf, fullDisplay, maxLevelOf, measureDisplay } from "./generate/display-range.ts";
export { encodeComposite, encodeGrey, encodeTable } from "./generate/encode-images.ts";
export {
  type GeneratedImage,
  type GenerateImagesOptions,
  generateImage,
  generateImages,
  MAX_SEED,
  toStoredLevels,
} from "./generate/generate-images.ts";
export {
  classWalk,
  type ImageRecipe,
  mixTable,
  movedWalk,
  type RecipeTable,
  type StyleSource,
  seedRecipe,
  seedTable,
  type WalkOptions,
  walkTable,
} from "./generate/recipe.ts";
export type { ChannelDisplay, RgbPicture } from "./generate/table-picture.ts";
export { type Panel, type TableLayout, TablePicture } from "./generate/table-picture.ts";
export { chooseKernels } from "./kernel-choice.ts";
export { type Labels, labelsOf } from "./labels.ts";
export { OBJECTIVES, type Objective, objectiveOf, type Penalty } from "./objectives/index.ts";
export { discriminatorLoss, generatorLoss } from "./objectives/logistic.ts";
export { planTraining, type TrainPlan } from "./plan.ts";
export { PRESETS, type Preset } from "./presets.ts";
export { bestCheckpoint } from "./quality-watch.ts";
export { applyOverrides, resolveTrainConfig } from "./resolve-config.ts";
export { encodePicture, type GreyImages, sampleGrid } from "./sample-grid.ts";
export { type GenerateOptions, generatedGridPng, generateGrey, loadGenerator, realGridPng } from "./samples.ts";
export { pathLengths, r1Penalty, squaredSlope } from "./slope.ts";
export type { NonFinite, StepStats } from "./step-stats.ts";
export { type TrainOptions, train } from "./train.ts";
