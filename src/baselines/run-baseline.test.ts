import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Dataset, openDataset, readFeatureTable, readTable } from "../data/index.ts";
import { EmbeddingHeader } from "../schema/index.ts";
import { drawnDataset, messageOf, ran, temporaryFolder } from "./baselines.fixture.ts";
import { type BaselineResult, defineBaseline } from "./define-baseline.ts";
import { intensityBaseline } from "./intensity.ts";
import { baselines, findBaseline } from "./registry.ts";
import { runBaseline } from "./run-baseline.ts";

const folder = temporaryFolder();
let dataset: Dataset;
beforeAll(async () => {
  dataset = await openDataset(await drawnDataset(folder));
  return () => dataset.close();
});

/** A system that answers what it is told to. */
const answering = (result: BaselineResult) =>
  defineBaseline({
    ...{ id: "answer", title: "Answers", description: "Answers.", citation: "none", needsLabels: "all", small: {} },
    params: z.strictObject({ level: z.number().default(2).describe("a level") }),
    async *run({ workFolder }) {
      writeFileSync(join(await workFolder(), "kept"), "");
      yield { kind: "note" as const, text: "half way" };
      yield { kind: "finished" as const, result };
    },
  });

describe("every system", () => {
  it("has an id of its own, tells each parameter, and its small run's parameters are allowed", () => {
    expect(new Set(baselines.map(({ id }) => id)).size).toBe(baselines.length);
    for (const { id, params, small, title, description, citation } of baselines) {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      for (const text of [title, description, citation]) expect(text.length, id).toBeGreaterThan(3);
      for (const [key, field] of Object.entries(params.shape))
        expect((field as { description?: string }).description ?? "", `${id}.${key}`).not.toBe("");
      if (small !== null) expect(params.safeParse(small).error, id).toBeUndefined();
      expect(findBaseline(id).id).toBe(id);
    }
  });
});

describe("runBaseline", () => {
  it("writes features beside every column of the sites, and a header that tells parameters, seed and provenance", async () => {
    const out = join(folder, "deep", "intensity");
    const { files } = await ran(intensityBaseline, { dataset, out, params: { batchSize: 3 }, seed: 7 });
    const table = await readFeatureTable(`${out}.parquet`, { isFeature: (name) => name.startsWith("Image_") });
    expect(table.nRows).toBe(4);
    expect(table.featureNames.slice(0, 2)).toEqual(["Image_DNA_mean", "Image_DNA_sd"]);
    expect(table.metadata.get("condition")).toEqual(dataset.sites.map(({ condition }) => condition));
    const header = EmbeddingHeader.parse(JSON.parse(readFileSync(`${out}.json`, "utf8")));
    expect(header).toEqual(files.embedding?.header);
    expect(header).toMatchObject({ nRows: 4, nFeatures: 45, datasetFingerprint: dataset.manifest.fingerprint });
    expect(header.baseline).toMatchObject({ id: "intensity", params: { batchSize: 3 }, seed: 7, needsLabels: null });
    expect(header.baseline?.seconds).toBeGreaterThan(0);
  });

  it("writes scores as CSV with every column that a row has, in a folder that keeps what is continued from", async () => {
    const scores = [
      { treatment: 'a, "b"', dose_um: 0.5, score: 0.25, upper: 0.75 },
      { treatment: "c", dose_um: null, score: null },
    ];
    const out = join(folder, "scored");
    const { files, events } = await ran(answering({ scores, provenance: { weights: "from scratch" } }), {
      dataset,
      out,
    });
    expect(events[0]).toEqual({ kind: "note", text: "half way" });
    const table = await readTable(`${out}-scores.csv`);
    expect([...table.columns]).toEqual([
      ["treatment", ['a, "b"', "c"]],
      ["dose_um", ["0.5", null]],
      ["score", ["0.25", null]],
      ["upper", ["0.75", null]],
    ]);
    expect(files.embedding).toBeNull();
    expect(JSON.parse(readFileSync(`${out}-scores.json`, "utf8"))).toEqual(files.record);
    expect(files.record).toMatchObject({ params: { level: 2 }, provenance: { weights: "from scratch" } });
    expect(existsSync(`${out}-work/kept`)).toBe(true);
  });

  it("refuses parameters that the system does not have, and features that are not finite, and writes nothing", async () => {
    const out = join(folder, "refused");
    const wrong = ran(answering({ provenance: {} }), { dataset, out, params: { levle: 1 } });
    expect(await messageOf(wrong)).toMatch(/no parameters of answer.*\n.*levle[\s\S]*fix: it has level/);
    const features = Float32Array.of(1, 2, Number.NaN, 4);
    const embedding = { features, featureNames: ["feature_0"] };
    const text = await messageOf(ran(answering({ embedding, provenance: {} }), { dataset, out }));
    expect(text).toContain(`feature_0 of image ${dataset.sites[2]?.site_id} is not a finite number`);
    expect(text).toMatch(/why: answer diverged.*\n\s+fix: lower its learning rate/);
    expect(readdirSync(folder).filter((name) => name.startsWith("refused."))).toEqual([]);
  });

  it("says which systems there are", () => {
    expect(() => findBaseline("resnet")).toThrow(/there is no system 'resnet'.*\n.*intensity.*\n\s+fix: .*--list/);
  });

  it("names the folder that it cannot write", async () => {
    writeFileSync(join(folder, "file"), "");
    const text = await messageOf(ran(intensityBaseline, { dataset, out: join(folder, "file", "x") }));
    expect(text).toMatch(/file cannot be written.*\n\s+why: the system says: .*\n\s+fix: check the folder/);
  });

  it("rejects with the signal's reason and writes nothing", async () => {
    const out = join(folder, "aborted");
    const signal = AbortSignal.abort(new Error("enough"));
    const run = async () => {
      for await (const _ of runBaseline(intensityBaseline, { dataset, out, signal }));
    };
    expect(await messageOf(run())).toBe("enough");
    expect(existsSync(`${out}.parquet`)).toBe(false);
  });
});
