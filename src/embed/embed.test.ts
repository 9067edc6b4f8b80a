import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importDataset, openDataset, readFeatureTable } from "../data/index.ts";
import { writeSyntheticScreen } from "../data/synthetic/index.ts";
import { Discriminator } from "../models/index.ts";
import { type CheckpointHeader, EmbeddingHeader, Tap } from "../schema/index.ts";
import { encodeSafetensors, noGrad, Rng, randn, TensorScope } from "../tensor/index.ts";
import {
  aggregateTiles,
  type Checkpoint,
  embedDataset,
  exportEncoderBeside,
  mapChannels,
  openEncoder,
  openOnnxEncoder,
  readEncoderHeader,
  readEncoderWeights,
  resolveCheckpoint,
} from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "gandl-embed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NAMES = ["DNA", "ER", "actin", "RNA", "Golgi-membrane", "Mito"];

/** A checkpoint of an untrained discriminator with biases that are not zero, as training would leave it. */
async function checkpointOf(
  resolutionPx: number,
  imageChannels: number,
  kimg = 0,
  run = `run-${resolutionPx}-${imageChannels}`,
): Promise<Checkpoint> {
  const model = {
    kind: "stylegan2" as const,
    ...{ resolutionPx, imageChannels, latentDim: 8, styleDim: 8, mappingLayers: 1 },
    ...{ channelBase: 256, channelMax: 12, minibatchStdGroup: 4 },
  };
  const rng = new Rng(resolutionPx + imageChannels + kimg);
  const discriminator = new Discriminator(model, rng);
  for (const [name, parameter] of discriminator.parameters) {
    if (name.endsWith("bias")) noGrad(() => parameter.add_(randn(parameter.shape, { rng })));
  }
  const bytes = encodeSafetensors(
    new Map([...discriminator.parameters].map(([name, t]) => [`discriminator.${name}`, t])),
  );
  discriminator.dispose();
  const stem = join(folder, run, "checkpoints", `kimg-${kimg.toFixed(3).padStart(10, "0")}`);
  await mkdir(join(stem, ".."), { recursive: true });
  const header: CheckpointHeader = {
    ...{
      kind: "gandl-checkpoint",
      schemaVersion: 1,
      kimg,
      step: 0,
      imagesSeen: kimg * 1000,
      model,
      minibatchStdMean: 0.37,
    },
    weightsSha256: createHash("sha256").update(bytes).digest("hex"),
    channels: NAMES.slice(0, imageChannels).map((name) => ({ name, stain: name, colour: "#ffffff" })),
    ...{ pixelSizeUm: null, dtype: "uint8", datasetFingerprint: "f", labels: null, input: "stored" },
  };
  writeFileSync(`${stem}.safetensors`, bytes);
  writeFileSync(`${stem}.json`, JSON.stringify(header));
  return { stem, header };
}

const imagesFor = ({ header }: Checkpoint, n: number, seed = 1): Float32Array => {
  using _scope = new TensorScope();
  return randn([n, header.model.imageChannels, header.model.resolutionPx, header.model.resolutionPx], {
    rng: new Rng(seed),
  }).toFloat32Array();
};

/** The largest difference, relative to the largest value. */
function relativeDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  const largest = Math.max(...b.map(Math.abs));
  return Math.max(...a.map((v, i) => Math.abs(v - b[i]!))) / largest;
}

