import { expect, it } from "vitest";
import { parseWith } from "./parse.ts";
import { ResolvedTrainConfig, TrainConfig } from "./train-config.ts";

const minimal = {
  data: { dataset: "d", resolutionPx: 64 },
  schedule: { durationKimg: 1, batchSize: 8, checkpointEveryKimg: 1, sampleEveryKimg: 1 },
};

it("a minimal training configuration is filled with GAN-DL's defaults", () => {
  const config = TrainConfig.parse(minimal);
  expect(config.model.mappingLayers).toBe(3);
  expect(config.loss).toEqual({ kind: "logistic", r1Gamma: "auto", r1EverySteps: 16 });
  expect(config.optimiser.beta2).toBe(0.99);
  expect(config.augment.kind).toBe("dihedral");
});

it("a resolved configuration has no autos left", () => {
  expect(ResolvedTrainConfig.safeParse(TrainConfig.parse(minimal)).success).toBe(false);
});

it("unknown keys and wrong values are refused together, each with its path", () => {
  const bad = { ...minimal, seeds: 1, schedule: { ...minimal.schedule, batchSize: -1 } };
  expect(() => parseWith(TrainConfig, bad, "run.json", "mend it.")).toThrow(
    /run\.json does not have the expected form[\s\S]*seeds[\s\S]*schedule\.batchSize[\s\S]*fix: mend it\./,
  );
});
