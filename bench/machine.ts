// The two rates that everything else is held against, and what machine it was.
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { ones, Rng, randn, systemInfo, type Tensor, threads } from "gan-dl/tensor";
import type { Variant } from "./row.ts";

const SIDE = 1024;
/** Far beyond any cache. */
const COPIED_VALUES = 16 * 1024 ** 2;

/** Floating-point operations of one reference product. */
export const referenceFlop = 2 * SIDE ** 3;
/** Bytes that one reference copy reads and writes. */
export const referenceBytes = 2 * 4 * COPIED_VALUES;

/** A variant that holds memory of its own. */
export interface ReferenceSample extends Variant {
  dispose(): void;
}

/** One product of two 1024² float32 matrices. */
export function productSample(): ReferenceSample {
  const rng = new Rng(1);
  const [a, b] = [randn([SIDE, SIDE], { rng }), randn([SIDE, SIDE], { rng })];
  return held("1024³ product", [a, b], () => a.matmul(b).dispose());
}

/** One copy of 64 MiB to other memory. */
export function copySample(): ReferenceSample {
  const [from, to] = [ones([COPIED_VALUES]), ones([COPIED_VALUES])]; // written, so that each has pages of its own
  return held("copy of 64 MiB", [from, to], () => to.copy_(from));
}

const held = (name: string, tensors: readonly Tensor[], run: () => unknown): ReferenceSample => ({
  ...{ name, amount: 1 },
  run: () => void run(),
  dispose: () => {
    for (const tensor of tensors) tensor.dispose();
  },
});

/** The widest vectors first: of these flags of Linux's, a processor's first says what its kernels can be. */
const INSTRUCTIONS = [
  ["amx_tile", "AMX"],
  ["avx512f", "AVX-512"],
  ["avx2", "AVX2"],
  ["avx", "AVX"],
] as const;

/**
 * `AMD EPYC (family 26 model 2, AVX-512)`: clouds hide the generation in the name, not in the numbers.
 * @param cpuinfo content of `/proc/cpuinfo`, empty where there is none.
 */
export function processorText(name: string, cpuinfo: string): string {
  const field = (key: string) => new RegExp(`^${key}\\s*: (.*)$`, "m").exec(cpuinfo)?.[1]?.trim();
  const flags = new Set(field("flags")?.split(" "));
  const [family, model] = [field("cpu family"), field("model")];
  const instructions = INSTRUCTIONS.find(([flag]) => flags.has(flag))?.[1];
  const parts = [
    ...(family && model ? [`family ${family} model ${model}`] : []),
    ...(instructions ? [instructions] : []),
  ];
  return parts.length === 0 ? name : `${name} (${parts.join(", ")})`;
}

/** Of LibTorch's description of its build; null where it has no oneDNN. */
export const oneDnnVersion = (config: string): string | null =>
  /(?:MKL-DNN|oneDNN) v([\d.]+)/.exec(config)?.[1] ?? null;

function cpuinfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return ""; // not Linux
  }
}

/** Where the figures come from. */
export function describeMachine() {
  const { libtorch, config, gpus } = systemInfo();
  return {
    cpu: processorText(cpus()[0]?.model.trim() ?? "unknown", cpuinfo()),
    cores: availableParallelism(),
    threads: threads(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    gpus: gpus.map(({ name }) => name),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    libtorch,
    oneDnn: oneDnnVersion(config),
  };
}