describe("the exported encoder", () => {
  for (const [resolutionPx, channels] of [
    [16, 1],
    [32, 3],
    [64, 5],
  ] as const) {
    it(`agrees with LibTorch at every tap: ${resolutionPx} px, ${channels} channels`, async () => {
      const checkpoint = await checkpointOf(resolutionPx, channels);
      for (const tap of Tap.options) {
        const [onnx, torch] = [
          await openEncoder(checkpoint, tap, "onnxruntime"),
          await openEncoder(checkpoint, tap, "libtorch"),
        ];
        const images = imagesFor(checkpoint, 3);
        const got = await onnx.run(images.slice(), 3);
        expect(relativeDifference(got, await torch.run(images, 3)), tap).toBeLessThan(1e-4);
        await onnx.close();
        await torch.close();
      }
    });
  }

  it("gives an image the same features alone, in a batch and in another order", async () => {
    const checkpoint = await checkpointOf(32, 3);
    const encoder = await openEncoder(checkpoint, "fc512", "onnxruntime");
    const images = imagesFor(checkpoint, 5);
    const size = images.length / 5;
    const one = (i: number) => images.slice(i * size, (i + 1) * size);
    const together = await encoder.run(images.slice(), 5);
    const width = together.length / 5;
    const reversed = await encoder.run(Float32Array.from([4, 3, 2, 1, 0].flatMap((i) => [...one(i)])), 5);
    for (let i = 0; i < 5; i++) {
      const want = together.slice(i * width, (i + 1) * width);
      expect(relativeDifference(await encoder.run(one(i), 1), want)).toBeLessThan(1e-5);
      expect(relativeDifference(reversed.slice((4 - i) * width, (5 - i) * width), want)).toBeLessThan(1e-5);
    }
    await encoder.close();
  });

  it("is written once, used again while it fits, and carries its header", async () => {
    const checkpoint = await checkpointOf(16, 1, 3, "again");
    const file = await exportEncoderBeside(checkpoint);
    expect(await readEncoderHeader(file)).toEqual(checkpoint.header);
    const first = readFileSync(file);
    writeFileSync(file, Buffer.concat([first, Buffer.from([0x12, 0])])); // still readable: an empty producer name
    await exportEncoderBeside(checkpoint);
    expect(readFileSync(file).length).toBe(first.length + 2); // left alone
    writeFileSync(file, "garbage");
    await exportEncoderBeside(checkpoint);
    expect(readFileSync(file)).toEqual(first);
  });

  it("says what is wrong with files that are no encoder", async () => {
    const none = join(folder, "none.onnx");
    await expect(openOnnxEncoder(none, "logit")).rejects.toThrow(
      /none\.onnx is not an encoder[\s\S]*cannot be read[\s\S]*gandl export/,
    );
    const file = await exportEncoderBeside(await checkpointOf(16, 1, 4, "bad"));
    const cut = join(folder, "cut.onnx");
    writeFileSync(cut, readFileSync(file).subarray(0, 500));
    await expect(readEncoderHeader(cut)).rejects.toThrow(/cut short or are no ONNX model/);
    writeFileSync(cut, "");
    await expect(readEncoderHeader(cut)).rejects.toThrow(/carries no checkpoint header/);
  });

  it("an image of the wrong size is an error of the encoder, and the worker goes on", async () => {
    const checkpoint = await checkpointOf(16, 1);
    const encoder = await openEncoder(checkpoint, "logit", "onnxruntime");
    await expect(encoder.run(new Float32Array(3), 1)).rejects.toThrow(/the encoder failed[\s\S]*gandl doctor/);
    expect((await encoder.run(imagesFor(checkpoint, 2), 2)).length).toBe(2);
    await encoder.close();
  });
});

describe("checkpoints", () => {
  it("are found by latest, first and kimg, and missing ones list those there are", async () => {
    for (const kimg of [0, 2, 12]) await checkpointOf(16, 1, kimg, "many");
    const run = join(folder, "many");
    expect((await resolveCheckpoint(run, "latest")).header.kimg).toBe(12);
    expect((await resolveCheckpoint(run, "first")).header.kimg).toBe(0);
    expect((await resolveCheckpoint(run, "2")).header.kimg).toBe(2);
    await expect(resolveCheckpoint(run, "3")).rejects.toThrow(/no checkpoint '3'[\s\S]*those at 0, 2, 12 kimg/);
    await expect(resolveCheckpoint(folder, "latest")).rejects.toThrow(/it holds no whole checkpoint/);
  });

  it("whose weights are not the header's are refused", async () => {
    const a = await checkpointOf(16, 1, 7, "swapped");
    const b = await checkpointOf(16, 1, 8, "swapped");
    copyFileSync(`${b.stem}.safetensors`, `${a.stem}.safetensors`);
    await expect(readEncoderWeights(a)).rejects.toThrow(
      /not the file that its header was written for[\s\S]*hashes differ/,
    );
  });
});

it("channels are matched by name, and a missing one names both panels", () => {
  const encoder = [{ name: "ER" }, { name: "DNA" }].map(({ name }) => ({ name, stain: name, colour: "#ffffff" }));
  expect(mapChannels(encoder, [{ name: "DNA" }, { name: "actin" }, { name: "ER" }])).toEqual([2, 0]);
  expect(() => mapChannels(encoder, [{ name: "DNA" }])).toThrow(
    /no channel 'ER'[\s\S]*trained on ER, DNA; the data set has DNA/,
  );
});

