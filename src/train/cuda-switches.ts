// A configuration's cuda.* as LibTorch's switches, and our kernels for cards before a run trusts them.
import { KERNEL_ERROR_LIMIT, kernelError } from "../nn/index.ts";
import type { ResolvedTrainConfig } from "../schema/index.ts";
import { type DeviceSwitches, worksByElement } from "../tensor/index.ts";
import { cardKernelsWrong } from "./errors.ts";

/** What `setDeviceSwitches` is told for the length of a run. */
export const switchesOf = ({
  cuda: { tf32, kernels, ...others },
}: Pick<ResolvedTrainConfig, "cuda">): DeviceSwitches => ({
  ...others,
  cardKernels: kernels,
  tf32Products: tf32,
  tf32Convolutions: tf32,
});

/**
 * Holds the kernels for cards to float64 where a run is about to use them; milliseconds. Does nothing where it will not.
 * @throws GanDlError `card-kernels-wrong`.
 */
export function checkCardKernels({ device, precision }: Pick<ResolvedTrainConfig, "device" | "precision">): void {
  if (!worksByElement(device)) return;
  const dtypes = precision.kind === "bfloat16" ? (["float32", "bfloat16"] as const) : (["float32"] as const);
  for (const dtype of dtypes) {
    const error = kernelError(device, dtype);
    if (error > KERNEL_ERROR_LIMIT) throw cardKernelsWrong(device, dtype, error);
  }
}
