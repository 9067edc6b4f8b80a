// How LibTorch and our kernels are to compute where there is a choice between speed, precision and results that repeat.
import { type DeviceSwitches, native, rethrowing } from "./native.ts";

// Asked for at every layer: here, because asking the addon costs as much as a small operator.
const ours = { cardKernels: true, cpuKernels: true, cpuLoops: false };
let isBuilt: boolean | null = null;

/** The switches as they stand. */
export const deviceSwitches = (): DeviceSwitches => ({
  ...native().deviceSwitches(),
  cardKernels: ours.cardKernels,
  cpuKernels: ours.cpuKernels,
});

/**
 * Changes switches, for all of the process from now on; those that are left out stay.
 * @returns the switches as they were, to be put back.
 * @example
 * ```ts
 * import { deviceSwitches, setDeviceSwitches } from "gan-dl/tensor";
 * const before = setDeviceSwitches({ tf32Products: true });
 * console.assert(deviceSwitches().tf32Products && deviceSwitches().deterministic === before.deterministic);
 * setDeviceSwitches(before);
 * ```
 */
export function setDeviceSwitches(changes: Partial<DeviceSwitches>): DeviceSwitches {
  const before = deviceSwitches();
  const { tf32Products, tf32Convolutions, cudnnBenchmark, deterministic, ...kernels } = { ...before, ...changes };
  rethrowing((addon) => addon.setDeviceSwitches(tf32Products, tf32Convolutions, cudnnBenchmark, deterministic));
  ours.cardKernels = kernels.cardKernels;
  ours.cpuKernels = kernels.cpuKernels;
  return before;
}

/** Whether maps on `device` are worked on by the kernels that are told by element: on cards, or in {@link loopOnCpu}. */
export function worksByElement(device: string): boolean {
  if (device === "cpu") return ours.cpuLoops && ours.cpuKernels;
  isBuilt ??= native().systemInfo().cardKernels;
  return isBuilt && ours.cardKernels && device.startsWith("cuda");
}

/** Whether maps in float32 and float64 on the CPU are worked on by the kernels that are blocked for its caches. */
export const worksBlocked = (device: string): boolean => device === "cpu" && ours.cpuKernels && !ours.cpuLoops;

/**
 * From now on the CPU does what a card's threads do, one after the other in a plain loop: so is their arithmetic tested where there is
 * no card. For the whole process; far slower than the CPU's own kernels.
 */
export function loopOnCpu(on: boolean): void {
  rethrowing((addon) => addon.loopOnCpu(on));
  ours.cpuLoops = on;
}
