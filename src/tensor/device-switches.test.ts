import { afterEach, describe, expect, it } from "vitest";
import { arange, callOp, type DeviceSwitches, deviceSwitches, setDeviceSwitches, TensorScope, zeros } from "./index.ts";
import { native } from "./native.ts";

/** What LibTorch starts with, and our kernels. */
const OWN: DeviceSwitches = {
  tf32Products: false,
  tf32Convolutions: true,
  cudnnBenchmark: false,
  deterministic: false,
  cardKernels: true,
  cpuKernels: true,
};
afterEach(() => void setDeviceSwitches(OWN));

describe("the switches of the device", () => {
  it("are LibTorch's own, and our kernels on, until they are changed", () => {
    expect(deviceSwitches()).toEqual(OWN);
  });

  for (const name of Object.keys(OWN) as (keyof DeviceSwitches)[])
    it(`${name} is set by itself, and put back`, () => {
      const before = setDeviceSwitches({ [name]: !OWN[name] });
      expect(before).toEqual(OWN);
      expect(deviceSwitches()).toEqual({ ...OWN, [name]: !OWN[name] });
      setDeviceSwitches(before);
      expect(deviceSwitches()).toEqual(OWN);
    });

  it("reach the operators: one that depends on the order of its threads is refused where all must repeat", () => {
    using _scope = new TensorScope();
    const put = () => callOp("aten::put_", "", [zeros([4]), arange(2, { dtype: "int64" }), zeros([2]).add(1), false]);
    put();
    setDeviceSwitches({ deterministic: true });
    expect(put).toThrow(/put_.*does not have a deterministic implementation/s);
  });

  it("are truth values and nothing else", () => {
    expect(() => setDeviceSwitches({ tf32Products: 1 as unknown as boolean })).toThrow(/tf32Products/);
    expect(deviceSwitches()).toEqual(OWN);
  });

  it("find cuBLAS told to repeat its sums before it could start", () => {
    native();
    expect(process.env.CUBLAS_WORKSPACE_CONFIG).toMatch(/^:(4096:8|16:8)$/);
  });
});
