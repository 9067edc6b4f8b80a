import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Dataset, importDataset, openDataset, readFeatureTable } from "../data/index.ts";
import { writeSyntheticScreen } from "../data/synthetic/index.ts";
import { type CheckpointHeader, EmbeddingHeader, type Tap } from "../schema/index.ts";
import { setThreads } from "../tensor/index.ts";
import { checkpointOf, NAMES, relativeDifference } from "./embed.fixture.ts";
import {
  aggregateTiles,
  type Embedding,
  type EmbedOptions,
  type Encoder,
  embedDataset,
  embeddingPath,
  openEncoder,
  tapWidths,
} from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "gandl-embed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const imported = join(folder, "dataset");
beforeAll(async () => {
  setThreads(1);
  const controlWells = { mock: 2, uvInactivated: 0, activeUntreated: 2 };
  const layout = { experiments: ["SYN-1"], platesPerExperiment: 1, sitesPerWell: 2, sidePx: 48 };
  const source = join(folder, "screen");
  for await (const _ of writeSyntheticScreen(source, { ...layout, controlWells, compounds: [] }));
  for await (const _ of importDataset({ source, out: imported }));
  // Drawn cells have no size; a pixel size is needed to compare with.
  const manifest = join(imported, "dataset.json");
  writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, "utf8")), pixelSizeUm: 0.65 }));
});

let dataset: Dataset;
beforeEach(async () => {
  dataset = await openDataset(imported);
});
afterEach(() => dataset.close());

let nRuns = 0;
/** Embeds with a network of `side` px, and gives what was written and every table. */
async function embed(
  side: number,
  taps: readonly Tap[],
  { own = {}, ...options }: Partial<EmbedOptions> & { own?: Partial<CheckpointHeader> } = {},
) {
  const out = join(folder, `embedding-${nRuns++}`);
  const encoder = await openEncoder(await checkpointOf(folder, side, 5, 0, `run-${nRuns}`, own), taps, "onnxruntime", {
    threads: 1,
  });
  try {
    let embeddings: readonly Embedding[] = [];
    const common = { dataset, encoder, out, name: "test encoder", checkpointFile: "c.safetensors" };
    for await (const event of embedDataset({ ...common, ...options }))
      if (event.kind === "finished") embeddings = event.embeddings;
      else expect(event.total).toBe(8);
    const tables = await Promise.all(embeddings.map(({ parquet }) => readFeatureTable(parquet)));
    return { out, embeddings, tables, header: embeddings[0]!.header, features: tables[0]!.features };
  } finally {
    await encoder.close();
  }
}

