// From a checkpoint and a data set to an embedding.
export { aggregateTiles } from "./aggregate-tiles.ts";
export { type Checkpoint, readEncoderWeights, resolveCheckpoint } from "./checkpoint.ts";
export { type Embedding, type EmbedEvent, type EmbedOptions, embedDataset } from "./embed-dataset.ts";
export { embeddingPath } from "./embedding-files.ts";
export type { Encoder, Features } from "./encoder.ts";
export { exportEncoderBeside, readEncoderHeader } from "./encoder-file.ts";
export { type CutterOptions, ImageCutter } from "./image-cutter.ts";
export { openDiscriminator, openLibtorchEncoder } from "./libtorch-encoder.ts";
export { type ChannelSource, type MatchOptions, matchChannels, type PanelChannel } from "./match-channels.ts";
export { type EncoderWeights, encoderGraph } from "./onnx/encoder-graph.ts";
export { withOutputs } from "./onnx/graph.ts";
export { type OnnxEncoderOptions, openOnnxEncoder } from "./onnx-encoder.ts";
export { type OpenEncoderOptions, openEncoder } from "./open-encoder.ts";
export { planTiles, type TileOptions, type TilePlan } from "./plan-tiles.ts";
export { resizeFactor } from "./resize-factor.ts";
export { type Structure, structureOf } from "./stain-names.ts";
export { tapWidths } from "./tap-widths.ts";
export { tilesPerRun } from "./tiles-per-run.ts";
