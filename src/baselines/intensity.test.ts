import { expect, it } from "vitest";
import { imported, place, TABLE, THREE } from "../data/import.fixture.ts";
import { openDataset } from "../data/index.ts";
import { quantile } from "../math/statistics.ts";
import { textColumn } from "../profiles/profile-table.ts";
import { intensityProfiles, intensityStatistics } from "./intensity.ts";

const PROBABILITIES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

it("equals statistics computed from the sorted pixels, 16-bit too", () => {
  const pixels = Uint16Array.from({ length: 501 }, (_, i) => (i * 7919) % 4001);
  const [mean, sd, ...percentiles] = intensityStatistics(pixels);
  const average = pixels.reduce((a, b) => a + b, 0) / 501;
  expect(mean).toBeCloseTo(average, 9);
  expect(sd).toBeCloseTo(Math.sqrt(pixels.reduce((s, v) => s + (v - average) ** 2, 0) / 501), 9);
  PROBABILITIES.forEach((p, i) => {
    expect(percentiles[i]).toBeCloseTo(quantile(pixels, p), 9);
  });
});

it("streams a data set into nine figures a channel, beside every column of its sites, whatever the batch", async () => {
  const { source, out } = place(THREE);
  await imported({ source, out, dataset: "table", table: TABLE });
  using dataset = await openDataset(out);
  const seen: number[] = [];
  const table = await intensityProfiles(dataset, { batchSize: 2, onProgress: ({ nImages }) => seen.push(nImages) });
  expect(table.nRows).toBe(3);
  expect(table.featureNames).toHaveLength(18);
  expect(table.featureNames.slice(8, 11)).toEqual(["DNA_p99", "actin_mean", "actin_sd"]);
  expect(seen).toEqual([2, 3]);
  expect(textColumn(table, "well")).toEqual(["A1", "A2", "A3"]);
  expect(textColumn(table, "Note")).toEqual(["007", "", ""]);
  const { data } = await dataset.readImages([1]);
  expect([...table.features.subarray(18, 27)]).toEqual(intensityStatistics(data.subarray(0, 12)).map(Math.fround));
  expect((await intensityProfiles(dataset)).features).toEqual(table.features);
});

it("stops when aborted", async () => {
  const { source, out } = place(THREE);
  await imported({ source, out, dataset: "table", table: TABLE });
  using dataset = await openDataset(out);
  await expect(intensityProfiles(dataset, { signal: AbortSignal.abort(new Error("stop")) })).rejects.toThrow("stop");
});
