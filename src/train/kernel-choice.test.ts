import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Provenance } from "../schema/index.ts";
import { deviceSwitches, loopOnCpu, setDeviceSwitches, setThreads, spoilConvolutions } from "../tensor/index.ts";
import { channelsOf } from "./kernel-choice.ts";
import { temporaryFolder, tinyConfig, trained, writeTinyDataset } from "./train.fixture.ts";

type Question = readonly [dtype: string, whose: "own" | "libtorch"];
const measured = vi.hoisted(() => ({ asked: [] as Question[], errorOf: (_: Question): number => 1e-6, isReal: false }));
vi.mock("../nn/index.ts", async (original) => {
  const actual = await original<typeof import("../nn/index.ts")>();
  const kernelErrors: typeof actual.kernelErrors = (device, dtype, options = {}) => {
    const question: Question = [dtype, options.libtorch ? "libtorch" : "own"];
    measured.asked.push(question);
    if (measured.isReal) return actual.kernelErrors(device, dtype, options);
    return (options.channels ?? []).map((channels) => ({
      kernel: "1×1 convolution",
      channels,
      error: measured.errorOf(question),
    }));
  };
  return { ...actual, kernelErrors };
});

const root = temporaryFolder();
let dataset: string;
beforeAll(async () => {
  setThreads(1);
  mkdirSync(join(root, "source"));
  dataset = await writeTinyDataset(join(root, "source"));
});
beforeEach(() => {
  measured.asked.length = 0;
  measured.errorOf = () => 1e-6;
  measured.isReal = false;
});
afterEach(() => {
  loopOnCpu(false);
  spoilConvolutions(false);
});

const run = (name: string, changes: object = {}) =>
  trained({ config: tinyConfig(dataset, 1, changes), out: join(root, name) });
const kernelsOf = (name: string) =>
  Provenance.parse(JSON.parse(readFileSync(join(root, name, "provenance.json"), "utf8"))).kernels;
const BFLOAT16 = { precision: { kind: "bfloat16" } };

describe("kernels, before a run uses them", () => {
  it("are held to float64 on the CPU too, in the run's precisions; provenance.json says which are used", async () => {
    const events = await run("plain");
    expect(measured.asked).toEqual([["float32", "own"]]);
    expect(kernelsOf("plain")).toEqual({ used: "own", wrong: [], distrusted: [] });
    expect(events.some(({ kind }) => kind === "kernels")).toBe(false);
    measured.asked.length = 0;
    await run("mixed", BFLOAT16);
    expect(measured.asked).toEqual([
      ["float32", "own"],
      ["bfloat16", "own"],
    ]);
  });

  it("are asked for at the channel counts of the run's own networks", async () => {
    const shape = {
      kind: "stylegan2",
      resolutionPx: 16,
      imageChannels: 5,
      latentDim: 8,
      styleDim: 8,
      mappingLayers: 2,
    } as const;
    const pairs = channelsOf({ ...shape, channelBase: 128, channelMax: 24, minibatchStdGroup: 4 });
    const said = pairs.map((pair) => pair.join(" to "));
    for (const pair of ["5 to 8", "8 to 5", "24 to 24", "16 to 8", "8 to 16", "25 to 24"]) expect(said).toContain(pair);
    expect(new Set(said).size).toBe(said.length);
  });

  it("give way to LibTorch's operators where only those are right: loudly, for the length of the run", async () => {
    const before = deviceSwitches();
    measured.errorOf = ([, whose]) => (whose === "own" ? 0.22 : 1e-6);
    let during = before;
    const events = await trained({ config: tinyConfig(dataset, 1), out: join(root, "fallback") }, ({ kind }) => {
      if (kind === "tick") during = deviceSwitches();
    });
    expect(during).toMatchObject({ cpuKernels: false });
    expect(deviceSwitches()).toEqual(before);
    const wrong = /^1×1 convolution, \d+ to \d+ channels in float32: off by 0\.22 of its size$/;
    expect(events.find(({ kind }) => kind === "kernels")).toMatchObject({
      used: "libtorch",
      wrong: [expect.stringMatching(wrong)],
    });
    expect(kernelsOf("fallback")).toMatchObject({ used: "libtorch", wrong: [expect.stringMatching(wrong)] });
    expect(events.at(-1)).toMatchObject({ kind: "finished", step: 1 });
  });

  it("that are off from the start are not asked for: LibTorch's operators are, and the record says whose were used", async () => {
    const before = setDeviceSwitches({ cpuKernels: false });
    await run("off").finally(() => setDeviceSwitches(before));
    expect(measured.asked).toEqual([["float32", "libtorch"]]);
    expect(kernelsOf("off")).toEqual({ used: "libtorch", wrong: [], distrusted: [] });
  });

  it("end the run where neither is right, naming both; the folder can be used again", async () => {
    measured.errorOf = ([dtype]) => (dtype === "bfloat16" ? 0.5 : 1e-6);
    await expect(run("wrong", BFLOAT16)).rejects.toThrow(
      /this LibTorch gives wrong numbers on cpu: 1×1 convolution.*in bfloat16: off by 0\.50 of its size\.\n.*our own kernels are wrong there, too.*\n.*LIBTORCH=DIR npm run setup/,
    );
    measured.errorOf = () => 0.01;
    await expect(run("wrong", {})).rejects.toThrow(/in float32: off by 0\.010/); // rounding in float32 is far smaller
    measured.errorOf = () => 1e-6;
    expect((await run("wrong", BFLOAT16)).at(-1)).toMatchObject({ kind: "finished", step: 1 });
  });

  it("a LibTorch whose convolutions are wrong on the run's shapes trains all the same, and says so", async () => {
    measured.isReal = true;
    spoilConvolutions(true);
    const events = await run("spoiled");
    const told = events.flatMap((event) => (event.kind === "kernels" ? [event] : []));
    expect(told[0]).toMatchObject({ used: "own", wrong: [] });
    expect(told[0]?.distrusted[0]).toMatch(/convolution, .* of \[.*\] and \[.*\] on 1 thread: off by/);
    expect(told.at(-1)!.distrusted.length).toBeGreaterThan(told[0]!.distrusted.length); // shapes of the first step
    expect(kernelsOf("spoiled").distrusted).toEqual(told.at(-1)?.distrusted);
    expect(events.at(-1)).toMatchObject({ kind: "finished", step: 1 });
  });
});