describe("embedding a data set", () => {
  it("writes one row an image in order, with metadata, and a header; tiling is the mean over tiles", async () => {
    const { embeddings, tables, features } = await embed(32, ["conv4_gap"], { stridePx: 16 });
    expect(tables[0]!.metadata.get("site_id")).toEqual(dataset.sites.map((site) => site.site_id));
    const [{ parquet, header }] = embeddings as [Embedding];
    expect(EmbeddingHeader.parse(JSON.parse(readFileSync(parquet.replace(/parquet$/, "json"), "utf8")))).toEqual(
      header,
    );
    expect(header).toMatchObject({
      ...{ encoder: "test encoder, conv4_gap", tap: "conv4_gap", nRows: 8, nFeatures: 12, minibatchStd: 0.37 },
      tiling: { layout: "grid", tilePx: 32, stridePx: 16, nTilesPerImage: 4, aggregate: "mean" },
      ...{ input: "stored", resizeFactor: 1, runtime: "onnxruntime" },
    });
    expect(header.channelMap[1]).toEqual({ encoder: "ER", dataset: "ER", matchedBy: "name", filled: null });

    // The fourth image by hand: four tiles from the corners, mapped to [−1, 1], their rows averaged.
    const { data } = await dataset.readImages([3]);
    const corners = [0, 16].flatMap((top) => [0, 16].map((left) => ({ top, left })));
    const cut = corners.flatMap(({ top, left }) =>
      Array.from(
        { length: 5 * 32 * 32 },
        (_, i) =>
          data[Math.floor(i / 1024) * 48 * 48 + (top + (Math.floor(i / 32) % 32)) * 48 + left + (i % 32)]! / 127.5 - 1,
      ),
    );
    const encoder = await openEncoder(await checkpointOf(folder, 32, 5), ["conv4_gap"], "onnxruntime", { threads: 1 });
    const ofTiles = await encoder.run(Float32Array.from(cut), 4);
    await encoder.close();
    const want = aggregateTiles(ofTiles.get("conv4_gap")!, 1, 4, "mean");
    expect(relativeDifference(features.slice(3 * 12, 4 * 12), want)).toBeLessThan(1e-5);
  });

  it("writes a table a layer from one pass, each the same as alone", async () => {
    const taps = ["fc512", "blocks_gap_std", "logit"] as const;
    const { out, embeddings, tables } = await embed(32, taps);
    expect(embeddings.map(({ parquet }) => parquet)).toEqual(taps.map((tap) => `${out}-${tap}.parquet`));
    expect(existsSync(`${out}.parquet`)).toBe(false);
    for (const [i, tap] of taps.entries()) {
      const { header } = embeddings[i]!;
      expect(header).toMatchObject({ tap, encoder: `test encoder, ${tap}`, nFeatures: tables[i]!.features.length / 8 });
      const alone = await embed(32, [tap]);
      expect(relativeDifference(tables[i]!.features, alone.features), tap).toBeLessThan(1e-5);
    }
  });

  it("gives the same rows whatever the batch, and LibTorch's", async () => {
    const whole = await embed(32, ["blocks_gap"], { tiles: "cover" });
    for (const tilesPerRun of [1, 8, 12]) {
      const other = await embed(32, ["blocks_gap"], { tiles: "cover", tilesPerRun });
      expect(relativeDifference(other.features, whole.features)).toBeLessThan(1e-5);
    }
    const torch = await openEncoder(await checkpointOf(folder, 32, 5), ["blocks_gap"], "libtorch");
    const own = await embedWith(torch, { tiles: "cover" });
    expect(own.header.runtime).toBe("libtorch");
    expect(relativeDifference(own.features, whole.features)).toBeLessThan(1e-4);
    await torch.close();
  });

  it("takes one tile from the middle, the fewest that cover, or a grid; and says which", async () => {
    for (const [options, tiling] of [
      [{}, { layout: "cover", stridePx: null, nTilesPerImage: 4 }],
      [{ tiles: "centre" }, { layout: "centre", stridePx: null, nTilesPerImage: 1 }],
      [{ tiles: "grid" }, { layout: "grid", stridePx: 32, nTilesPerImage: 4 }],
      [{ stridePx: 8 }, { layout: "grid", stridePx: 8, nTilesPerImage: 9 }],
      [{ resize: 0.7 }, { layout: "centre", stridePx: null, nTilesPerImage: 1 }], // 33 px
    ] as const) {
      expect((await embed(32, ["logit"], options)).header.tiling).toMatchObject(tiling);
    }
  });

  it("resizes by a factor or by the pixel sizes, and records the exact factor", async () => {
    const um = dataset.manifest.pixelSizeUm!;
    expect(um).toBeGreaterThan(0);
    const half = await embed(16, ["fc512"], { resize: 0.5 });
    const auto = await embed(16, ["fc512"], { resize: "auto", own: { pixelSizeUm: 2 * um } });
    expect(auto.header.resizeFactor).toBe(0.5);
    expect(auto.features).toEqual(half.features);
    const own = await embed(16, ["fc512"], { resize: "auto", own: { pixelSizeUm: um / 1.7 } });
    expect(own.header.resizeFactor).toBeCloseTo(1.7, 12);
    await expect(embed(16, ["fc512"], { resize: "auto" })).rejects.toThrow(/pixel size of the encoder is not recorded/);
  });

  it("standardises where asked or where the checkpoint was trained so, and records it", async () => {
    const asked = await embed(32, ["fc512"], { input: "standardised" });
    expect(asked.header.input).toBe("standardised");
    const stored = await embed(32, ["fc512"]);
    expect(relativeDifference(asked.features, stored.features)).toBeGreaterThan(0.01);
    // A checkpoint's own kind of input is the default. Its schema may not know it yet, so it is set behind the encoder's back.
    const encoder = await openEncoder(await checkpointOf(folder, 32, 5), ["fc512"], "onnxruntime", { threads: 1 });
    const trainedSo = { ...encoder.header, input: "standardised" } as CheckpointHeader;
    const { taps, runtime } = encoder;
    const run: Encoder["run"] = (images, n) => encoder.run(images, n);
    const wrapped: Encoder = { header: trainedSo, taps, runtime, device: "cpu", run, close: async () => {} };
    const byDefault = await embedWith(wrapped);
    expect(byDefault.header.input).toBe("standardised");
    expect(byDefault.features).toEqual(asked.features);
    await encoder.close();
  });

  it("matches stains of another panel, and records what stood in for a missing one", async () => {
    const mito = { name: "w5", stain: "MitoTracker", colour: "#ffffff" };
    const channels = NAMES.slice(0, 5).map((name, i) => (i === 3 ? mito : { name, stain: name, colour: "#ffffff" }));
    await expect(embed(32, ["logit"], { own: { channels } })).rejects.toThrow(/no channel 'w5'/);
    const filled = await embed(32, ["logit"], { own: { channels }, missing: "zero" });
    expect(filled.header.channelMap[3]).toEqual({ encoder: "w5", dataset: null, matchedBy: null, filled: "zero" });
    const mapped = await embed(32, ["logit"], { own: { channels }, channelMap: { w5: "RNA" } });
    expect(mapped.header.channelMap[3]).toEqual({ encoder: "w5", dataset: "RNA", matchedBy: "given", filled: null });
    expect(mapped.features).toEqual((await embed(32, ["logit"])).features);
    expect(mapped.features).not.toEqual(filled.features);
  });
});

