import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { loopOnCpu, setThreads, systemInfo, tensorStats } from "../tensor/index.ts";
import { KERNEL_ERROR_LIMITS, kernelErrors, worstKernel } from "./index.ts";

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
const worstOf = (...args: Parameters<typeof kernelErrors>) => worstKernel(kernelErrors(...args))?.error;

describe("kernels held to float64 where they run", () => {
  for (const isLoop of [false, true])
    it(`are right on the CPU${isLoop ? ", element by element" : ""}, and leave nothing behind`, () => {
      loopOnCpu(isLoop);
      const before = tensorStats().live;
      expect(worstOf("cpu", "float32")).toBeLessThan(1e-5);
      expect(worstOf("cpu", "bfloat16")).toBeLessThan(KERNEL_ERROR_LIMITS.bfloat16 / 2);
      expect(tensorStats().live).toBe(before);
    });

  it("LibTorch's operators are right, too", () => {
    expect(worstOf("cpu", "float32", { libtorch: true })).toBeLessThan(1e-5);
  });

  it("the channel counts are those that were asked for", () => {
    const errors = kernelErrors("cpu", "float32", {
      channels: [
        [24, 32],
        [130, 5],
      ],
    });
    expect(new Set(errors.map(({ channels }) => channels.join()))).toEqual(new Set(["24,32", "130,5"]));
    expect(worstKernel(errors)?.error).toBeLessThan(1e-5);
    expect(worstKernel([])).toBeNull();
  });

  it.skipIf(!hasKernels)("are right on a CUDA device", () => {
    expect(worstOf("cuda:0", "float32")).toBeLessThan(KERNEL_ERROR_LIMITS.tf32 / 2);
    expect(worstOf("cuda:0", "bfloat16")).toBeLessThan(KERNEL_ERROR_LIMITS.bfloat16 / 2);
  });

  const STEPS = {
    scale_channels: "scaling of channels",
    activate: "activation",
    convolve: "3×3 convolution",
    convolve_up: "convolution that doubles",
    convolve_down: "convolution that halves",
    filter_grow: "convolution that halves",
    filter_shrink: "convolution that doubles",
    filter_up: "filter that doubles",
    filter_down: "filter that halves",
  };
  for (const [name, step] of Object.entries(STEPS))
    it(`name the wrong one: gandl::${name} of another size`, () => {
      loopOnCpu(true);
      spoilt.name = `gandl::${name}`;
      spoilt.by = 1.2;
      const wrong = kernelErrors("cpu", "float32").filter(({ error }) => error > KERNEL_ERROR_LIMITS.float32);
      expect(wrong.map(({ kernel }) => kernel)).toContain(step);
      spoilt.by = Number.NaN;
      expect(worstOf("cpu", "float32")).toBe(Number.POSITIVE_INFINITY);
    });
});
