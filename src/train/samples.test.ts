import { mkdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDataset } from "../data/index.ts";
import { Generator } from "../models/index.ts";
import { Rng, readSafetensors, type StoredTensor, tensorStats } from "../tensor/index.ts";
import { checkpointName, listCheckpoints } from "./checkpoint.ts";
import { shapeOf } from "./gan.ts";
import { displayOf } from "./generate/display-range.ts";
import { generateGrey, loadGenerator, realGridPng } from "./samples.ts";
import { messageOf, temporaryFolder, tinyConfig, trained, writeTinyDataset } from "./train.fixture.ts";

const root = temporaryFolder();
const dataOf = (tensors: ReadonlyMap<string, StoredTensor>, name: string) => tensors.get(`generatorEma.${name}`)!.data;
let generator: Generator;
let dataset: string;
beforeAll(async () => {
  mkdirSync(join(root, "source"));
  dataset = await writeTinyDataset(join(root, "source"));
  generator = new Generator(shapeOf(tinyConfig("none", 1), 2), new Rng(3));
});
afterAll(() => generator.dispose());

describe("generateGrey", () => {
  const images = (seed: number, truncation = 1, maxLevel: 255 | 65535 = 255) =>
    generateGrey(generator, { n: 3, seed, truncation, maxLevel });

  it("gives grey levels in range, equal for equal seeds, and frees what it used", () => {
    const { live } = tensorStats();
    const { data, shape } = images(1);
    expect(shape).toEqual([3, 2, 16, 16]);
    expect(Math.min(...data)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...data)).toBeLessThanOrEqual(255);
    expect(images(1).data).toEqual(data);
    expect(images(2).data).not.toEqual(data);
    expect(tensorStats().live).toBe(live);
  });
  it("scales to 16 bits", () => {
    const [eight, sixteen] = [images(1).data, images(1, 1, 65535).data];
    expect(sixteen[100]! / 65535).toBeCloseTo(eight[100]! / 255, 5);
  });
  it("shows one image, that of the mean style, at truncation 0", () => {
    const { data } = images(1, 0);
    expect(data.slice(0, 512)).toEqual(data.slice(512, 1024));
    expect(images(1).data.slice(0, 512)).not.toEqual(images(1).data.slice(512, 1024));
  });
});

it("displayOf stretches each channel over its percentiles, in its colour", async () => {
  using screen = await openDataset(dataset);
  expect(displayOf(screen.manifest)).toEqual([
    { colour: "#3a6bff", low: 20, high: 200 },
    { colour: "#ff4136", low: 20, high: 200 },
  ]);
});

it("loadGenerator gives the moving average of a checkpoint, and says so when that is damaged", async () => {
  const out = join(root, "run");
  await trained({ config: tinyConfig(dataset, 2), out });
  const { stem, weights, header } = (await listCheckpoints(out)).checkpoints.at(-1)!;
  const loaded = await loadGenerator(stem, header);
  const { tensors } = await readSafetensors(weights);
  for (const [name, tensor] of loaded.state()) expect(tensor.toFloat32Array()).toEqual(dataOf(tensors, name));
  expect(dataOf(tensors, "synthesis.const")).not.toEqual(tensors.get("generator.synthesis.const")!.data);
  loaded.dispose();
  truncateSync(weights, 1000);
  await messageOf("bad-safetensors", () => loadGenerator(stem, header));
});

it("realGridPng draws the same images for the same seed", async () => {
  using screen = await openDataset(dataset);
  const draw = (seed: number, input: "stored" | "standardised" = "stored") => realGridPng(screen, 16, { seed, input });
  expect(await draw(1)).toEqual(await draw(1));
  expect(await draw(2)).not.toEqual(await draw(1));
  expect(await draw(1, "standardised")).not.toEqual(await draw(1));
});

it("shows standardised images over −1.2 to 3 of their standard deviations, whatever the data set's grey levels", async () => {
  using screen = await openDataset(dataset);
  const [dna] = displayOf(screen.manifest, "standardised");
  expect(dna).toEqual({ colour: "#3a6bff", low: expect.closeTo(0.3 * 255, 6), high: 255 });
});

it("checkpoint names sort in the order of training", () => {
  const names = [0, 4, 12_800, 999_999, 1_000_000, 25_000_000].map(checkpointName);
  expect(names[2]).toBe("kimg-000012.800");
  expect([...names].sort()).toEqual(names);
});
