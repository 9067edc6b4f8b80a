import { join } from "node:path";
import { expect, it } from "vitest";
import { openDataset, readFeatureTable } from "../../data/index.ts";
import { drawnDataset, messageOf, ran, temporaryFolder } from "../baselines.fixture.ts";
import { handcraftedBaseline } from "./handcrafted.ts";
import { ImageFeatures } from "./image-features.ts";

const folder = temporaryFolder();

it("writes every feature of every image under its name", async () => {
  using dataset = await openDataset(await drawnDataset(folder));
  const out = join(folder, "h");
  await ran(handcraftedBaseline, { dataset, out, params: { distancesPx: [2] } });
  const table = await readFeatureTable(`${out}.parquet`, { isFeature: (name) => name.startsWith("Image_") });
  const channels = dataset.manifest.channels.map(({ name }) => name);
  const measure = new ImageFeatures({ channels, heightPx: 32, widthPx: 32, distancesPx: [2] });
  expect(table.featureNames).toEqual(measure.names);
  const { data } = await dataset.readImages([2]);
  const row = new Float32Array(measure.names.length);
  measure.measure(data, row);
  expect(table.features.slice(2 * row.length, 3 * row.length)).toEqual(row);
  const twice = ran(handcraftedBaseline, { dataset, out, params: { distancesPx: [2, 2] } });
  expect(await messageOf(twice)).toContain("each distance once");
});
