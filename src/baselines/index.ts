// The systems that GAN-DL is compared with.

export { rankByProbability, type TreatedProbability } from "./cascade/rank-by-probability.ts";
export { cascadeTransfer } from "./cascade-transfer.ts";
export { convAutoencoderBaseline } from "./conv-autoencoder.ts";
export { cytoganBaseline } from "./cytogan.ts";
export {
  type DoseEfficacy,
  rankTreatments,
  type TreatedImage,
  type TreatmentEfficacy,
} from "./deemd/rank-treatments.ts";
export { imageScore, isCalledInfected, topK, validationScore } from "./deemd/top-k.ts";
export { deemd } from "./deemd.ts";
export {
  type Baseline,
  type BaselineContext,
  type BaselineEmbedding,
  type BaselineEvent,
  type BaselineResult,
  type BaselineScore,
  defineBaseline,
} from "./define-baseline.ts";
export { handcraftedBaseline } from "./handcrafted/handcrafted.ts";
export { ImageFeatures, type ImageShapeOptions } from "./handcrafted/image-features.ts";
export { imagenetCollapsed, imagenetConcatenated } from "./imagenet.ts";
export { EMBEDDING_LAYOUTS, importBaseline } from "./import-embeddings.ts";
export {
  type IntensityOptions,
  type IntensityProgress,
  intensityBaseline,
  intensityProfiles,
  intensityStatistics,
} from "./intensity.ts";
export { randomBaseline } from "./random.ts";
export { type ConditionAxis, ConditionAxisFit } from "./regions/condition-axis.ts";
export {
  type DeemdRegionOptions,
  type FeatureRegionOptions,
  openDeemdRegions,
  openFeatureRegions,
  type RegionMapper,
  sitesToMap,
} from "./regions/index.ts";
export { baselines, findBaseline } from "./registry.ts";
export {
  type BaselineFiles,
  baselineParams,
  type RunBaselineEvent,
  type RunBaselineOptions,
  runBaseline,
} from "./run-baseline.ts";
