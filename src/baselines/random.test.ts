import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Dataset, openDataset, readFeatureTable } from "../data/index.ts";
import { setThreads } from "../tensor/index.ts";
import { drawnDataset, messageOf, ran, temporaryFolder } from "./baselines.fixture.ts";
import { randomBaseline } from "./random.ts";

const folder = temporaryFolder();
let dataset: Dataset;
beforeAll(async () => {
  setThreads(1);
  dataset = await openDataset(await drawnDataset(folder));
  return () => dataset.close();
});

const small = { resolutionPx: 16, channelBase: 128, channelMax: 8 };
const features = async (name: string, params: object, seed = 1): Promise<Float32Array> => {
  const out = join(folder, name);
  await ran(randomBaseline, { dataset, out, params: { ...small, ...params }, seed });
  return (await readFeatureTable(`${out}.parquet`)).features;
};

describe("random", () => {
  it("gives equal features for equal seeds by either runtime, others for others, and says what it is", async () => {
    const onnx = await features("a", {});
    expect(onnx.length % 4).toBe(0);
    const torch = await features("b", { runtime: "libtorch" });
    const largest = Math.max(...onnx.map(Math.abs));
    expect(Math.max(...onnx.map((v, i) => Math.abs(v - torch[i]!)))).toBeLessThan(1e-4 * largest);
    const other = await features("c", { runtime: "libtorch" }, 2);
    expect(Math.max(...torch.map((v, i) => Math.abs(v - other[i]!)))).toBeGreaterThan(1e-2 * largest);
    const { files } = await ran(randomBaseline, {
      dataset,
      out: join(folder, "d"),
      params: { channelBase: 128, channelMax: 8, tap: "fc512" },
    });
    expect(files.embedding?.header).toMatchObject({ nRows: 4, nFeatures: 8, runtime: "onnxruntime" });
    expect(files.record.provenance).toMatchObject({ weights: "random, seed 1", resolutionPx: 32 }); // the images' own size
  });

  it("refuses images that hold no square of 16 px", async () => {
    const narrow = Object.assign(Object.create(dataset) as Dataset, { manifest: { ...dataset.manifest, widthPx: 12 } });
    const text = await messageOf(ran(randomBaseline, { dataset: narrow, out: join(folder, "e") }));
    expect(text).toMatch(/32 × 12 px are too small.*\n.*16 px.*\n\s+fix: import larger images/);
  });
});
