// Every system of this kind from end to end at a tiny size: what it writes, says and refuses. That it learns is held by larger runs.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Dataset, openDataset, readFeatureTable } from "../data/index.ts";
import { describeBackbone } from "../models/index.ts";
import { setThreads, tensorStats, writeSafetensors } from "../tensor/index.ts";
import { drawnDataset, messageOf, ran, temporaryFolder } from "./baselines.fixture.ts";
import { cascadeTransfer } from "./cascade-transfer.ts";
import { deemd } from "./deemd.ts";
import { imagenetCollapsed, imagenetConcatenated } from "./imagenet.ts";

const folder = temporaryFolder();
let path = "";
let dataset: Dataset;
beforeAll(async () => {
  setThreads(1);
  const compounds = [{ name: "Synthinert", effect: "inert" as const, dosesUm: [1, 3] }];
  const controlWells = { mock: 2, uvInactivated: 1, activeUntreated: 3 };
  const screen = { platesPerExperiment: 2, sitesPerWell: 1, controlWells, compounds, replicates: 3, sidePx: 64 };
  path = await drawnDataset(join(folder, "a"), screen);
  dataset = await openDataset(path);
  return () => dataset.close();
});

const tiny = { heldOut: ["SYN-1_2"], batchSize: 8, epochs: 2 };
const tinyDeemd = {
  ...{ ...tiny, backbone: "resnet-small", patchPx: 32, stridePx: 16, k: 2, validateEvery: 1, validationShare: 0.34 },
  learningRate: 1e-3,
};
const tinyCascade = {
  ...tiny,
  backbone: "densenet-small",
  patchPx: 64,
  sirnaEpochs: 1,
  validateEvery: 1,
  nResamples: 20,
};

const learnedFrom = async (parquet: string) => {
  const table = await readFeatureTable(parquet);
  const [plates, learned] = [table.metadata.get("plate_id"), table.metadata.get("learned_from")];
  return { table, heldOut: learned?.filter((_, i) => plates?.[i] === "SYN-1_2"), learned };
};

describe("deemd", () => {
  it("writes features, scores with bounds, and marks what it learned from; again, it trains no more and gives the same", async () => {
    const before = tensorStats().live;
    const out = join(folder, "deemd");
    const { files } = await ran(deemd, { dataset, out, params: tinyDeemd });
    expect(files.embedding?.header).toMatchObject({ nRows: 24, nFeatures: 128, runtime: "libtorch" });
    expect(files.record.provenance).toMatchObject({
      weights: "from scratch",
      heldOutPlates: ["SYN-1_2"],
      heldOutImages: 6,
    });
    const { table, heldOut, learned } = await learnedFrom(`${out}.parquet`);
    expect(heldOut?.every((value) => value === null)).toBe(true);
    expect(learned?.filter((value) => value === "deemd")).toHaveLength(6);
    const images = table.metadata.get("deemd_score")?.map(Number) ?? [];
    expect(images.every((score) => score >= 0 && score <= 1)).toBe(true);
    const [whole, first, second] = files.scores?.rows ?? [];
    expect(whole).toMatchObject({ treatment: "Synthinert", dose_um: null, rank: 1, n_images: 12 });
    expect([first?.dose_um, second?.dose_um]).toEqual([1, 3]);
    // six images a dose: the interval runs from the smallest to the largest score
    const ofDose = images.filter((_, i) => table.metadata.get("dose_um")?.[i] === 1);
    expect(ofDose).toHaveLength(6);
    expect(first?.upper_bound).toBeCloseTo(Math.max(...ofDose), 12);
    expect(first?.score).toBeCloseTo(1 - Math.max(...ofDose), 12);
    const again = await ran(deemd, { dataset, out, params: tinyDeemd });
    expect(again.events[0]).toMatchObject({ kind: "note", text: expect.stringContaining("it is trained already") });
    expect(again.files.scores?.rows).toEqual(files.scores?.rows);
    expect(tensorStats().live).toBe(before);
  });

  it("leaves a checkpoint when it is stopped, and then ends as if it had not been", async () => {
    const out = join(folder, "stopped");
    const stop = new AbortController();
    const stopped = (async () => {
      const { runBaseline } = await import("./run-baseline.ts");
      for await (const event of runBaseline(deemd, { dataset, out, params: tinyDeemd, signal: stop.signal }))
        if (event.kind === "progress" && event.detail?.includes("loss")) stop.abort(new Error("Ctrl-C"));
    })();
    expect(await messageOf(stopped)).toBe("Ctrl-C");
    expect([existsSync(`${out}.parquet`), existsSync(join(`${out}-work`, "deemd.safetensors"))]).toEqual([false, true]);
    const resumed = await ran(deemd, { dataset, out, params: tinyDeemd });
    const whole = await ran(deemd, { dataset, out: join(folder, "whole"), params: tinyDeemd });
    expect(resumed.files.scores?.rows).toEqual(whole.files.scores?.rows);
  });
});

