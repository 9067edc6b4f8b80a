import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Dataset, openDataset, readFeatureTable } from "../data/index.ts";
import { countParameters } from "../models/index.ts";
import { Rng, randn, setThreads, TensorScope } from "../tensor/index.ts";
import { drawnDataset, messageOf, ran, temporaryFolder } from "./baselines.fixture.ts";
import { convAutoencoderBaseline } from "./conv-autoencoder.ts";
import { runBaseline } from "./run-baseline.ts";
import { Autoencoder, describeAutoencoder } from "./unsupervised/autoencoder.ts";
import { drawnResnetStage, writtenWeights } from "./unsupervised/resnet-stage.fixture.ts";
import { resolutionFor } from "./unsupervised/resolution.ts";

const folder = temporaryFolder();
let dataset: Dataset;
beforeAll(async () => {
  setThreads(1);
  dataset = await openDataset(await drawnDataset(folder));
  return () => dataset.close();
});

const tiny = { resolutionPx: 16, bottleneck: 12, channelBase: 128, channelMax: 8, batchSize: 4 };
const SHAPE = { resolutionPx: 16, imageChannels: 5, bottleneck: 12, channelBase: 128, channelMax: 8 };

describe("the autoencoder", () => {
  it("has the parameters that its sizes ask for", () => {
    const [c, f] = [5, 8]; // 8 channels at every size
    const conv = f * f * 9 + f;
    const encoder = c * f + f + 2 * (2 * conv + f * f) + 12 * (f * 16) + 12;
    const decoder = 12 * (f * 16) + f * 16 + 2 * 2 * conv + 3 * (c * f + c);
    expect(countParameters(describeAutoencoder(SHAPE))).toBe(encoder + decoder);
  });

  it("gives a code and an image, each image's own whatever its batch", () => {
    using _scope = new TensorScope();
    const network = new Autoencoder(SHAPE, new Rng(1));
    const images = randn([3, 5, 16, 16], { rng: new Rng(2) });
    const code = network.encode(images);
    expect(code.shape).toEqual([3, 12]);
    expect(network.decode(code).shape).toEqual([3, 5, 16, 16]);
    const alone = network.encode(images.narrow(0, 1, 1));
    expect(
      alone
        .sub(code.narrow(0, 1, 1))
        .abs()
        .amax()
        .item(),
    ).toBeLessThan(1e-5);
    network.dispose();
  });
});

describe("conv-autoencoder", () => {
  it("copies better the longer it is trained, and says what it learned from", async () => {
    const loss = async (durationKimg: number) => {
      const out = join(folder, "learn");
      const { files } = await ran(convAutoencoderBaseline, { dataset, out, params: { ...tiny, durationKimg } });
      expect(files.embedding?.header).toMatchObject({ nRows: 4, nFeatures: 12, runtime: "libtorch" });
      expect(files.record.provenance).toMatchObject({
        loss: "pixels: no perceptual weights were given",
        nImagesShown: 1000 * durationKimg,
      });
      return files.record.provenance.lastLoss as number;
    };
    const first = await loss(0.004);
    expect(await loss(0.4)).toBeLessThan(first / 3);
  });

  it("goes on where it was stopped, to the same bits as unbroken", async () => {
    const params = { ...tiny, durationKimg: 0.08 };
    const stopped = async () => {
      const controller = new AbortController();
      let nSteps = 0;
      const run = runBaseline(convAutoencoderBaseline, {
        dataset,
        out: join(folder, "b"),
        params,
        signal: controller.signal,
      });
      for await (const event of run)
        if (event.kind === "progress" && ++nSteps === 7) controller.abort(new Error("enough"));
    };
    expect(await messageOf(stopped())).toBe("enough");
    expect(readdirSync(folder).filter((name) => name.startsWith("b"))).toEqual(["b-work"]);
    const { events } = await ran(convAutoencoderBaseline, { dataset, out: join(folder, "b"), params });
    expect(events[0]).toMatchObject({ kind: "note", text: expect.stringMatching(/^going on after 28 images/) });
    await ran(convAutoencoderBaseline, { dataset, out: join(folder, "c"), params });
    const [b, c] = await Promise.all(["b", "c"].map((name) => readFeatureTable(join(folder, `${name}.parquet`))));
    expect(b!.features).toEqual(c!.features);
  });

  it("compares by what a given ResNet-50 sees, says so, and goes on with no other", async () => {
    const perceptualWeights = writtenWeights(join(folder, "resnet50.safetensors"), drawnResnetStage());
    const params = { ...tiny, durationKimg: 0.008, perceptualWeights, perceptualStage: 1 };
    const { files } = await ran(convAutoencoderBaseline, { dataset, out: join(folder, "p"), params });
    const told = /^as ResNet-50 sees it: resnet50\.safetensors \(sha256 [0-9a-f]{16}…\), stage 1$/;
    expect(files.record.provenance.loss).toMatch(told);
    const byPixels = ran(convAutoencoderBaseline, {
      dataset,
      out: join(folder, "p"),
      params: { ...params, perceptualWeights: null },
    });
    expect(await messageOf(byPixels)).toContain("other settings: loss");
  });

  it("refuses to go on with other settings, or back to a shorter training", async () => {
    const again = (params: object) =>
      messageOf(
        ran(convAutoencoderBaseline, {
          dataset,
          out: join(folder, "d"),
          params: { ...tiny, durationKimg: 0.008, ...params },
        }),
      );
    expect(await again({})).toBe("nothing was thrown");
    expect(await again({ bottleneck: 6, learningRate: 0.1 })).toMatch(
      /other settings: bottleneck, learningRate.*\n.*unbroken.*\n\s+fix: give the same/,
    );
    expect(await again({ durationKimg: 0.004 })).toContain("other settings: durationKimg");
  });

  it("stops when the loss is no number", async () => {
    const run = ran(convAutoencoderBaseline, {
      dataset,
      out: join(folder, "e"),
      params: { ...tiny, durationKimg: 1, learningRate: 1e30 },
    });
    expect(await messageOf(run)).toMatch(
      /loss is not a finite number at .* kimg.*\n.*learning rate of 1e\+30.*\n\s+fix: lower it/,
    );
  });
});

it("a network's square is the largest power of two that images hold, 64 at most", () => {
  expect([16, 68, 100, 1080].map((px) => resolutionFor({ heightPx: px, widthPx: 2000 }, null))).toEqual([
    16, 64, 64, 64,
  ]);
  expect(resolutionFor({ heightPx: 256, widthPx: 256 }, 128)).toBe(128);
});
