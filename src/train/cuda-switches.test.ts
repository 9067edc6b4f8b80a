import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type DeviceSwitches, deviceSwitches } from "../tensor/index.ts";
import { temporaryFolder, tinyConfig, trained, writeTinyDataset } from "./train.fixture.ts";

const root = temporaryFolder();
let dataset: string;
beforeAll(async () => {
  mkdirSync(join(root, "source"));
  dataset = await writeTinyDataset(join(root, "source"));
});

/** The switches as a run has them at its first step. */
async function during(name: string, cuda: object): Promise<DeviceSwitches | undefined> {
  const seen: DeviceSwitches[] = [];
  await trained({ config: tinyConfig(dataset, 1, { cuda }), out: join(root, name) }, ({ kind }) => {
    if (kind === "tick") seen.push(deviceSwitches());
  });
  return seen[0];
}

describe("the configuration's cuda.*", () => {
  const ON = {
    tf32Products: true,
    tf32Convolutions: true,
    cudnnBenchmark: true,
    deterministic: true,
    cardKernels: true,
    cpuKernels: true,
  };
  const OFF = {
    ...{ tf32Products: false, tf32Convolutions: false, cudnnBenchmark: false, deterministic: false },
    cardKernels: true,
    cpuKernels: true,
  };

  it("is what LibTorch is told for the length of a run, and not beyond", async () => {
    const before = deviceSwitches();
    expect(await during("tf32", { tf32: true, cudnnBenchmark: false })).toEqual({
      ...OFF,
      tf32Products: true,
      tf32Convolutions: true,
    });
    expect(deviceSwitches()).toEqual(before);
    expect(await during("default", {})).toEqual({ ...OFF, cudnnBenchmark: true });
    expect(await during("all", { tf32: true, cudnnBenchmark: true, deterministic: true })).toEqual(ON);
    expect(await during("libtorch", { kernels: false })).toEqual({ ...OFF, cudnnBenchmark: true, cardKernels: false });
    expect(await during("repeatable", { deterministic: true })).toEqual({ ...OFF, deterministic: true });
    expect(deviceSwitches()).toEqual(before);
  });

  it("is put back also after a run that was refused", async () => {
    const before = deviceSwitches();
    const config = tinyConfig(dataset, 1, { cuda: { tf32: true } });
    await expect(trained({ config, out: join(root, "tf32") })).rejects.toThrow(/already holds a run/);
    expect(deviceSwitches()).toEqual(before);
  });
});