it("tiles become one row by mean or median", () => {
  const features = Float32Array.of(1, 10, 2, 20, 6, 60, 3, 5, 3, 5, 3, 5);
  expect([...aggregateTiles(features, 2, 3, "mean")]).toEqual([3, 30, 3, 5]);
  expect([...aggregateTiles(features, 2, 3, "median")]).toEqual([2, 20, 3, 5]);
  expect(aggregateTiles(features, 6, 1, "mean")).toBe(features);
});

describe("embedding a data set", () => {
  const source = join(folder, "screen");
  const dataset = join(folder, "dataset");
  beforeAll(async () => {
    const controlWells = { mock: 2, uvInactivated: 0, activeUntreated: 2 };
    const options = {
      experiments: ["SYN-1"],
      platesPerExperiment: 1,
      controlWells,
      compounds: [],
      sitesPerWell: 2,
      sidePx: 48,
    };
    for await (const _ of writeSyntheticScreen(source, options));
    for await (const _ of importDataset({ source, out: dataset }));
  });

  it("writes one row an image in order, with metadata, and a header; tiling is the mean over tiles", async () => {
    const checkpoint = await checkpointOf(32, 5);
    using opened = await openDataset(dataset);
    const encoder = await openEncoder(checkpoint, "conv4_gap", "onnxruntime");
    const out = join(folder, "embedding");
    const options = { dataset: opened, encoder, out, name: "test encoder", checkpointFile: "c", stridePx: 16 };
    for await (const event of embedDataset(options)) if (event.kind === "progress") expect(event.total).toBe(8);
    const table = await readFeatureTable(`${out}.parquet`);
    expect(table.metadata.get("site_id")).toEqual(opened.sites.map((site) => site.site_id));
    const header = EmbeddingHeader.parse(JSON.parse(readFileSync(`${out}.json`, "utf8")));
    expect(header).toMatchObject({
      nRows: 8,
      nFeatures: 12,
      tiling: { tilePx: 32, stridePx: 16, nTilesPerImage: 4 },
      minibatchStd: 0.37,
    });

    // The fourth image by hand: four tiles from the corners, mapped to [−1, 1], their rows averaged.
    const { data } = await opened.readImages([3]);
    const tiles = [0, 16].flatMap((top) => [0, 16].map((left) => ({ top, left })));
    const cut = tiles.flatMap(({ top, left }) =>
      Array.from(
        { length: 5 * 32 * 32 },
        (_, i) =>
          data[Math.floor(i / 1024) * 48 * 48 + (top + (Math.floor(i / 32) % 32)) * 48 + left + (i % 32)]! / 127.5 - 1,
      ),
    );
    const want = aggregateTiles(await encoder.run(Float32Array.from(cut), 4), 1, 4, "mean");
    expect(relativeDifference(table.features.slice(3 * 12, 4 * 12), want)).toBeLessThan(1e-5);
    await encoder.close();
  });

  it("leaves nothing behind when it is stopped or its channels do not fit", async () => {
    using opened = await openDataset(dataset);
    const encoder = await openEncoder(await checkpointOf(16, 6), "logit", "onnxruntime");
    const common = { dataset: opened, encoder, name: "x", checkpointFile: "c" };
    const run = async (out: string, signal?: AbortSignal) => {
      for await (const _ of embedDataset({ ...common, out, ...(signal ? { signal } : {}) }));
    };
    await expect(run(join(folder, "wrong"))).rejects.toThrow(/no channel 'Mito'/);
    await encoder.close();
    const fits = await openEncoder(await checkpointOf(16, 5), "logit", "onnxruntime");
    const stopped = embedDataset({
      ...common,
      encoder: fits,
      out: join(folder, "stopped"),
      signal: AbortSignal.abort(),
    });
    await expect(stopped.next()).rejects.toThrow(/abort/i);
    await fits.close();
    expect(readdirSync(folder).filter((name) => /^(wrong|stopped)/.test(name))).toEqual([]);
    expect(existsSync(join(folder, "stopped.parquet"))).toBe(false);
  });
});
