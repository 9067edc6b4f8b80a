// A configuration's cuda.* as LibTorch's switches.
import type { ResolvedTrainConfig } from "../schema/index.ts";
import type { DeviceSwitches } from "../tensor/index.ts";

/** What `setDeviceSwitches` is told for the length of a run. */
export const switchesOf = ({
  cuda: { tf32, kernels, ...others },
}: Pick<ResolvedTrainConfig, "cuda">): Omit<DeviceSwitches, "cpuKernels"> => ({
  ...others,
  cardKernels: kernels,
  tf32Products: tf32,
  tf32Convolutions: tf32,
});
