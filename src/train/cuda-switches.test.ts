import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type DeviceSwitches, deviceSwitches, loopOnCpu } from "../tensor/index.ts";
import { temporaryFolder, tinyConfig, trained, writeTinyDataset } from "./train.fixture.ts";

const measured = vi.hoisted(() => ({ asked: [] as string[], error: 1e-6 }));
vi.mock("../nn/index.ts", async (original) => ({
  ...(await original<typeof import("../nn/index.ts")>()),
  kernelError: (device: string, dtype: string) => {
    measured.asked.push(`${dtype} on ${device}`);
    return dtype === "bfloat16" ? measured.error : 1e-6;
  },
}));
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
  };
  const OFF = {
    ...{ tf32Products: false, tf32Convolutions: false, cudnnBenchmark: false, deterministic: false },
    cardKernels: true,
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

describe("kernels for cards, before a run uses them", () => {
  afterEach(() => loopOnCpu(false));
  const run = (name: string, precision: "float32" | "bfloat16") => {
    measured.asked.length = 0;
    return trained({ config: tinyConfig(dataset, 1, { precision: { kind: precision } }), out: join(root, name) });
  };

  it("are measured in the run's precisions, and not where they are not used", async () => {
    await run("cpu", "bfloat16");
    expect(measured.asked).toEqual([]);
    loopOnCpu(true); // the CPU does what a card does
    await run("plain", "float32");
    expect(measured.asked).toEqual(["float32 on cpu"]);
    await run("mixed", "bfloat16");
    expect(measured.asked).toEqual(["float32 on cpu", "bfloat16 on cpu"]);
  });

  it("end it at once when they are wrong, with the way around them; the folder can be used again", async () => {
    loopOnCpu(true);
    measured.error = 0.5;
    await expect(run("wrong", "bfloat16")).rejects.toThrow(
      /our kernels give wrong numbers on cpu\.\n.*layers in bfloat16 are off by 0\.50 of their size.*\n.*--set cuda\.kernels=false/,
    );
    measured.error = 0.01;
    expect((await run("wrong", "bfloat16")).at(-1)).toMatchObject({ kind: "finished", step: 1 });
  });
});
