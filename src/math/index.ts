// Pure numerics on typed arrays: no files, no tensors, no `node:`.
export { averagePrecision, randomAveragePrecisions } from "./average-precision.ts";
export { type BootstrapInterval, type ClusterBootstrap, clusterBootstrap } from "./bootstrap.ts";
export { fTail, logGamma, normalQuantile, normalTail, regularisedBeta, tTwoSided } from "./distributions.ts";
export {
  type DoseResponseCurve,
  type DoseResponseOptions,
  doseResponseCurve,
  type RefusalCode,
} from "./dose-response-curve.ts";
export { type DotProducts, dotProducts, type FeatureRows } from "./dot-products.ts";
export { frechetDistance } from "./frechet-distance.ts";
export { type KernelDistance, type KernelDistanceOptions, kernelDistance, squaredMmd } from "./kernel-distance.ts";
export { fitLinearDiscriminant, type LinearDiscriminant } from "./linear-discriminant.ts";
export {
  decisionValues,
  fitLinearSvm,
  fitLinearSvmPath,
  type LabelledRows,
  type LinearSvm,
  type LinearSvmOptions,
} from "./linear-svm.ts";
export {
  fitLogLogistic,
  type LogLogistic,
  type LogLogisticFit,
  type LogLogisticOptions,
  logLogistic,
} from "./log-logistic.ts";
export { fitLogistic, type LogisticOptions } from "./logistic-regression.ts";
export { benjaminiHochberg } from "./multiple-tests.ts";
export { fitOneVsRest, fitOneVsRestPath, type OneVsRest, predictClasses } from "./one-vs-rest.ts";
export { type PairedFigure, type PairedIntervals, pairedBootstrap } from "./paired-bootstrap.ts";
export { fitPca, type Pca, projectPca, reconstructPca } from "./pca.ts";
export { perceptualPathLength } from "./perceptual-path-length.ts";
export {
  compareManifolds,
  fitManifold,
  type Manifold,
  type ManifoldOptions,
  precisionRecall,
} from "./precision-recall.ts";
export {
  CELL_MAP,
  type MapSize,
  type PatchGrid,
  projectMap,
  type RegionAuc,
  regionAuc,
  resizeMap,
  spreadPatches,
} from "./region-map.ts";
export {
  type Grit,
  type GroupPrecision,
  gritScores,
  type PercentReplicating,
  percentReplicating,
  precisionRecallAtK,
  type ReplicateReproducibility,
  replicateReproducibility,
} from "./replicate-similarity.ts";
export {
  accuracy,
  balancedAccuracy,
  confusionMatrix,
  macroF1,
  type RankedScores,
  rankScores,
  rocAuc,
  weightedAuc,
} from "./roc.ts";
export { multiplyRows, type Scatter, scatterOf } from "./row-products.ts";
export { type Moments, momentsOf, RunningMoments } from "./running-moments.ts";
export { applyWhitening, fitShrunkWhitening, type ShrunkWhitening } from "./shrunk-whitening.ts";
export { type SignTestInterval, signTestInterval, signTestRank } from "./sign-test.ts";
export { eachSimilarity, type SimilarityKind, unitRows } from "./similarity.ts";
export {
  kendallTau,
  mean,
  median,
  quantile,
  rankCorrelation,
  ranks,
  robustSpread,
  sortedQuantile,
  standardDeviation,
} from "./statistics.ts";
export type { SvmLoss } from "./svm-problem.ts";
export { type SymmetricEigen, symmetricEigen, symmetricEigenvalues } from "./symmetric-eigen.ts";
export { symmetricPower } from "./symmetric-power.ts";
