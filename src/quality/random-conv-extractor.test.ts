import { beforeAll, describe, expect, it } from "vitest";
import { SeededRandom } from "../core/index.ts";
import { frechetDistance, mean, momentsOf, standardDeviation } from "../math/index.ts";
import { setThreads, tensorStats } from "../tensor/index.ts";
import { greyNoise, messageOf } from "./quality.fixture.ts";
import { randomConvExtractor } from "./random-conv-extractor.ts";

beforeAll(() => setThreads(1));

describe("randomConvExtractor", () => {
  it("is fixed: these are the features of one image, to 1e-4", async () => {
    const extractor = randomConvExtractor({ imageChannels: 2, resolutionPx: 32 });
    const data = Float32Array.from({ length: 2 * 32 * 32 }, (_, i) => Math.sin(i / 7) * Math.cos(i / 150));
    const features = await extractor.extract({ data, shape: [1, 2, 32, 32] });
    expect(features.d).toBe(2 * 56 + 112);
    for (const [j, want] of [
      [0, 0.0750566],
      [4, -1.4814665],
      [20, 0.0008908],
      [57, 0.1562359],
      [112, 0.376397],
      [130, 0.0339394],
      [223, -2.5623617],
    ] as const)
      expect(Math.abs(features.data[j]! - want)).toBeLessThan(1e-4);
    expect(Math.abs(mean(features.data) * features.d + 261.5063)).toBeLessThan(1e-3);
    extractor.dispose();
  });
  it("is what it says: the first filter, written out", async () => {
    const extractor = randomConvExtractor({ imageChannels: 1, resolutionPx: 4 });
    const { data } = greyNoise(1, 1, 4);
    const random = SeededRandom.forPart(20_260_101, "random-conv/1/stain/0");
    const weights = Float32Array.from({ length: 4 * 9 }, () => random.normal()).subarray(0, 9);
    const bias = 0.5 * random.normal();
    const answers = Array.from({ length: 16 }, (_, p) => {
      let sum = 0;
      for (let ky = -1; ky <= 1; ky++)
        for (let kx = -1; kx <= 1; kx++) {
          const [y, x] = [Math.floor(p / 4) + ky, (p % 4) + kx].map((at) => Math.min(3, Math.max(0, at))) as [
            number,
            number,
          ];
          sum += (weights[(ky + 1) * 3 + kx + 1]! / 3) * data[y * 4 + x]!;
        }
      const v = (sum + bias) * Math.SQRT2;
      return v > 0 ? v : 0.2 * v;
    });
    const features = await extractor.extract({ data, shape: [1, 1, 4, 4] });
    expect(features.d).toBe(2 * 4 + 2 * 8); // one scale only
    expect(features.data[0]).toBeCloseTo(mean(answers), 5);
    expect(features.data[4]).toBeCloseTo(Math.log(standardDeviation(answers, 0) + 0.01), 4);
    extractor.dispose();
  });
  it("describes each image alone: batches change nothing", async () => {
    const extractor = randomConvExtractor({ imageChannels: 3, resolutionPx: 16 });
    const images = greyNoise(5, 3, 16);
    const together = await extractor.extract(images);
    const size = 3 * 16 * 16;
    for (let i = 0; i < 5; i++) {
      const alone = await extractor.extract({
        data: images.data.subarray(i * size, (i + 1) * size),
        shape: [1, 3, 16, 16],
      });
      for (let j = 0; j < extractor.dim; j++)
        expect(Math.abs(alone.data[j]! - together.data[i * extractor.dim + j]!)).toBeLessThan(1e-5);
    }
    extractor.dispose();
  });
  it("reads every stain with the same network first: swapped stains swap their features", async () => {
    const extractor = randomConvExtractor({ imageChannels: 2, resolutionPx: 16 });
    const { data } = greyNoise(1, 2, 16);
    const swapped = Float32Array.from([...data.subarray(256), ...data.subarray(0, 256)]);
    const [a, b] = [
      (await extractor.extract({ data, shape: [1, 2, 16, 16] })).data,
      (await extractor.extract({ data: swapped, shape: [1, 2, 16, 16] })).data,
    ];
    const each = 2 * (4 + 6 + 8); // 16, 8 and 4 px
    for (let j = 0; j < each; j++) {
      expect(b[j]).toBeCloseTo(a[each + j]!, 5);
      expect(b[each + j]).toBeCloseTo(a[j]!, 5);
    }
    expect([...b.subarray(2 * each)]).not.toEqual([...a.subarray(2 * each)]);
    extractor.dispose();
  });
  it("notices blur, noise, stains that do not belong together, and parts in the wrong places", async () => {
    const side = 32;
    const form = { imageChannels: 2, resolutionPx: side };
    const extractor = randomConvExtractor(form);
    const [n, plane] = [120, side * side];
    const cells = (seed: number) => {
      const random = SeededRandom.forPart(seed, "cells");
      const data = new Float32Array(n * 2 * plane);
      for (let i = 0; i < n; i++) {
        const [x0, y0, r] = [10 + 12 * random.uniform(), 10 + 12 * random.uniform(), 3 + 4 * random.uniform()];
        for (let c = 0; c < 2; c++)
          for (let p = 0; p < plane; p++) {
            const distance = Math.hypot((p % side) - x0, Math.floor(p / side) - y0);
            data[(i * 2 + c) * plane + p] = 1.5 / (1 + Math.exp(2 * (distance - r * (1 + c)))) - 0.9;
          }
      }
      return data;
    };
    const eachPixel = (
      data: Float32Array,
      from: (image: number, y: number, x: number, at: (y: number, x: number) => number) => number,
    ) =>
      data.map((_, i) => {
        const [image, p] = [Math.floor(i / plane), i % plane];
        const at = (y: number, x: number) => data[image * plane + ((y + side) % side) * side + ((x + side) % side)]!;
        return from(image, Math.floor(p / side), p % side, at);
      });
    const describeAll = async (data: Float32Array) =>
      momentsOf(await extractor.extract({ data, shape: [n, 2, side, side] }));
    const real = await describeAll(cells(1));
    const other = cells(2);
    const floor = frechetDistance(real, await describeAll(other));
    const random = new SeededRandom(3);
    for (const [name, changed] of [
      [
        "blur",
        eachPixel(other, (_, y, x, at) => (at(y, x - 1) + at(y, x) + at(y, x + 1) + at(y - 1, x) + at(y + 1, x)) / 5),
      ],
      ["noise", eachPixel(other, (_, y, x, at) => at(y, x) + 0.3 * (random.uniform() - 0.5))],
      ["stains", other.map((v, i) => (Math.floor(i / plane) % 2 === 0 ? other[(i + 2 * plane) % other.length]! : v))],
      ["parts", eachPixel(other, (_, y, x, at) => at(y < 16 ? y + 16 : y - 16, x))],
    ] as const)
      expect(frechetDistance(real, await describeAll(changed)) / floor, name).toBeGreaterThan(1.5);
    extractor.dispose();
  });
  it("says what it is not, and what it takes", async () => {
    const extractor = randomConvExtractor({ imageChannels: 5, resolutionPx: 64 });
    expect(extractor).toMatchObject({ id: "random-conv", version: "1", dim: 5 * 80 + 160 });
    expect(extractor.description).toMatch(/random weights, never trained.*not Inception/);
    const message = await messageOf("images-do-not-fit", () => extractor.extract(greyNoise(1, 5, 32)));
    expect(message).toMatch(/the images are 5×32×32 .*; 5×64×64 are needed\.\n.*one form.*\n.*belong together/);
    extractor.dispose();
  });
  it("frees what it used", async () => {
    const { live } = tensorStats();
    const extractor = randomConvExtractor({ imageChannels: 1, resolutionPx: 8 });
    await extractor.extract(greyNoise(2, 1, 8));
    extractor.dispose();
    expect(tensorStats().live).toBe(live);
  });
});
