import { expect, it } from "vitest";
import { planTraining } from "./plan.ts";
import { PRESETS } from "./presets.ts";
import { resolveTrainConfig } from "./resolve-config.ts";

const preset = (id: string) => {
  const found = PRESETS.find((p) => p.id === id)!.config;
  return resolveTrainConfig({ ...found, data: { ...found.data, dataset: "screen" } }, id);
};

it("counts GAN-DL's parameters at 256 px as published, with none left out of the blocks", () => {
  // docs/methods.md §2.6, row 256 / fmaps 0.5 / 5 channels
  const plan = planTraining(preset("gandl"), 5);
  expect(plan.generatorParameters).toBe(23_459_184);
  expect(plan.discriminatorParameters).toBe(24_001_217);
  const total = plan.blocks.reduce((sum, block) => sum + block.parameters, 0);
  expect(total).toBe(23_459_184 + 24_001_217);
  expect(plan.blocks.map((block) => block.name)).toEqual([
    "generator mapping",
    ...[4, 8, 16, 32, 64, 128, 256].map((r) => `generator synthesis.${r}`).toSpliced(0, 0, "generator synthesis.const"),
    ...[256, 128, 64, 32, 16, 8].map((r) => `discriminator blocks.${r}`),
    "discriminator epilogue",
  ]);
});

it("counts the tiny preset as by hand: 64 px, 5 stains, 64 channels and 32 at full size", () => {
  const plan = planTraining(preset("tiny"), 5);
  const style = (channels: number) => 64 * channels + channels;
  const conv = (from: number, to: number) => style(from) + from * to * 9 + to + 1; // the 1 is the noise's strength
  const toImage = (from: number) => style(from) + from * 5 + 5;
  const first = 64 * 16 + conv(64, 64) + toImage(64);
  const middle = 2 * conv(64, 64) + toImage(64); // 8, 16 and 32 px
  const last = conv(64, 32) + conv(32, 32) + toImage(32);
  expect(plan.generatorParameters).toBe(2 * style(64) + first + 3 * middle + last);
  const fromImage = 5 * 32 + 32;
  const largest = 32 * 32 * 9 + 32 + (32 * 64 * 9 + 64) + 32 * 64;
  const smaller = 2 * (64 * 64 * 9 + 64) + 64 * 64;
  const epilogue = 65 * 64 * 9 + 64 + (64 * 16 * 64 + 64) + 65; // one channel more: the minibatch statistic
  expect(plan.discriminatorParameters).toBe(fromImage + largest + 3 * smaller + epilogue);
  expect([plan.generatorParameters, plan.discriminatorParameters]).toEqual([351_106, 367_009]);
  expect(plan.nSteps).toBe(2500);
  expect(plan.config.loss).toMatchObject({ kind: "logistic", r1Gamma: 1 });
});

it("rounds steps up to whole batches, and says that more images at a time need more memory", () => {
  const config = preset("tiny");
  const plan = planTraining({ ...config, schedule: { ...config.schedule, durationKimg: 0.1, batchSize: 16 } }, 5);
  expect(plan.nSteps).toBe(7);
  const bytes = (batchSize: number) =>
    planTraining({ ...config, schedule: { ...config.schedule, batchSize } }, 5).memoryBytes;
  expect(bytes(32)).toBeGreaterThan(1.4 * bytes(16));
  expect(bytes(48) - bytes(32)).toBe(bytes(32) - bytes(16));
});

it.each([
  // Peak resident memory of two steps, the first with both penalties, on one thread; five stains.
  { resolutionPx: 64, channelBase: 2048, channelMax: 64, styleDim: 64, batchSize: 4, peakMiB: 449 },
  { resolutionPx: 64, channelBase: 2048, channelMax: 64, styleDim: 64, batchSize: 16, peakMiB: 792 },
  { resolutionPx: 64, channelBase: 2048, channelMax: 64, styleDim: 64, batchSize: 32, peakMiB: 1314 },
  { resolutionPx: 32, channelBase: 2048, channelMax: 64, styleDim: 64, batchSize: 16, peakMiB: 505 },
  { resolutionPx: 128, channelBase: 2048, channelMax: 64, styleDim: 64, batchSize: 4, peakMiB: 641 },
  { resolutionPx: 64, channelBase: 4096, channelMax: 128, styleDim: 512, batchSize: 8, peakMiB: 896 },
  { resolutionPx: 64, channelBase: 16384, channelMax: 256, styleDim: 512, batchSize: 4, peakMiB: 1478 },
])("estimates memory as measured: $resolutionPx px, base $channelBase, batches of $batchSize", (measured) => {
  const { resolutionPx, channelBase, channelMax, styleDim, batchSize, peakMiB } = measured;
  const model = {
    kind: "stylegan2",
    latentDim: styleDim,
    styleDim,
    mappingLayers: 2,
    channelBase,
    channelMax,
  } as const;
  const schedule = { durationKimg: 1, batchSize, checkpointEveryKimg: 1, sampleEveryKimg: 1 };
  const config = resolveTrainConfig({ data: { dataset: "screen", resolutionPx }, model, schedule }, "measured");
  const ratio = planTraining(config, 5).memoryBytes / 2 ** 20 / peakMiB;
  expect(ratio).toBeGreaterThan(0.85);
  expect(ratio).toBeLessThan(1.2);
});

it("every preset is a whole configuration once it has a data set", () => {
  for (const { id } of PRESETS) expect(preset(id).data.dataset, id).toBe("screen");
  expect(preset("gandl").loss).toMatchObject({ r1Gamma: expect.closeTo(0.4096, 6) });
});
