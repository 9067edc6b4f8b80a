// The page's files, and every reason not to write them; the page itself is driven in test/e2e.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importDataset, openDataset, readFeatureTable } from "../../data/index.ts";
import { writeSyntheticScreen } from "../../data/synthetic/index.ts";
import { checkpointOf } from "../../embed/embed.fixture.ts";
import { embedDataset, openEncoder } from "../../embed/index.ts";
import { EncoderPage } from "../../schema/index.ts";
import { addExport } from "../commands/export.ts";
import { type PageOptions, writePage } from "./write-page.ts";

const folder = mkdtempSync(join(tmpdir(), "gandl-write-page-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string) => join(folder, name);
const options: PageOptions = {
  ...{ run: path("run"), checkpoint: "latest", embedding: path("e.parquet"), data: path("data") },
  ...{ out: path("page"), built: path("built"), seed: 1 },
};

beforeAll(async () => {
  const controlWells = { mock: 2, uvInactivated: 0, activeUntreated: 2 };
  const layout = { experiments: ["SYN-1"], platesPerExperiment: 2, sitesPerWell: 1, sidePx: 32, compounds: [] };
  for await (const _ of writeSyntheticScreen(path("screen"), { ...layout, controlWells }));
  for await (const _ of importDataset({ source: path("screen"), out: path("data") }));
  for await (const _ of importDataset({ source: path("screen"), out: path("other"), limit: 3 }));
  const checkpoint = await checkpointOf(folder, 16, 5, 2, "run");
  using dataset = await openDataset(path("data"));
  const encoder = await openEncoder(checkpoint, ["fc512"], "onnxruntime", { threads: 1 });
  const { stem, header } = checkpoint;
  for await (const _ of embedDataset({ dataset, encoder, out: path("e"), name: "untrained", checkpointFile: stem }));
  await encoder.close();
  expect(header.kimg).toBe(2);
  mkdirSync(path("built/assets"), { recursive: true });
  writeFileSync(path("built/encoder.html"), "<p>page</p>");
  writeFileSync(path("built/assets/a.js"), "1");
});

describe("an encoder page", () => {
  it("holds script, encoder and wells; stored wells are the embedding's to a fine step", async () => {
    const written = await writePage(options);
    expect(written.classes).toEqual(["negative control", "positive control"]);
    expect(readFileSync(path("page/index.html"), "utf8")).toBe("<p>page</p>");
    for (const file of ["assets/a.js", "model.onnx"]) expect(existsSync(path(`page/${file}`))).toBe(true);
    const page = EncoderPage.parse(JSON.parse(readFileSync(path("page/reference.json"), "utf8")));
    const { low, step, n, columns } = page.wells;
    const bytes = readFileSync(path("page/reference.bin"));
    const rows = new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const table = await readFeatureTable(options.embedding, { isFeature: (name) => name.startsWith("feature_") });
    expect(n).toBe(8);
    expect(columns.well_id).toEqual(table.metadata.get("well_id"));
    rows.forEach((value, i) => {
      const j = i % page.features.n;
      expect(Math.abs(low[j]! + step[j]! * value - table.features[i]!)).toBeLessThanOrEqual(0.51 * step[j]! + 1e-6);
    });
    expect(page.notes[0]).toMatch(/synthetic/);
    await writePage(options); // over its own older self
  });

  it("takes the classes that it is given", async () => {
    const asked = {
      ...options,
      out: path("asked"),
      negative: "condition=Mock",
      positive: "condition=Active SARS-CoV-2",
    };
    expect((await writePage(asked)).classes).toEqual(["Mock", "Active SARS-CoV-2"]);
  });

  it("refuses what does not belong together, in words", async () => {
    const refuses = (own: Partial<PageOptions>, words: RegExp) =>
      expect(writePage({ ...options, out: path("never"), ...own })).rejects.toThrow(words);
    await refuses({ data: path("other") }, /other is not the data set that .*e\.parquet was made from/);
    await refuses({ embedding: path("none.parquet") }, /there is no .*none\.json/);
    writeFileSync(path("bad.json"), "{");
    await refuses({ embedding: path("bad.parquet") }, /bad\.json is not JSON/);
    const header = JSON.parse(readFileSync(path("e.json"), "utf8")) as object;
    writeFileSync(path("own.json"), JSON.stringify({ ...header, tap: null }));
    await refuses({ embedding: path("own.parquet") }, /do not come from a layer of our encoder/);
    await checkpointOf(folder, 16, 5, 3, "later");
    await refuses({ run: path("later") }, /was made by the checkpoint [0-9a-f]{12}, the page would run [0-9a-f]{12}/);
    await refuses({ built: path("unbuilt") }, /the page's script is not in .*unbuilt[\s\S]*npm run build/);
    mkdirSync(path("full"));
    writeFileSync(path("full/mine.txt"), "");
    await refuses({ out: path("full") }, /full holds files that are no encoder page/);
    expect(existsSync(path("never"))).toBe(false);
  });

  it("is asked for with --embedding and --data", async () => {
    const program = new Command().exitOverride();
    addExport(program);
    const asked = program.parseAsync(["export", "page", "--run", "r", "--out", "o"], { from: "user" });
    await expect(asked).rejects.toThrow(/a page needs --embedding/);
  });
});
