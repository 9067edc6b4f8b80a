// Every kernel of ours, its first and its second derivatives against LibTorch's operators in float64, at sizes that nobody thought of.
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { cat, loopOnCpu, Rng, setThreads, TensorScope } from "../tensor/index.ts";
import { drawOperands, type Operands, stepErrors } from "./kernel-check.ts";

beforeAll(() => setThreads(1));
afterEach(() => {
  setThreads(1);
  loopOnCpu(false);
});

/** Any count, and more often those at which vectors, packs and blocks of channels end. */
const channelCount = fc.oneof(
  fc.integer({ min: 1, max: 130 }),
  fc.constantFrom(1, 3, 5, 8, 16, 17, 24, 32, 33, 48, 64, 65, 72, 96, 128),
);
const evenSide = fc.integer({ min: 1, max: 10 }).map((half) => 2 * half);
const size = fc.record({
  channels: fc.tuple(channelCount, channelCount),
  batch: fc.integer({ min: 1, max: 5 }),
  height: evenSide,
  width: evenSide,
  seed: fc.nat(),
  order: fc.constantFrom("contiguous", "channels_last", "turned", "part"),
  threads: fc.constantFrom(1, 1, 2),
});

/** The same numbers, lying otherwise in memory. */
function lyingAs(order: "contiguous" | "channels_last" | "turned" | "part", operands: Operands): Operands {
  const lay = (tensor: Operands["x"]) => {
    if (tensor.shape.length !== 4 || order === "contiguous") return tensor;
    if (order === "channels_last") return tensor.contiguous({ memoryFormat: "channels_last" });
    if (order === "turned") return tensor.permute([3, 2, 1, 0]).contiguous().permute([3, 2, 1, 0]);
    const wide = cat([tensor, tensor], 1); // every second half of a larger tensor's channels
    return wide.slice(1, 0, tensor.shape[1] ?? 0);
  };
  const { x, weight, point, noise } = operands;
  return { ...operands, x: lay(x), weight: lay(weight), point: lay(point), noise: lay(noise) };
}

/** What rounding may make of a value, of its size; a leaky ReLU in bfloat16 rounds some values to the other side of its kink. */
const ROUNDING = { float32: 1e-5, float64: 1e-12, bfloat16: 0.2 } as const;

describe.each([
  ["blocked for a CPU", false],
  ["element by element", true],
])("kernels %s, at any size, order and number of threads", (_, isLoop) => {
  for (const [dtype, runs] of [
    ["float32", isLoop ? 15 : 40],
    ["float64", 10],
    ["bfloat16", 10],
  ] as const)
    it(`are as in float64 up to rounding: ${dtype}`, () => {
      fc.assert(
        fc.property(size, ({ seed, order, threads, ...sides }) => {
          using _scope = new TensorScope();
          setThreads(threads);
          loopOnCpu(isLoop);
          const operands = lyingAs(order, drawOperands(sides, new Rng(seed)));
          const errors = stepErrors(operands, { device: "cpu", dtype, libtorch: false });
          for (const [step, error] of Object.entries(errors)) expect(error, step).toBeLessThan(ROUNDING[dtype]);
        }),
        { numRuns: runs },
      );
    });
});
