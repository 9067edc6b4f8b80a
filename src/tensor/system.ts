// What LibTorch runs on, and what it holds.
import { native, rethrowing, type SystemInfo, type TensorStats } from "./native.ts";

/** Live tensors and the bytes they own, over the whole process. */
export const tensorStats = (): TensorStats => native().stats();
/** Threads that one operation may use; all usable cores unless changed. */
export const threads = (): number => native().threads();
/** @param count at least 1. */
export const setThreads = (count: number): void => rethrowing((addon) => addon.setThreads(count));
/** Version, build and devices of the LibTorch that is loaded. */
export const systemInfo = (): SystemInfo => native().systemInfo();

/**
 * The shapes on which LibTorch's convolutions were found wrong so far in this process, in words; products of matrices take their place.
 * Each shape is held to float64 when it is met first (native/kernels/trust.h). Empty where LibTorch is right.
 */
export const distrustedConvolutions = (): readonly string[] => native().distrustedConvolutions();
/** From now on LibTorch's convolutions come back wrong, and what was known of shapes is forgotten. For tests; for the whole process. */
export const spoilConvolutions = (on: boolean): void => rethrowing((addon) => addon.spoilConvolutions(on));