/** Embeds with an encoder that is open. */
async function embedWith(encoder: Encoder, options: Partial<EmbedOptions> = {}) {
  const out = join(folder, `embedding-${nRuns++}`);
  const common = { dataset, encoder, out, name: "x", checkpointFile: "c" };
  for await (const event of embedDataset({ ...common, ...options })) {
    if (event.kind !== "finished") continue;
    const [{ parquet, header }] = event.embeddings as [Embedding];
    return { header, features: (await readFeatureTable(parquet)).features };
  }
  throw new Error("it did not finish");
}

describe("an embedding that does not come to its end", () => {
  const TAPS = ["logit", "fc512"] as const;
  const open = async () => openEncoder(await checkpointOf(folder, 16, 5), TAPS, "onnxruntime", { threads: 1 });
  /** What an encoder tells of itself; closed. */
  const opened = async () => {
    const encoder = await open();
    await encoder.close();
    return encoder;
  };
  const left = (name: string) => readdirSync(folder).filter((file) => file.startsWith(name));

  it("leaves nothing behind when it is stopped, at the start or on its way", async () => {
    const encoder = await open();
    const stopped = embedWith(encoder, { out: join(folder, "stopped"), signal: AbortSignal.abort() });
    await expect(stopped).rejects.toThrow(/abort/i);
    const controller = new AbortController();
    const options = { out: join(folder, "stopped"), tilesPerRun: 9, signal: controller.signal };
    const events = embedDataset({ dataset, encoder, name: "x", checkpointFile: "c", ...options });
    await events.next();
    controller.abort();
    await expect(events.next()).rejects.toThrow(/abort/i);
    expect(left("stopped")).toEqual([]);
    expect((await embedWith(encoder)).header.nRows).toBe(8); // the encoder is as it was
    await encoder.close();
  });

  it("names image and layer where a feature is not finite, and leaves nothing", async () => {
    const { header, runtime } = await opened();
    const widths = tapWidths(header.model);
    const run = async (_: Float32Array, n: number) =>
      new Map(TAPS.map((tap) => [tap, new Float32Array(n * widths[tap]).fill(tap === "fc512" ? Number.NaN : 1)]));
    const broken: Encoder = { header, runtime, device: "cpu", taps: TAPS, run, close: async () => {} };
    const site = dataset.sites[0]!.site_id;
    await expect(embedWith(broken, { out: join(folder, "broken") })).rejects.toThrow(
      new RegExp(`feature_0 of fc512 of image ${site} is not a finite number[\\s\\S]*at 0 kimg[\\s\\S]*--checkpoint`),
    );
    expect(left("broken")).toEqual([]);
  });

  it("passes on what the encoder says, and leaves nothing", async () => {
    const { header, runtime } = await opened();
    const run = async () => Promise.reject(new Error("out of memory"));
    const broken: Encoder = { header, runtime, device: "cpu", taps: TAPS, run, close: async () => {} };
    await expect(embedWith(broken, { out: join(folder, "failed") })).rejects.toThrow("out of memory");
    expect(left("failed")).toEqual([]);
  });

  it("leaves no table of one layer when the table of another cannot be given its name", async () => {
    await mkdir(join(folder, "blocked-fc512.parquet", "in-the-way"), { recursive: true });
    const encoder = await open();
    await expect(embedWith(encoder, { out: join(folder, "blocked") })).rejects.toThrow(/blocked-fc512\.parquet/);
    expect(left("blocked")).toEqual(["blocked-fc512.parquet"]);
    writeFileSync(join(folder, "file"), "");
    await expect(embedWith(encoder, { out: join(folder, "file", "x") })).rejects.toThrow(/cannot be written|x-logit/);
    await encoder.close();
  });
});

