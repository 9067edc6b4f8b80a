// How LibTorch is to compute where it has a choice between speed, precision and results that repeat.
import { type DeviceSwitches, native, rethrowing } from "./native.ts";

/** The switches as they stand. */
export const deviceSwitches = (): DeviceSwitches => native().deviceSwitches();

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
  const { tf32Products, tf32Convolutions, cudnnBenchmark, deterministic } = { ...before, ...changes };
  rethrowing((addon) => addon.setDeviceSwitches(tf32Products, tf32Convolutions, cudnnBenchmark, deterministic));
  return before;
}
