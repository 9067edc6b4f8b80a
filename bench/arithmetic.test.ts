import { describeDiscriminator, describeGenerator } from "gan-dl/models";
import type { StyleGan2Shape } from "gan-dl/schema";
import { describe, expect, it } from "vitest";
import { convolutionFlop, forwardFlop, iterationFlop, phaseFlop } from "./arithmetic.ts";
import { LAZY, shapeOfSize, TRAINING_SIZES } from "./training-sizes.ts";

/** 4 channels at 16 px, 8 at 8 and 4 px. */
const tiny: StyleGan2Shape = {
  ...{ kind: "stylegan2", resolutionPx: 16, imageChannels: 2, latentDim: 3, styleDim: 5, mappingLayers: 2 },
  ...{ channelBase: 64, channelMax: 8, minibatchStdGroup: 4 },
};

/** Multiply-adds of a forward pass from the parameters themselves: every weight once a position, where its layer's name says how many. */
function multiplyAddsOf(
  parameters: ReturnType<typeof describeGenerator>,
  positionsOf: (name: string) => number,
): number {
  const weights = parameters.filter(({ name }) => name.endsWith(".weight"));
  return weights.reduce((sum, { name, shape }) => sum + shape.reduce((a, b) => a * b, 1) * positionsOf(name), 0);
}

const generatorPositions = (name: string): number => {
  const [network, side] = name.split(".");
  if (network !== "synthesis" || name.includes("affine")) return 1;
  return name.includes("conv0") ? (Number(side) / 2) ** 2 : Number(side) ** 2; // conv0 reads the smaller map
};
const discriminatorPositions = (name: string): number => {
  const [part, side] = name.split(".");
  if (part === "epilogue") return name.includes("conv") ? 16 : 1;
  return name.includes("conv1") || name.includes("skip") ? (Number(side) / 2) ** 2 : Number(side) ** 2;
};

describe("the arithmetic of a forward pass", () => {
  it("counts two operations a weight and position", () => {
    expect(convolutionFlop(3, 5, 9, 7 * 7)).toBe(2 * 3 * 5 * 9 * 49);
  });

  it("is what a count by hand gives", () => {
    const { mapping, synthesis, stem, blocks, epilogue } = forwardFlop(tiny);
    expect(mapping).toBe(2 * (3 * 5 + 5 * 5));
    const affine = 5 * (8 + 8 + (8 + 8 + 8) + (8 + 4 + 4));
    const at4 = 8 * 8 * 9 * 16 + 8 * 2 * 16;
    const at8 = 8 * 8 * 9 * 16 + 8 * 8 * 9 * 64 + 8 * 2 * 64;
    const at16 = 8 * 4 * 9 * 64 + 4 * 4 * 9 * 256 + 4 * 2 * 256;
    expect(synthesis).toBe(2 * (affine + at4 + at8 + at16));
    expect(stem).toBe(2 * (2 * 4 * 256));
    const down16 = 4 * 4 * 9 * 256 + 4 * 8 * 9 * 64 + 4 * 8 * 64;
    const down8 = 8 * 8 * 9 * 64 + 8 * 8 * 9 * 16 + 8 * 8 * 16;
    expect(blocks).toBe(2 * (down16 + down8));
    expect(epilogue).toBe(2 * (9 * 8 * 9 * 16 + 8 * 16 * 8 + 8));
  });

  for (const size of [tiny, ...TRAINING_SIZES.map(shapeOfSize)]) {
    it(`agrees with the networks' own parameters: base ${size.channelBase}`, () => {
      const { mapping, synthesis, stem, blocks, epilogue } = forwardFlop(size);
      const generator = multiplyAddsOf(describeGenerator(size), generatorPositions);
      const discriminator = multiplyAddsOf(describeDiscriminator(size), discriminatorPositions);
      expect(mapping + synthesis).toBe(2 * generator);
      expect(stem + blocks + epilogue).toBe(2 * discriminator);
    });
  }
});

describe("the arithmetic of training", () => {
  it("counts each pass of each phase", () => {
    const { mapping: m, synthesis: s, stem, blocks: b, epilogue: e } = forwardFlop(tiny);
    const flop = phaseFlop(tiny);
    // Forward, data, weights of the generator; forward and data of the discriminator.
    expect(flop.generator).toBe(2 * m + 3 * s + 2 * (stem + b + e));
    expect(flop.discriminator).toBe(m + s + 4 * stem + 6 * b + 6 * e);
    expect(flop["path-length"]).toBe(2 * m + 6 * s);
    expect(flop.r1).toBe(5 * stem + 6 * b + 4 * e);
    // Without the statistic the score is piecewise linear in the image, and nothing goes through the forward pass again.
    expect(phaseFlop({ ...tiny, minibatchStdGroup: 1 }).r1).toBe(4 * (stem + b + e));
  });

  it("averages the lazy penalties over their period", () => {
    const flop = phaseFlop(tiny);
    const steps = Array.from({ length: 16 }, (_, step) => {
      const pathLength = step % 4 === 0 ? flop["path-length"] / 2 : 0; // on half the batch
      return flop.generator + flop.discriminator + pathLength + (step === 0 ? flop.r1 : 0);
    });
    expect(iterationFlop(tiny, LAZY)).toBeCloseTo(steps.reduce((a, b) => a + b) / 16, 6);
  });

  it("is about 12.8 GFLOP an image at the larger size and a quarter of that at the smaller", () => {
    const [small, large] = TRAINING_SIZES.map((size) => iterationFlop(shapeOfSize(size), LAZY) / 1e9);
    expect(large).toBeCloseTo(12.8, 1);
    expect(small).toBeCloseTo(3.21, 2);
  });
});