it("paths carry the layer's name where there are several, or where it is asked for", () => {
  expect(embeddingPath("a/b", "logit", ["logit"])).toBe("a/b");
  expect(embeddingPath("a/b", "logit", ["logit", "fc512"])).toBe("a/b-logit");
  expect(embeddingPath("a/{tap}/b", "logit", ["logit", "fc512"])).toBe("a/logit/b");
});

it("tiles become one row by mean or median", () => {
  const features = Float32Array.of(1, 10, 2, 20, 6, 60, 3, 5, 3, 5, 3, 5);
  expect([...aggregateTiles(features, 2, 3, "mean")]).toEqual([3, 30, 3, 5]);
  expect([...aggregateTiles(features, 2, 3, "median")]).toEqual([2, 20, 3, 5]);
  expect([...aggregateTiles(features, 3, 2, "median")]).toEqual([1.5, 15, 4.5, 32.5, 3, 5]);
  expect(aggregateTiles(features, 6, 1, "mean")).toBe(features);
});

it("headers of before there were layouts and kinds of input are read as what they were", () => {
  const old = {
    ...{ kind: "gandl-embedding", schemaVersion: 1, encoder: "e", checkpoint: null, tap: "fc512" },
    ...{ runtime: "onnxruntime", minibatchStd: 0, resizeFactor: 1 },
    tiling: { tilePx: 64, stridePx: 64, nTilesPerImage: 4, aggregate: "mean" },
    channelMap: [{ encoder: "DNA", dataset: "DNA" }],
    ...{ datasetId: "d", datasetFingerprint: "f", nRows: 1, nFeatures: 1 },
  };
  expect(EmbeddingHeader.parse(old)).toMatchObject({
    ...{ input: "stored", tiling: { layout: "grid" } },
    channelMap: [{ matchedBy: "name", filled: null }],
  });
});
