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
