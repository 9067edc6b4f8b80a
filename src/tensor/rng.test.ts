import { describe, expect, it } from "vitest";
import { isGanDlError } from "../core/errors.ts";
import { noDevice } from "./errors.ts";
import { Rng, systemInfo } from "./index.ts";

const messageFor = (device: string): string => {
  try {
    new Rng(1, device).dispose();
  } catch (error) {
    if (isGanDlError(error, "no-device")) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
};

describe("a generator on a device that is not there", () => {
  it("is refused with the devices that there are", () => {
    for (const device of ["cuda:99", "gpu"]) {
      expect(messageFor(device)).toContain(`There is no device '${device}' here.`);
      expect(messageFor(device)).toContain("fix: use cpu, or a device that `gandl doctor` shows.");
    }
    const seen = systemInfo().cudaDevices === 0 ? "sees no CUDA device" : `sees ${systemInfo().cudaDevices} of CUDA`;
    expect(messageFor("cuda:99")).toContain(`a device is called cpu, or cuda:0 and so on; LibTorch ${seen}`);
  });

  it("is told how many there are, and why there may be none", () => {
    expect(noDevice("cuda:4", 2, null).message).toContain("LibTorch sees 2 of CUDA.");
    expect(noDevice("cuda:0", 0, null).message).toContain("its build has no CUDA, or there is no card or driver.");
  });
});
