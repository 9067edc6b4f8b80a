// The only file that loads the native addon. It is loaded at first use, so that importing this room needs no LibTorch.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { addonMissing, tensorOpFailed } from "./errors.ts";

/** What the addon hands out for a tensor or a generator; only the addon can look inside. */
export interface NativeHandle {
  readonly __native: never;
}
/** A value that the addon takes as an operator's argument. */
export type NativeArgument =
  | NativeHandle
  | number
  | bigint
  | boolean
  | string
  | null
  | undefined
  | readonly (NativeHandle | number | boolean | string | null)[];

export interface SystemInfo {
  readonly libtorch: string;
  readonly cxx11Abi: boolean;
  /** LibTorch's own description of its build. */
  readonly config: string;
  /** LibTorch's own description of its thread pools. */
  readonly parallel: string;
  /** By affinity and by the container's share of CPU time. */
  readonly usableCores: number;
  /** 0 without a GPU, a CUDA build of LibTorch or a driver. */
  readonly cudaDevices: number;
  /** What each of them is. */
  readonly gpus: readonly { readonly name: string; readonly memoryBytes: number }[];
  /** Whether the addon has its own kernels for CUDA devices; it was built by nvcc then. */
  readonly cardKernels: boolean;
}

/** Live handles, the bytes they own, and how many were left to the garbage collector. */
export interface TensorStats {
  readonly live: number;
  readonly bytes: number;
  readonly collected: number;
}

/** How LibTorch computes, for the whole process; all but `deterministic` and `cpuKernels` concern CUDA devices alone. */
export interface DeviceSwitches extends LibtorchSwitches {
  /** Our kernels on CUDA devices, where the addon has them; off: LibTorch's operators. At first: on. */
  readonly cardKernels: boolean;
  /** The same on the CPU. At first: on. */
  readonly cpuKernels: boolean;
}
/** Those of LibTorch itself. */
interface LibtorchSwitches {
  /** Rounds the operands of float32 matrix products to 10 bits of mantissa, on cards that can. LibTorch's own: off. */
  readonly tf32Products: boolean;
  /** The same in cuDNN's convolutions. LibTorch's own: on. */
  readonly tf32Convolutions: boolean;
  /** cuDNN times its algorithms for each new size and takes the fastest. LibTorch's own: off. */
  readonly cudnnBenchmark: boolean;
  /** Only operators that repeat bit for bit; one without such a form throws. LibTorch's own: off. */
  readonly deterministic: boolean;
}

/** What this room needs of the addon. Anything with this form will do. */
export interface NativeAddon {
  /** `spare`: the handle of a tensor disposed of, which the one result then gets. */
  call(
    name: string,
    overload: string,
    args: readonly NativeArgument[],
    discard?: boolean,
    spare?: NativeHandle,
  ): unknown;
  grad(
    outputs: readonly NativeHandle[],
    inputs: readonly NativeHandle[],
    gradOutputs: readonly NativeHandle[] | null,
    createGraph: boolean,
    retainGraph: boolean,
    allowUnused: boolean,
  ): (NativeHandle | null)[];
  setGradEnabled(on: boolean): void;
  gradEnabled(): boolean;
  setRequiresGrad(tensor: NativeHandle, on: boolean): void;
  requiresGrad(tensor: NativeHandle): boolean;
  fromBuffer(data: ArrayBufferView, dtype: string, shape: readonly number[], share: boolean): NativeHandle;
  toBuffer(tensor: NativeHandle): ArrayBuffer;
  copyInto(tensor: NativeHandle, data: ArrayBufferView): void;
  mapFile(path: string, dtype: string, shape: readonly number[], byteOffset: number): NativeHandle;
  describe(tensor: NativeHandle): { shape: number[]; dtype: string; device: string };
  item(tensor: NativeHandle): number;
  /** Of a tensor or a generator. */
  dispose(handle: NativeHandle): void;
  newGenerator(seed: number, device: string): NativeHandle;
  generatorState(generator: NativeHandle): Uint8Array;
  setGeneratorState(generator: NativeHandle, state: Uint8Array): void;
  loadScript(path: string, device: string): NativeHandle;
  scriptArguments(script: NativeHandle): string[];
  runScript(script: NativeHandle, tensor: NativeHandle, flags: readonly string[]): NativeHandle;
  disposeScript(script: NativeHandle): void;
  threads(): number;
  setThreads(count: number): void;
  systemInfo(): SystemInfo;
  deviceSwitches(): LibtorchSwitches;
  setDeviceSwitches(
    tf32Products: boolean,
    tf32Convolutions: boolean,
    cudnnBenchmark: boolean,
    deterministic: boolean,
  ): void;
  loopOnCpu(on: boolean): void;
  distrustedConvolutions(): string[];
  spoilConvolutions(on: boolean): void;
  stats(): TensorStats;
}

const ADDON_PATH = fileURLToPath(new URL("../../build/Release/gandl.node", import.meta.url));
let loaded: NativeAddon | null = null;

/**
 * The addon, loaded at the first call.
 * @throws GanDlError `addon-missing` when it was not built or its LibTorch is gone.
 */
export function native(): NativeAddon {
  loaded ??= loadAddon(ADDON_PATH);
  return loaded;
}

/** Loads an addon from a path; apart from {@link native} only tests have a reason to. */
export function loadAddon(path: string): NativeAddon {
  try {
    // Read by the OpenMP runtime when it is loaded. Its default is to spin for milliseconds at every barrier, which on a machine
    // that does anything else beside training makes one step take ten times as long; this is some ten microseconds.
    process.env.GOMP_SPINCOUNT ??= "10000";
    // Read by cuBLAS when it starts; LibTorch refuses deterministic products on a CUDA device without it.
    process.env.CUBLAS_WORKSPACE_CONFIG ??= ":4096:8";
    return createRequire(import.meta.url)(path) as NativeAddon;
  } catch (cause) {
    throw addonMissing(path, cause);
  }
}

/** Runs `work`; an error of the addon becomes one GanDlError `tensor-op-failed` with operation and shapes. */
export function rethrowing<T>(work: (addon: NativeAddon) => T): T {
  const addon = native();
  try {
    return work(addon);
  } catch (error) {
    throw rewritten(error);
  }
}

/** Calls an operator; {@link rethrowing} without its closure, because a small operator costs no more than a few of those. */
export function callNative(name: string, overload: string, args: readonly NativeArgument[], discard: boolean): unknown {
  const addon = native();
  try {
    const spare = spares.at(-1);
    const result = addon.call(name, overload, args, discard, spare);
    if (spare !== undefined && result === spare) spares.pop();
    return result;
  } catch (error) {
    throw rewritten(error);
  }
}

/** Handles without a tensor, for those to come: making one and having it collected costs as much as a small operator. */
const spares: NativeHandle[] = [];
const MOST_SPARES = 4096;
let empty: NativeHandle | null = null;

/** Frees the tensor behind a handle. @returns what to hold in its place: a handle that never has a tensor again. */
export function disposeNative(handle: NativeHandle): NativeHandle {
  native().dispose(handle);
  if (empty === null) empty = handle;
  else if (spares.length < MOST_SPARES) spares.push(handle);
  return empty;
}

function rewritten(error: unknown): unknown {
  const ofAddon = error instanceof Error && "code" in error && (error.code === "LIBTORCH" || error.code === "NATIVE");
  return ofAddon ? tensorOpFailed(error) : error;
}
