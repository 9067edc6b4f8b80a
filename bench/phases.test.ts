import { fromArray, setThreads, type Tensor, tensorStats, tidy } from "gan-dl/tensor";
import { Gan } from "gan-dl/train";

import { beforeAll, describe, expect, it } from "vitest";
import { phasesOf } from "./phases.ts";
import { storedBatch } from "./rows/training.ts";
import { configOf, type TrainingSize } from "./training-sizes.ts";

beforeAll(() => setThreads(1));

const tiny: TrainingSize = {
  ...{ name: "tiny", resolutionPx: 16, imageChannels: 2, styleDim: 8, mappingLayers: 2 },
  ...{ channelBase: 64, channelMax: 8, batchSize: 4 },
};

/** The batch as `trainStep` shows it to the networks. */
const networkImages = (size: TrainingSize): Tensor =>
  tidy(() => {
    const { data, shape } = storedBatch(size);
    return fromArray(data, shape)
      .to({ dtype: "float32" })
      .mul_(2 / 255)
      .sub_(1)
      .contiguous({ memoryFormat: "channels_last" });
  });

describe("the phases one by one", () => {
  it("leave the same weights as a whole training step, bit for bit", () => {
    const [whole, parts] = [new Gan(configOf(tiny), tiny.imageChannels), new Gan(configOf(tiny), tiny.imageChannels)];
    const stats = whole.trainStep(storedBatch(tiny)); // the first step has all four
    expect(stats.r1).not.toBeNull();
    const real = networkImages(tiny);
    const phases = phasesOf(parts);
    for (const phase of ["generator", "path-length", "discriminator", "r1"] as const) phases[phase](real);
    for (const network of ["generator", "discriminator"] as const) {
      const expected = whole[network].state();
      for (const [name, tensor] of parts[network].state())
        expect(tensor.toFloat32Array(), `${network} ${name}`).toEqual(expected.get(name)?.toFloat32Array());
    }
    real.dispose();
    whole.dispose();
    parts.dispose();
  });

  it("free what they make", () => {
    const gan = new Gan(configOf(tiny), tiny.imageChannels);
    const real = networkImages(tiny);
    const phases = Object.values(phasesOf(gan));
    for (const phase of phases) phase(real); // optimisers make their state at their first step
    const before = tensorStats().live;
    for (const phase of phases) phase(real);
    expect(tensorStats().live).toBe(before);
    real.dispose();
    gan.dispose();
  });
});
