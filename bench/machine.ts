// The two rates that everything else is held against, and what machine it was.
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

/** Where the figures come from. */
export function describeMachine() {
  const { libtorch, gpus } = systemInfo();
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    threads: threads(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    gpus: gpus.map(({ name }) => name),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    libtorch,
  };
}
