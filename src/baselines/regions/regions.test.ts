// Maps of both systems from end to end at a tiny size. How well trained ones find infected cells stands in docs/results.md.
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Dataset, openDataset } from "../../data/index.ts";
import { resolveCheckpoint } from "../../embed/index.ts";
import { Discriminator } from "../../models/index.ts";
import type { CheckpointHeader, StyleGan2Shape } from "../../schema/index.ts";
import { encodeSafetensors, Rng, setThreads, tensorStats } from "../../tensor/index.ts";
import { drawnDataset, messageOf, ran, temporaryFolder } from "../baselines.fixture.ts";
import { deemd } from "../deemd.ts";
import { openDeemdRegions, openFeatureRegions, sitesToMap } from "./index.ts";

const folder = temporaryFolder();
let dataset: Dataset;
beforeAll(async () => {
  setThreads(1);
  const controlWells = { mock: 2, uvInactivated: 0, activeUntreated: 2 };
  const screen = { platesPerExperiment: 2, sitesPerWell: 1, controlWells, sidePx: 48 };
  dataset = await openDataset(await drawnDataset(join(folder, "a"), screen));
  return () => dataset.close();
});

/** An untrained discriminator of 32 px as a run's checkpoint. */
async function untrainedRun() {
  const run = join(folder, "run");
  mkdirSync(join(run, "checkpoints"), { recursive: true });
  const model: StyleGan2Shape = {
    ...{ kind: "stylegan2" as const, resolutionPx: 32, imageChannels: 5, latentDim: 8, styleDim: 8, mappingLayers: 2 },
    ...{ channelBase: 256, channelMax: 8, minibatchStdGroup: 4 },
  };
  const discriminator = new Discriminator(model, new Rng(1));
  const state = new Map([...discriminator.state()].map(([name, tensor]) => [`discriminator.${name}`, tensor]));
  const bytes = encodeSafetensors(state);
  discriminator.dispose();
  const { manifest } = dataset;
  const header: CheckpointHeader = {
    ...{ kind: "gandl-checkpoint", schemaVersion: 1, kimg: 0, step: 0, imagesSeen: 0, model, minibatchStdMean: 0 },
    ...{ weightsSha256: createHash("sha256").update(bytes).digest("hex"), pixelSizeUm: manifest.pixelSizeUm },
    channels: manifest.channels.map(({ name, stain, colour }) => ({ name, stain, colour })),
    ...{ dtype: manifest.dtype, datasetFingerprint: manifest.fingerprint, labels: null, input: "stored" },
  };
  const stem = join(run, "checkpoints", "kimg-000000.000");
  writeFileSync(`${stem}.safetensors`, bytes);
  writeFileSync(`${stem}.json`, JSON.stringify(header));
  return resolveCheckpoint(run, "latest");
}

const isMap = (map: Float32Array) => map.length === 48 * 48 && map.every(Number.isFinite) && new Set(map).size > 50;

describe("openFeatureRegions", () => {
  it("maps every pixel along an axis from the plates that were not held out, and frees the network", async () => {
    const before = tensorStats().live;
    const seen: number[] = [];
    const onProgress = (done: number) => seen.push(done);
    const mapper = await openFeatureRegions(dataset, await untrainedRun(), { heldOut: ["SYN-1_2"], onProgress });
    expect(mapper).toMatchObject({ id: "gan-dl", heldOutPlates: ["SYN-1_2"] });
    expect(mapper.provenance).toMatchObject({ kimg: 0, gridPx: 4, axisFrom: 4 });
    expect(seen).toEqual([1, 2, 3, 4]);
    const map = await mapper.mapImage(0);
    expect(isMap(map)).toBe(true);
    expect(await mapper.mapImage(0)).toEqual(map);
    mapper.close();
    expect(tensorStats().live).toBe(before);
  });
});

describe("openDeemdRegions", () => {
  const params = {
    ...{ backbone: "resnet-small", patchPx: 32, stridePx: 16, k: 2, epochs: 1, batchSize: 4, learningRate: 1e-3 },
    ...{ heldOut: ["SYN-1_2"], validationShare: 0 },
  };
  it("spreads the patches of the network that the run left, each a probability", async () => {
    const before = tensorStats().live;
    await ran(deemd, { dataset, out: join(folder, "d"), params });
    const mapper = await openDeemdRegions(dataset, join(folder, "d-work"), { stridePx: 4 });
    const map = await mapper.mapImage(1);
    expect(map.every((value) => value > 0 && value < 1)).toBe(true);
    expect(isMap(map) || new Set(map).size > 20).toBe(true);
    expect(mapper.heldOutPlates).toEqual(["SYN-1_2"]);
    mapper.close();
    expect(tensorStats().live).toBe(before);
  });

  it("maps another screen, of which no plate was learned from, with controls or without", async () => {
    const options = { sidePx: 48, sitesPerWell: 1, controlWells: { mock: 0, uvInactivated: 0, activeUntreated: 2 } };
    const other = await openDataset(await drawnDataset(join(folder, "b"), { ...options, experiments: ["SYN-9"] }));
    const mapper = await openDeemdRegions(other, join(folder, "d-work"), { stridePx: 8 });
    expect(mapper.heldOutPlates).toEqual(["SYN-9_1"]);
    expect((await mapper.mapImage(0)).every((value) => value > 0 && value < 1)).toBe(true);
    mapper.close();
    other.close();
  });

  it("refuses a folder without a finished training, and a data set of other stains", async () => {
    expect(await messageOf(openDeemdRegions(dataset, join(folder, "none")))).toMatch(
      /deemd\.safetensors is not there.*\n.*training is over.*\n\s+fix: run gandl baseline deemd/,
    );
    const stop = new AbortController();
    stop.abort(new Error("stopped"));
    await messageOf(ran(deemd, { dataset, out: join(folder, "half"), params, signal: stop.signal }));
    expect(await messageOf(openDeemdRegions(dataset, join(folder, "half-work")))).toContain("stopped after 0 epochs");
    const { manifest } = dataset;
    const fewer = { ...dataset, manifest: { ...manifest, channels: manifest.channels.slice(1) } } as unknown as Dataset;
    expect(await messageOf(openDeemdRegions(fewer, join(folder, "d-work")))).toMatch(
      /takes 5 channels; the data set has 4.*\n.*position.*\n\s+fix: name the data set/,
    );
  });
});

describe("sitesToMap", () => {
  it("takes infected controls of held-out plates, evenly, or the sites that are named", () => {
    const chosen = sitesToMap(dataset, 9, ["SYN-1_2"]).map((i) => dataset.sites[i]!);
    expect(chosen).toHaveLength(2);
    expect(chosen.every(({ role, plate_id }) => role === "positive_control" && plate_id === "SYN-1_2")).toBe(true);
    expect(sitesToMap(dataset, 9, [])).toHaveLength(4);
    expect(sitesToMap(dataset, [dataset.sites[3]!.site_id], [])).toEqual([3]);
  });
  it("refuses a site that is not there", () =>
    expect(() => sitesToMap(dataset, ["x"], [])).toThrow(
      /no site 'x'.*\n.*look like SYN-1_.*\n\s+fix: name sites by site_id/,
    ));
});
