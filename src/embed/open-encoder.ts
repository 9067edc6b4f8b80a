// From a checkpoint to an encoder that runs.
import type { Tap } from "../schema/index.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Encoder } from "./encoder.ts";
import { exportEncoderBeside } from "./encoder-file.ts";
import { openLibtorchEncoder } from "./libtorch-encoder.ts";
import { type OnnxEncoderOptions, openOnnxEncoder } from "./onnx-encoder.ts";

/**
 * Opens a checkpoint's encoder by the runtime asked for, exporting it first where that needs it.
 * @throws GanDlError `checkpoint-mismatch`, `bad-safetensors`, `bad-onnx`, `cannot-write`.
 */
export async function openEncoder(
  checkpoint: Checkpoint,
  taps: readonly Tap[],
  runtime: Encoder["runtime"],
  options: OnnxEncoderOptions = {},
): Promise<Encoder> {
  if (runtime === "libtorch") return openLibtorchEncoder(checkpoint, taps);
  return openOnnxEncoder(await exportEncoderBeside(checkpoint), taps, options);
}
