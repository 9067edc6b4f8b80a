// The systems that GAN-DL is compared with.
export {
  type Baseline,
  type BaselineContext,
  type BaselineEmbedding,
  type BaselineEvent,
  type BaselineResult,
  type BaselineScore,
  defineBaseline,
} from "./define-baseline.ts";
export {
  type IntensityOptions,
  type IntensityProgress,
  intensityBaseline,
  intensityProfiles,
  intensityStatistics,
} from "./intensity.ts";
export { baselines, findBaseline } from "./registry.ts";
export {
  type BaselineFiles,
  baselineParams,
  type RunBaselineEvent,
  type RunBaselineOptions,
  runBaseline,
} from "./run-baseline.ts";