describe("cascade-transfer", () => {
  it("skips the siRNA step where it has no screen, says so, and scores treatments by the probability of mock", async () => {
    const out = join(folder, "cascade");
    const { files, events } = await ran(cascadeTransfer, { dataset, out, params: tinyCascade });
    expect(events[0]).toMatchObject({ kind: "note", text: expect.stringContaining("siRNA step is skipped") });
    expect(files.record.provenance).toMatchObject({ weights: "from scratch", sirna: "skipped", heldOutImages: 5 });
    const { learned } = await learnedFrom(`${out}.parquet`);
    expect(learned?.filter((value) => value === "cascade-transfer")).toHaveLength(5); // mock and active: UV is not learned from
    const [whole, first, second] = files.scores?.rows ?? [];
    expect(whole?.score).toBe(Math.max(first?.score ?? 0, second?.score ?? 0));
    expect(first?.n_wells).toBe(6);
    expect(first?.low as number).toBeLessThanOrEqual(first?.score as number);
    expect(first?.high as number).toBeGreaterThanOrEqual(first?.score as number);
  });

  it("learns siRNAs first where it has a screen, each step a checkpoint of its own, and hands its features on", async () => {
    const out = join(folder, "steps");
    const two = ["Synth-a", "Synth-b"].map((name) => ({ name, effect: "inert" as const, dosesUm: [1] }));
    const controlWells = { mock: 0, uvInactivated: 0, activeUntreated: 0 };
    const sirna = await drawnDataset(join(folder, "sirna"), {
      compounds: two,
      controlWells,
      replicates: 6,
      sidePx: 64,
    });
    const params = { ...tinyCascade, sirna };
    const { files } = await ran(cascadeTransfer, { dataset, out, params: { ...params, controls: false } });
    expect(files.scores).toBeNull();
    expect(files.record.provenance).toMatchObject({
      controls: "skipped",
      sirna: { classes: 2, images: 12, nEpochs: 1 },
    });
    expect(existsSync(join(`${out}-work`, "sirna.safetensors"))).toBe(true);
    const further = await ran(cascadeTransfer, { dataset, out, params });
    expect(further.events[0]).toMatchObject({ kind: "note", text: expect.stringContaining("it is trained already") });
    expect(existsSync(join(`${out}-work`, "controls.safetensors"))).toBe(true);
  });

  it("refuses an siRNA screen of one class", async () => {
    const params = { ...tinyCascade, sirna: path };
    expect(await messageOf(ran(cascadeTransfer, { dataset, out: join(folder, "one"), params }))).toMatch(
      /cascade-transfer finds no image of two siRNAs or more.*\n.*1 treatments/,
    );
  });
});

describe("the ImageNet systems", () => {
  it("set the features of each stain side by side, without labels", async () => {
    const out = join(folder, "concatenated");
    const { files } = await ran(imagenetConcatenated, { dataset, out, params: { backbone: "densenet-small" } });
    expect(files.embedding?.header).toMatchObject({ nRows: 24, nFeatures: 5 * 32 });
    const tiled = { backbone: "densenet-small", patchPx: 32, patchesPerRun: 3 };
    const [a, b] = [3, 1].map((patchesPerRun) =>
      ran(imagenetConcatenated, { dataset, out: `${out}${patchesPerRun}`, params: { ...tiled, patchesPerRun } }),
    );
    await Promise.all([a, b]);
    const [one, other] = [await readFeatureTable(`${out}3.parquet`), await readFeatureTable(`${out}1.parquet`)];
    one.features.forEach((value, i) => void expect(Math.abs(value - other.features[i]!)).toBeLessThan(1e-4));
  });

  it("mix the stains by what tells controls apart, and say in which shares", async () => {
    const out = join(folder, "collapsed");
    const params = { ...tiny, backbone: "densenet-small", learningRate: 0.01 };
    const { files } = await ran(imagenetCollapsed, { dataset, out, params });
    expect(files.embedding?.header).toMatchObject({ nRows: 24, nFeatures: 32 });
    const { mixture } = files.record.provenance as { mixture: number[] };
    expect(mixture).toHaveLength(5);
    expect(mixture.every((share) => share !== 0.2)).toBe(true); // every stain's weight was moved
    const { learned } = await learnedFrom(`${out}.parquet`);
    expect(learned?.filter((value) => value === "imagenet-collapsed")).toHaveLength(6);
  });

  it("name the weights they were given, and refuse a file that is not there", async () => {
    const file = join(folder, "published.safetensors");
    const { parameters, buffers } = describeBackbone({ name: "densenet-small", imageChannels: 3, nClasses: 1000 });
    const size = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);
    const tensors = [...parameters, ...buffers].map(
      ({ name, shape }) => [name, { dtype: "float32", shape, data: new Float32Array(size(shape)).fill(0.5) }] as const,
    );
    await writeSafetensors(file, new Map(tensors));
    const params = { backbone: "densenet-small", weights: file };
    const { files } = await ran(imagenetConcatenated, { dataset, out: join(folder, "given"), params });
    expect(files.record.provenance.weights).toMatch(/^published\.safetensors \(sha256 [0-9a-f]{16}…\)$/);
    const absent = { backbone: "densenet-small", weights: join(folder, "no.safetensors") };
    expect(await messageOf(ran(imagenetConcatenated, { dataset, out: join(folder, "x"), params: absent }))).toMatch(
      /no\.safetensors cannot be read.*\n.*the system says.*\n\s+fix: name a \.safetensors/,
    );
    const pickled = join(folder, "densenet121.pth");
    writeFileSync(pickled, "PK".padEnd(64, "x"));
    const wrong = ran(imagenetConcatenated, {
      dataset,
      out: join(folder, "x"),
      params: { ...absent, weights: pickled },
    });
    expect(await messageOf(wrong)).toMatch(
      /densenet121\.pth cannot be read.*\n.*its header should take.*\n\s+fix: .*how to write one from torchvision's/,
    );
  });
});
