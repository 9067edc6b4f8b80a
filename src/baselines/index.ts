// The systems that GAN-DL is compared with.
export { convAutoencoderBaseline } from "./conv-autoencoder.ts";
export { cytoganBaseline } from "./cytogan.ts";
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
export { EMBEDDING_LAYOUTS, importBaseline } from "./import-embeddings.ts";
export {
  type IntensityOptions,
  type IntensityProgress,
  intensityBaseline,
  intensityProfiles,
  intensityStatistics,
} from "./intensity.ts";
export { randomBaseline } from "./random.ts";
export { baselines, findBaseline } from "./registry.ts";
export {
  type BaselineFiles,
  baselineParams,
  type RunBaselineEvent,
  type RunBaselineOptions,
  runBaseline,
} from "./run-baseline.ts";
