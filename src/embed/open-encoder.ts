// From a checkpoint to an encoder that runs.
import type { Tap } from "../schema/index.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Encoder } from "./encoder.ts";
import { exportEncoderBeside } from "./encoder-file.ts";
import { deviceNeedsLibtorch } from "./errors.ts";
import { openLibtorchEncoder } from "./libtorch-encoder.ts";
import { type OnnxEncoderOptions, openOnnxEncoder } from "./onnx-encoder.ts";

export interface OpenEncoderOptions extends OnnxEncoderOptions {
  /** `cpu`, or with LibTorch `cuda:0`. @default "cpu" */
  readonly device?: string;
}

/**
 * Opens a checkpoint's encoder by the runtime asked for, exporting it first where that needs it.
 * @throws GanDlError `checkpoint-mismatch`, `bad-safetensors`, `bad-onnx`, `cannot-write`, `no-device`, `device-needs-libtorch`.
 */
export async function openEncoder(
  checkpoint: Checkpoint,
  taps: readonly Tap[],
  runtime: Encoder["runtime"],
  { device = "cpu", ...options }: OpenEncoderOptions = {},
): Promise<Encoder> {
  if (runtime === "libtorch") return openLibtorchEncoder(checkpoint, taps, device);
  if (device !== "cpu") throw deviceNeedsLibtorch(device);
  return openOnnxEncoder(await exportEncoderBeside(checkpoint), taps, options);
}
