import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SeededRandom } from "../../core/index.ts";
import { type Dataset, importDataset, openDataset } from "../../data/index.ts";
import { type Checkpoint, resolveCheckpoint } from "../../embed/index.ts";
import type { Generator } from "../../models/index.ts";
import { generateImage, loadGenerator, seedRecipe, train } from "../../train/index.ts";
import { temporaryFolder, tinyConfig } from "../../train/train.fixture.ts";
import { conditionsOf, findConditionEnds } from "./condition-ends.ts";

const root = temporaryFolder();
let dataset: Dataset;
let checkpoint: Checkpoint;
let generator: Generator;

/** Dark images for Dark, bright ones for Bright, 20 of each on two plates, and three of Rare. */
async function importBrightness(): Promise<string> {
  const source = join(root, "source");
  mkdirSync(source);
  const random = new SeededRandom(5);
  const rows = ["plate,well,condition"];
  const places = Array.from({ length: 43 }, (_, i) => ({
    plate: `P${i % 2}`,
    well: `A${String(i + 1).padStart(2, "0")}`,
    i,
  }));
  for (const { plate, well, i } of places) {
    const condition = i >= 40 ? "Rare" : i % 4 < 2 ? "Dark" : "Bright";
    rows.push(`${plate},${well},${condition}`);
    const level = condition === "Bright" ? 170 : 60;
    const pixels = Uint8Array.from({ length: 400 }, () => level + 25 * random.normal());
    const raw = { width: 20, height: 20, channels: 1 } as const;
    await sharp(pixels, { raw })
      .toColourspace("b-w")
      .png()
      .toFile(join(source, `${plate}_${well}_1.png`));
  }
  writeFileSync(join(source, "metadata.csv"), `${rows.join("\n")}\n`);
  const out = join(root, "dataset");
  const table = { images: "{plate}_{well}_{channel}.png", channels: [{ name: "DNA" }] };
  for await (const event of importDataset({ source, out, table })) void event;
  return out;
}

beforeAll(async () => {
  const folder = await importBrightness();
  for await (const _ of train({ config: tinyConfig(folder, 1), out: join(root, "run") }));
  dataset = await openDataset(folder);
  checkpoint = await resolveCheckpoint(join(root, "run"), "latest");
  generator = await loadGenerator(checkpoint.stem, checkpoint.header);
});
afterAll(() => {
  dataset.close();
  generator.dispose();
});

const find = (from: string, to: string, signal = new AbortController().signal) =>
  findConditionEnds(generator, checkpoint, dataset, { from, to, truncation: 1, signal, nSeeds: 96 });
/** Mean grey level of a seed's image: what the two conditions differ by, measured without the encoder. */
const brightness = (seed: number) => {
  const { data } = generateImage(generator, seedRecipe(seed), { maxLevel: 255 });
  return data.reduce((sum, v) => sum + v, 0) / data.length;
};
const meanBrightness = (seeds: readonly number[]) => seeds.reduce((sum, s) => sum + brightness(s), 0) / seeds.length;

describe("the ends of a walk between conditions", () => {
  it("are seeds whose images differ as the conditions do, whichever way the walk goes", async () => {
    const { from, to, told } = await find("Dark", "Bright");
    expect([from.length, to.length]).toEqual([6, 6]);
    expect(new Set([...from, ...to]).size).toBe(12);
    expect(meanBrightness(to)).toBeGreaterThan(meanBrightness(from) + 5);
    expect(told).toMatch(
      /AUC 1\.00\. Along its direction real Dark lies at −[\d.]+ and real Bright at [\d.]+ \(medians\)/,
    );
    const back = await find("Bright", "Dark");
    expect(meanBrightness(back.to)).toBeLessThan(meanBrightness(back.from) - 5);
  });

  it("are the same each time", async () => {
    expect(await find("Dark", "Bright")).toEqual(await find("Dark", "Bright"));
  });

  it("are conditions with enough images; others are refused, naming those", async () => {
    expect(conditionsOf(dataset).sort()).toEqual(["Bright", "Dark"]);
    await expect(find("Dark", "Rare")).rejects.toThrow(/no 8 images of the condition 'Rare'[\s\S]*Dark/);
  });

  it("are not looked for any more when the one who asked has gone", async () => {
    await expect(find("Dark", "Bright", AbortSignal.abort())).rejects.toThrow();
  });
});
