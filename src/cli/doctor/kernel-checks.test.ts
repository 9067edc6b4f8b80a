import { describe, expect, it } from "vitest";
import { kernelChecks } from "./kernel-checks.ts";

describe("the doctor's look at our kernels", () => {
  it("measures this machine's on the CPU", async () => {
    const [cpu] = await kernelChecks({ cudaDevices: 0, cardKernels: false });
    expect(cpu).toMatchObject({ name: "kernels", status: "pass" });
    expect(cpu?.detail).toMatch(/^layers and their derivatives against float64: float32 \de-[67]$/);
  });

  it("measures each card's, in both precisions", async () => {
    const asked: string[] = [];
    const checks = await kernelChecks({ cudaDevices: 2, cardKernels: true }, (device, dtype) => {
      asked.push(`${device} ${dtype}`);
      return dtype === "float32" ? 2e-6 : 0.03;
    });
    expect(asked).toEqual(["cpu float32", "cuda:0 float32", "cuda:0 bfloat16", "cuda:1 float32", "cuda:1 bfloat16"]);
    expect(checks.map(({ name, status }) => `${name}: ${status}`)).toEqual([
      "kernels: pass",
      "kernels on cuda:0: pass",
      "kernels on cuda:1: pass",
    ]);
    expect(checks[1]?.detail).toBe("layers and their derivatives against float64: float32 2e-6, bfloat16 3e-2");
  });

  it("says how to get kernels for a card that has none, and how to train without wrong ones", async () => {
    const [, unbuilt] = await kernelChecks({ cudaDevices: 1, cardKernels: false });
    expect(unbuilt).toMatchObject({ status: "warning", fix: expect.stringMatching(/nvcc.*npm run setup/) });
    const [cpu, wrong] = await kernelChecks({ cudaDevices: 1, cardKernels: true }, () => 0.4);
    expect(wrong).toMatchObject({ status: "fail", fix: expect.stringMatching(/cuda\.kernels=false.*report/) });
    expect(wrong?.detail).toMatch(/bfloat16 4e-1; at most 0\.1 is rounding/);
    expect(cpu).toMatchObject({ status: "fail", fix: expect.stringMatching(/npm run setup.*report/) });
  });

  it("counts a number that is none as wrong, and a kernel that does not start as a failure", async () => {
    const [nan] = await kernelChecks({ cudaDevices: 0, cardKernels: false }, () => Number.POSITIVE_INFINITY);
    expect(nan?.status).toBe("fail");
    const [thrown] = await kernelChecks({ cudaDevices: 0, cardKernels: false }, () => {
      throw new Error("invalid device function");
    });
    expect(thrown).toMatchObject({ status: "fail", detail: "invalid device function" });
  });
});
