// Profiles (metadata and feature matrix) and their verbs.
export { type Affine, applyAffine, type FittedAffine } from "./affine.ts";
export { type AggregateOptions, aggregate, rowsByValue } from "./aggregate.ts";
export { fitCoral, fitTvn, type TvnOptions } from "./coral.ts";
export { fromColumns } from "./from-columns.ts";
export { applyHarmony, fitHarmony, type Harmony, type HarmonyOptions } from "./harmony.ts";
export { applyInverseNormal, fitInverseNormal, type InverseNormal } from "./inverse-normal.ts";
export type { MetadataValue } from "./lineage.ts";
export {
  type FitRecord,
  LEARNED_FROM,
  type LeakReport,
  leaksInto,
  learnedFromColumn,
  type RowOrigin,
  refuseLeaks,
} from "./lineage.ts";
export { type Map2d, type MapOptions, map2d } from "./map-2d.ts";
export { type FittedStep, fitPipeline, type ProfileStep, parseStep, STEP_KINDS } from "./pipeline.ts";
export {
  column,
  type ProfileTable,
  profileTable,
  rowsWhere,
  type Selector,
  selectRows,
  textColumn,
} from "./profile-table.ts";
export {
  applySelection,
  type Completed,
  dropMissing,
  type FeatureSelection,
  fitSelection,
  type SelectionOptions,
} from "./select-features.ts";
export { fitSphere, type SphereOptions } from "./sphere.ts";
export {
  applyStandardise,
  type FitOptions,
  fitStandardise,
  type GroupScale,
  type ScaleMethod,
  type Standardisation,
} from "./standardise.ts";
