import { beforeAll, describe, expect, it } from "vitest";
import { SeededRandom } from "../core/index.ts";
import { mean, standardDeviation } from "../math/index.ts";
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
      [0, 0.0695525],
      [4, 0.2079491],
      [20, 0.0118681],
      [57, 0.6895232],
      [112, 0.3698374],
      [130, 0.0471994],
      [223, 0.2611455],
    ] as const)
      expect(Math.abs(features.data[j]! - want)).toBeLessThan(1e-4);
    expect(Math.abs(mean(features.data) * features.d - 55.4718)).toBeLessThan(1e-3);
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
          const [y, x] = [Math.floor(p / 4) + ky, (p % 4) + kx];
          if (y >= 0 && y < 4 && x >= 0 && x < 4) sum += (weights[(ky + 1) * 3 + kx + 1]! / 3) * data[y * 4 + x]!;
        }
      const v = (sum + bias) * Math.SQRT2;
      return v > 0 ? v : 0.2 * v;
    });
    const features = await extractor.extract({ data, shape: [1, 1, 4, 4] });
    expect(features.d).toBe(2 * 4 + 2 * 8); // one scale only
    expect(features.data[0]).toBeCloseTo(mean(answers), 5);
    expect(features.data[4]).toBeCloseTo(standardDeviation(answers, 0), 5);
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
