// From a checkpoint and a data set to an embedding.
export {
  type Checkpoint,
  exportEncoderBeside,
  readEncoderHeader,
  readEncoderWeights,
  resolveCheckpoint,
} from "./checkpoint.ts";
export { aggregateTiles, type EmbedEvent, type EmbedOptions, embedDataset, mapChannels } from "./embed-dataset.ts";
export { type Encoder, openEncoder, openLibtorchEncoder, openOnnxEncoder } from "./encoder.ts";
export { type EncoderWeights, encoderGraph } from "./onnx/encoder-graph.ts";
