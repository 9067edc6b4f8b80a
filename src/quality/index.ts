// How good generated images are: fixed feature networks, and real against generated images in their features.
export type { Comparison, FeatureSet } from "./compare-sets.ts";
export type { FeatureExtractor, GreyImages, ImageForm } from "./feature-extractor.ts";
export { libtorchProducts } from "./libtorch-products.ts";
export { type MeasureQualityOptions, measureQuality } from "./measure-quality.ts";
export type { NetworkInput } from "./network-extractor.ts";
export { onnxExtractor } from "./onnx-extractor.ts";
export { openExtractor } from "./open-extractor.ts";
export { randomConvExtractor } from "./random-conv-extractor.ts";
export {
  type QualityProgress,
  type RealReference,
  type RealReferenceOptions,
  realReference,
} from "./real-reference.ts";
export { type GeneratorScores, type ScoreOptions, scoreGenerator } from "./score-generator.ts";
export { type TorchscriptInput, torchscriptExtractor } from "./torchscript-extractor.ts";
