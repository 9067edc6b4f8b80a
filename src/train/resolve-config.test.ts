import { describe, expect, it } from "vitest";
import { applyOverrides, differingKeys, resolveTrainConfig } from "./resolve-config.ts";
import { messageOf } from "./train.fixture.ts";

const WRITTEN = {
  data: { dataset: "screen", resolutionPx: 256 },
  schedule: { durationKimg: 10, batchSize: 32, checkpointEveryKimg: 1, sampleEveryKimg: 1 },
};

describe("resolveTrainConfig", () => {
  // docs/methods.md §2.7: 256², batch 32 → 0.41; batch 16 → 0.82; 128², batch 32 → 0.1
  for (const [resolutionPx, batchSize, gamma, halfLife] of [
    [256, 32, 0.4096, 10],
    [256, 16, 0.8192, 5],
    [128, 32, 0.1024, 10],
  ] as const) {
    it(`makes γ and the average's half-life numbers: ${resolutionPx} px, batch ${batchSize}`, () => {
      const input = {
        data: { ...WRITTEN.data, resolutionPx },
        schedule: { ...WRITTEN.schedule, batchSize },
      };
      const config = resolveTrainConfig(input, "a.json");
      expect(config.loss).toMatchObject({ r1Gamma: expect.closeTo(gamma, 10) });
      expect(config.ema.halfLifeKimg).toBe(halfLife);
    });
  }

  it("keeps numbers that were written, and resolves to itself", () => {
    const config = resolveTrainConfig({ ...WRITTEN, loss: { kind: "logistic", r1Gamma: 3 } }, "a.json");
    expect(config.loss).toMatchObject({ r1Gamma: 3 });
    expect(resolveTrainConfig(config, "again")).toEqual(config);
    expect(JSON.stringify(config)).not.toContain("auto");
  });

  it("keeps float32 unless told otherwise, and cuDNN's choice of the fastest unless results must repeat", () => {
    const { precision, cuda } = resolveTrainConfig(WRITTEN, "a.json");
    expect(precision).toEqual({ kind: "float32", resolutions: 4 });
    expect(cuda).toEqual({ kernels: true, tf32: false, cudnnBenchmark: true, deterministic: false });
    const cudaOf = (written: object) => resolveTrainConfig({ ...WRITTEN, cuda: written }, "a.json").cuda;
    expect(cudaOf({ deterministic: true })).toMatchObject({ cudnnBenchmark: false, deterministic: true });
    expect(cudaOf({ deterministic: true, cudnnBenchmark: true }).cudnnBenchmark).toBe(true);
  });

  it("names the precisions that there are", async () => {
    const message = await messageOf("bad-config", () =>
      resolveTrainConfig(
        { ...WRITTEN, precision: { kind: "float16", resolutions: 0 }, cuda: { tf32: "on" } },
        "a.json",
      ),
    );
    expect(message).toContain('precision.kind: Invalid option: expected one of "float32"|"bfloat16"');
    expect(message).toContain("precision.resolutions: Too small");
    expect(message).toContain("cuda.tf32: Invalid input: expected boolean, received string");
    const misspelt = await messageOf("bad-config", () =>
      resolveTrainConfig({ ...WRITTEN, precision: { kinds: "bfloat16" } }, "a.json"),
    );
    expect(misspelt).toContain("'precision.kinds' (did you mean 'precision.kind'?)");
  });

  it("refuses unknown keys at any depth with the nearest known one, and lists every fault", async () => {
    const message = await messageOf("bad-config", () =>
      resolveTrainConfig(
        {
          ...WRITTEN,
          sed: 1,
          schedule: { ...WRITTEN.schedule, batchsize: 8, durationKimg: -1 },
          optimiser: { learnRate: 1, zzzzzzzzzz: 2 },
        },
        "a.json",
      ),
    );
    expect(message).toContain("a.json is not a training configuration.");
    expect(message).toContain("'sed' (did you mean 'seed'?)");
    expect(message).toContain("'schedule.batchsize' (did you mean 'schedule.batchSize'?)");
    expect(message).toContain("schedule.durationKimg: ");
    expect(message).toContain("'optimiser.zzzzzzzzzz'");
    expect(message).not.toContain("zzzzzzzzzz' (did you mean");
    expect(message).toMatch(/fix: mend the keys above; `gandl train --help` shows an example\./);
  });

  it("refuses batches that do not divide into groups of the minibatch statistic", async () => {
    const schedule = { ...WRITTEN.schedule, batchSize: 6 };
    const message = await messageOf("bad-config", () => resolveTrainConfig({ ...WRITTEN, schedule }, "a.json"));
    expect(message).toContain("schedule.batchSize: 6 is not a multiple of model.minibatchStdGroup, 4");
    expect(
      resolveTrainConfig({ ...WRITTEN, schedule: { ...schedule, batchSize: 3 } }, "a.json").schedule.batchSize,
    ).toBe(3);
  });
});

describe("applyOverrides", () => {
  it("sets values by path, as JSON where they parse, and leaves its input alone", () => {
    const input = { schedule: { batchSize: 32 } };
    const got = applyOverrides(input, [
      "schedule.batchSize=16",
      "loss.r1Gamma=auto",
      'data.excludePlates=["P1","P2"]',
      "data.dataset=a=b",
      "schedule.batchSize=8",
    ]);
    expect(got).toEqual({
      schedule: { batchSize: 8 },
      loss: { r1Gamma: "auto" },
      data: { excludePlates: ["P1", "P2"], dataset: "a=b" },
    });
    expect(input).toEqual({ schedule: { batchSize: 32 } });
  });

  it("says what is wrong with an override", async () => {
    expect(await messageOf("bad-override", () => applyOverrides({}, ["batchSize"]))).toMatch(
      /--set batchSize cannot be applied\.\n\s+why: there is no '='.*\n\s+fix: write --set part\.key=value/,
    );
    expect(await messageOf("bad-override", () => applyOverrides({ seed: 1 }, ["seed.x=2"]))).toContain(
      "'seed' holds a value, not keys.",
    );
    expect(await messageOf("bad-override", () => applyOverrides({}, ["a..b=2"]))).toContain("a..b=2");
    expect(await messageOf("bad-override", () => applyOverrides({}, ["__proto__.x=2"]))).toContain("__proto__");
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

it("differingKeys names the paths that differ", () => {
  expect(differingKeys({ a: { b: 1, c: [1, 2] }, d: null }, { a: { b: 2, c: [1, 3] }, e: 1, d: null })).toEqual([
    "a.b",
    "a.c.1",
    "e",
  ]);
});
