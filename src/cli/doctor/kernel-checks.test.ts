import { describe, expect, it } from "vitest";
import type { kernelErrors } from "../../nn/index.ts";
import { kernelChecks } from "./kernel-checks.ts";

/** Answers by dtype; no shape is distrusted. */
function answering(float32: number, bfloat16 = 0.03, distrusted: readonly string[] = []) {
  const asked: string[] = [];
  const errorsOf: typeof kernelErrors = (device, dtype) => {
    asked.push(`${device} ${dtype}`);
    const error = dtype === "float32" ? float32 : bfloat16;
    return [
      { kernel: "activation", channels: [8, 8], error: 1e-7 },
      { kernel: "1×1 convolution", channels: [8, 16], error },
    ];
  };
  return { asked, questions: { errorsOf, distrusted: () => distrusted } };
}

describe("the doctor's look at our kernels", () => {
  it("measures this machine's on the CPU, and what they ask of LibTorch", async () => {
    const [cpu, convolutions] = await kernelChecks({ cudaDevices: 0, cardKernels: false });
    expect(cpu).toMatchObject({ name: "kernels", status: "pass" });
    expect(cpu?.detail).toMatch(/^layers and their derivatives against float64: float32 \de-[67]$/);
    expect(["pass", "warning"]).toContain(convolutions?.status); // a LibTorch that is wrong here is no fault of this test
  });

  it("measures each GPU's, in both precisions", async () => {
    const { asked, questions } = answering(2e-6);
    const checks = await kernelChecks({ cudaDevices: 2, cardKernels: true }, questions);
    expect(asked).toEqual(["cpu float32", "cuda:0 float32", "cuda:0 bfloat16", "cuda:1 float32", "cuda:1 bfloat16"]);
    expect(checks.map(({ name, status }) => `${name}: ${status}`)).toEqual([
      "kernels: pass",
      "convolutions: pass",
      "kernels on cuda:0: pass",
      "kernels on cuda:1: pass",
    ]);
    expect(checks[2]?.detail).toBe("layers and their derivatives against float64: float32 2e-6, bfloat16 3e-2");
  });

  it("says how to get kernels for a GPU that has none, and names wrong ones", async () => {
    const [, , unbuilt] = await kernelChecks({ cudaDevices: 1, cardKernels: false }, answering(2e-6).questions);
    expect(unbuilt).toMatchObject({ status: "warning", fix: expect.stringMatching(/nvcc.*npm run setup/) });
    const [cpu, , wrong] = await kernelChecks({ cudaDevices: 1, cardKernels: true }, answering(0.003, 0.4).questions);
    expect(wrong).toMatchObject({ status: "fail", fix: expect.stringMatching(/report.*LibTorch's operators/) });
    expect(wrong?.detail).toMatch(
      /bfloat16 4e-1; wrong: 1×1 convolution in float32 \(at most 0\.0001 is rounding\), 1×1 convolution in bfloat16 \(at most 0\.1/,
    );
    expect(cpu).toMatchObject({ status: "fail", fix: expect.stringMatching(/npm run setup.*report/) });
  });

  it("names a shape on which LibTorch is wrong", async () => {
    const { questions } = answering(2e-6, 0.03, ["1×1 convolution, forward, of [2,8,12,12] and [72,8,1,1]", "another"]);
    const [, convolutions] = await kernelChecks({ cudaDevices: 0, cardKernels: false }, questions);
    expect(convolutions).toMatchObject({
      name: "convolutions",
      status: "warning",
      fix: expect.stringMatching(/LIBTORCH=DIR/),
    });
    expect(convolutions?.detail).toMatch(/WRONG on 2 of the shapes asked.*\[72,8,1,1\]/);
  });

  it("counts a number that is none as wrong, and a kernel that does not start as a failure", async () => {
    const [nan] = await kernelChecks(
      { cudaDevices: 0, cardKernels: false },
      answering(Number.POSITIVE_INFINITY).questions,
    );
    expect(nan?.status).toBe("fail");
    const [thrown] = await kernelChecks(
      { cudaDevices: 0, cardKernels: false },
      {
        distrusted: () => [],
        errorsOf: () => {
          throw new Error("invalid device function");
        },
      },
    );
    expect(thrown).toMatchObject({ status: "fail", detail: "invalid device function" });
  });
});
