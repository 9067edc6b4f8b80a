import { systemInfo } from "gan-dl/tensor";
import { describe, expect, it } from "vitest";
import { describeMachine, oneDnnVersion, processorText } from "./machine.ts";

const cpuinfo = (flags: string) => `processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 26
model\t\t: 2
model name\t: AMD EPYC
flags\t\t: fpu ${flags}

processor\t: 1
cpu family\t: 99
`;

describe("the machine", () => {
  it("is told by family, model and widest vectors, which its name hides", () => {
    expect(processorText("AMD EPYC", cpuinfo("avx avx2 avx512f"))).toBe("AMD EPYC (family 26 model 2, AVX-512)");
    expect(processorText("Xeon", cpuinfo("avx avx2 avx512f amx_tile"))).toBe("Xeon (family 26 model 2, AMX)");
    expect(processorText("AMD EPYC", cpuinfo("avx avx2"))).toBe("AMD EPYC (family 26 model 2, AVX2)");
    expect(processorText("old", cpuinfo("sse2"))).toBe("old (family 26 model 2)");
  });

  it("keeps to its name where Linux says no more, or there is no Linux", () => {
    expect(processorText("Neoverse-N1", "processor\t: 0\nFeatures\t: fp asimd\n")).toBe("Neoverse-N1");
    expect(processorText("Apple M3", "")).toBe("Apple M3");
  });

  it("has the oneDNN that LibTorch was built with", () => {
    expect(oneDnnVersion("  - Intel(R) MKL-DNN v2.6.3 (Git Hash N/A)\n")).toBe("2.6.3");
    expect(oneDnnVersion("  - oneDNN v3.13.3\n")).toBe("3.13.3");
    expect(oneDnnVersion("  - LAPACK is enabled\n")).toBeNull();
    expect(describeMachine().oneDnn).toBe(oneDnnVersion(systemInfo().config));
  });
});
