// The pictures and numbers of `gandl inspect`, over a data set whose wells are known.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Dataset, importDataset, openDataset } from "../../data/index.ts";
import { rowName } from "../../report/index.ts";
import { contactSheet } from "./contact-sheet.ts";
import { heatColour, heatMapPng, heatMapSvg } from "./heat-map.ts";
import { groupLabel, pickImages } from "./pick-images.ts";
import { plateValues } from "./plate-statistics.ts";

const SIDE = 8;
const folder = mkdtempSync(join(tmpdir(), "gandl-inspect-"));
const out = join(folder, "data");
let dataset: Dataset;

beforeAll(async () => {
  const rows = ["plate,well,site,role,condition,cells"];
  for (const [plate, well, site, level, condition] of [
    ["P", "A01", 1, 10, "mock <&>"],
    ["P", "A01", 2, 30, "mock <&>"],
    ["P", "B12", 1, 200, "infected"],
    ["Q", "A01", 1, 50, "infected"],
  ] as const) {
    const stem = `${plate}_${well}_${site}`;
    const plane = Buffer.alloc(SIDE * SIDE, level);
    for (const channel of ["1", "2"])
      writeFileSync(
        join(folder, `${stem}_${channel}.png`),
        await sharp(plane, { raw: { width: SIDE, height: SIDE, channels: 1 } })
          .toColourspace("b-w")
          .png()
          .toBuffer(),
      );
    rows.push(`${plate},${well},${site},treated,${condition},${level / 10}`);
  }
  writeFileSync(join(folder, "metadata.csv"), `${rows.join("\n")}\n`);
  const table = { images: "{plate}_{well}_{site}_{channel}.png", channels: [{ name: "DNA" }, { name: "actin" }] };
  for await (const event of importDataset({ source: folder, out, table })) void event;
  dataset = await openDataset(out);
});
afterAll(() => {
  dataset.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("plateValues", () => {
  it("averages a measure over the images of each well, in the smallest plate format that holds them", async () => {
    const [p, q] = await plateValues(out, dataset, "mean:actin");
    expect([p!.plateId, p!.nRows, p!.nColumns]).toEqual(["P", 8, 12]);
    expect([p!.values[0], p!.values[12 + 11], q!.values[0]]).toEqual([20, 200, 50]);
    expect([...p!.values].filter(Number.isFinite).length).toBe(2);
  });
  it("counts images and flagged images, and averages the metadata's own numbers", async () => {
    expect((await plateValues(out, dataset, "images"))[0]!.values[0]).toBe(2);
    expect((await plateValues(out, dataset, "flagged"))[0]!.values[0]).toBe(2); // planes without structure are empty
    expect((await plateValues(out, dataset, "cells"))[0]!.values[0]).toBe(2);
  });
  it("says which statistics there are", async () => {
    await expect(plateValues(out, dataset, "mean:ER")).rejects.toThrow(/no statistic "mean:ER"[\s\S]*mean:DNA/);
    await expect(plateValues(out, dataset, "condition")).rejects.toThrow(/no statistic "condition"[\s\S]*flagged/);
  });
  it("refuses wells without a place", async () => {
    const nowhere = { ...dataset, sites: dataset.sites.map((site) => ({ ...site, row: null })) } as unknown as Dataset;
    await expect(plateValues(out, nowhere, "images")).rejects.toThrow(/no place on a plate[\s\S]*--column well=NAME/);
  });
});

describe("the heat map", () => {
  it("draws one square a well in the colours of its scale, and escapes names", async () => {
    const svg = heatMapSvg(await plateValues(out, dataset, "mean:DNA"), "mean <DNA>");
    expect(svg.match(/<rect [^>]*stroke="#ddd"/g)?.length).toBe(2 * 96 - 3);
    expect(svg).toContain(heatColour(1));
    expect(svg).toContain("mean &lt;DNA&gt;");
    const { width } = await sharp(await heatMapPng(await plateValues(out, dataset, "mean:DNA"), "x")).metadata();
    expect(width).toBeGreaterThan(500);
  });
  it("names rows as 1536-well plates do, and mixes colours between its marks", () => {
    expect([0, 25, 26, 31].map(rowName)).toEqual(["A", "Z", "AA", "AF"]);
    expect([heatColour(0), heatColour(0.25), heatColour(1), heatColour(9)]).toEqual([
      "rgb(68,1,84)",
      "rgb(59,82,139)",
      "rgb(253,231,37)",
      "rgb(253,231,37)",
    ]);
  });
});

describe("the contact sheet", () => {
  it("takes images of every condition, from different plates first, the same for the same seed", () => {
    const picked = pickImages(dataset.sites, 2, 1);
    expect(picked.map(({ label, images }) => [label, images.length])).toEqual([
      ["infected (treated)", 2],
      ["mock <&> (treated)", 2],
    ]);
    expect(new Set(picked[0]!.images.map((i) => dataset.sites[i]!.plate_id))).toEqual(new Set(["P", "Q"]));
    expect(pickImages(dataset.sites, 1, 7)).toEqual(pickImages(dataset.sites, 1, 7));
    expect(groupLabel({ condition: null, treatment: "x", role: "negative_control" })).toBe("x (negative control)");
  });
  it("is a picture with a row a condition", async () => {
    const { width = 0, height = 0 } = await sharp(await contactSheet(dataset, 1)).metadata();
    expect(width).toBeGreaterThan(8 * 112);
    expect(height).toBeGreaterThan(2 * 112);
  });
});
