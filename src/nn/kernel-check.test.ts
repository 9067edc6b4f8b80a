import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { loopOnCpu, setThreads, systemInfo, tensorStats } from "../tensor/index.ts";
import { KERNEL_ERROR_LIMIT, kernelError } from "./index.ts";

/** An operator whose results are spoilt, in the precision that is checked and not in the one it is checked against. */
const spoilt = vi.hoisted(() => ({ name: "", by: 1 }));
vi.mock("../tensor/index.ts", async (original) => {
  const actual = await original<typeof import("../tensor/index.ts")>();
  const op: typeof actual.op = (name, overload, ...args) => {
    const result = actual.op(name, overload, ...args);
    return name === spoilt.name && result.dtype !== "float64" ? result.mul(spoilt.by) : result;
  };
  return { ...actual, op };
});
beforeAll(() => setThreads(1));
afterEach(() => {
  spoilt.name = "";
  loopOnCpu(false);
});

const hasKernels = systemInfo().cudaDevices > 0 && systemInfo().cardKernels;

describe("kernels held to float64 where they run", () => {
  for (const isLoop of [false, true])
    it(`are right on the CPU${isLoop ? ", element by element" : ""}, and leave nothing behind`, () => {
      loopOnCpu(isLoop);
      const before = tensorStats().live;
      expect(kernelError("cpu", "float32")).toBeLessThan(1e-5);
      expect(kernelError("cpu", "bfloat16")).toBeLessThan(KERNEL_ERROR_LIMIT / 2);
      expect(tensorStats().live).toBe(before);
    });

  it.skipIf(!hasKernels)("are right on a CUDA device", () => {
    for (const dtype of ["float32", "bfloat16"] as const)
      expect(kernelError("cuda:0", dtype)).toBeLessThan(KERNEL_ERROR_LIMIT / 2);
  });

  const OPERATORS = ["scale_channels", "activate", "convolve_up", "convolve_down", "filter_grow", "filter_shrink"];
  for (const name of [...OPERATORS, "filter_up", "filter_down"])
    it(`are told from wrong ones: ${name} of another size`, () => {
      loopOnCpu(true);
      spoilt.name = `gandl::${name}`;
      spoilt.by = 2;
      expect(kernelError("cpu", "float32")).toBeGreaterThan(2 * KERNEL_ERROR_LIMIT);
      spoilt.by = Number.NaN;
      expect(kernelError("cpu", "float32")).toBe(Number.POSITIVE_INFINITY);
    });
});
