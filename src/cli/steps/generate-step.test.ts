// The command's work on a run of two steps: pictures and files that are whole, the same for the same seed.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { importDataset } from "../../data/index.ts";
import { messageOf, temporaryFolder, tinyConfig, trained, writeTinyDataset } from "../../train/train.fixture.ts";
import { unknownClass } from "../generate/errors.ts";
import type { View } from "../view.ts";
import { type GenerateStepOptions, generateWithProgress } from "./generate-step.ts";

const root = temporaryFolder();
const at = (...parts: string[]) => join(root, ...parts);
const silent: View = {
  ...{ line: () => {}, progress: () => {}, panel: () => {}, event: () => {}, endProgress: () => {}, result: () => {} },
};
const OPTIONS = {
  ...({ checkpoint: "latest", seed: 1, truncation: "1", steps: 3, space: "w", noise: "const" } as const),
  ...{ range: "auto", device: "cpu" },
};
const generate = (out: string, changes: Partial<GenerateStepOptions> = {}, view: View = silent) =>
  generateWithProgress(view, {
    ...OPTIONS,
    run: at("run"),
    out: at(out),
    signal: new AbortController().signal,
    ...changes,
  });
const pixels = async (file: string, space: "srgb" | "b-w" = "b-w") => [
  ...(await sharp(at(file)).toColourspace(space).raw().toBuffer()),
];

beforeAll(async () => {
  mkdirSync(at("source"));
  const dataset = await writeTinyDataset(at("source"));
  await trained({ config: tinyConfig(dataset, 2), out: at("run") });
});

describe("one picture", () => {
  it("is the same for the same seeds, and shows the data set's grey levels", async () => {
    const outcome = await generate("a.png", { n: 2 });
    await generate("b.png", { seeds: "1,2" });
    await generate("c.png", { seeds: "2,1" });
    expect(readFileSync(at("a.png"))).toEqual(readFileSync(at("b.png")));
    expect(readFileSync(at("a.png"))).not.toEqual(readFileSync(at("c.png")));
    expect(outcome).toMatchObject({ nImages: 2, kimg: 0.008, aborted: false, columnNames: ["1", "2"] });
    expect(outcome.range).toEqual({
      source: "percentiles 0.5 to 99.5 of the data set table",
      channels: [
        { name: "DNA", low: 20, high: 200 },
        { name: "actin", low: 20, high: 200 },
      ],
    });
  });
  it("measures generated images where the data set is gone or another, and says so", async () => {
    const manifest = at("source/dataset/dataset.json");
    renameSync(manifest, `${manifest}.away`);
    const gone = await generate("d.png");
    const other = readFileSync(`${manifest}.away`, "utf8").replace(/"fingerprint": ?"./, '"fingerprint":"x');
    writeFileSync(manifest, other);
    const changed = await generate("e.png");
    renameSync(`${manifest}.away`, manifest);
    expect(gone.range.source).toBe("percentiles 0.5 to 99.5 of generated images");
    expect(changed.range).toEqual(gone.range);
    expect((await generate("f.png", { range: "p0.5-p99.5" })).range.channels).toEqual(gone.range.channels);
    const [full, levels] = [await generate("g.png", { range: "full" }), await generate("h.png", { range: "9-99" })];
    expect([full.range.channels[1], levels.range.channels[1]]).toEqual([
      { name: "actin", low: 0, high: 255 },
      { name: "actin", low: 9, high: 99 },
    ]);
  });
  it("takes the grey levels of a data set that is named, if its channels fit", async () => {
    const named = await generate("i.png", { data: at("source/dataset") });
    expect(named.range.channels[0]).toEqual({ name: "DNA", low: 20, high: 200 });
    const other = at("other");
    mkdirSync(other);
    const json = readFileSync(at("source/dataset/dataset.json"), "utf8").replace(/"name": ?"DNA"/, '"name":"ER"');
    writeFileSync(join(other, "dataset.json"), json);
    expect(await messageOf("channels-differ", () => generate("j.png", { data: other }))).toContain("ER, actin");
    await messageOf("clashing-options", () => generate("j.png", { data: other, range: "full" }));
    await messageOf("not-a-dataset", () => generate("j.png", { data: at("nowhere") }));
    expect(existsSync(at("j.png"))).toBe(false);
  });
  it("refuses where it cannot be written, leaving nothing behind", async () => {
    writeFileSync(at("plain"), "");
    await messageOf("bad-output", () => generate("plain/a.png"));
    await messageOf("bad-output", () => generate("source/dataset/shards/00000.npy"));
    await messageOf("bad-output", () => generate("source/dataset", { each: true, overwrite: true }));
    expect(readdirSync(root).filter((name) => name.includes("partial"))).toEqual([]);
  });
});

it("refuses a class that the run does not know", async () => {
  await expect(generate("class.png", { class: "Mock" })).rejects.toThrow(
    /no class 'Mock'\.\n.*trained without labels\.\n.*leave --class out/,
  );
});

it("names the classes that a run knows", () => {
  expect(unknownClass("x", { column: "treatment", classes: ["DMSO", "taxol"] }).message).toMatch(
    /told the treatment: DMSO, taxol\.\n.*give one of those/,
  );
});

describe("a file each", () => {
  it("holds the same image whatever else is asked for, as grey levels that import takes", async () => {
    const outcome = await generate("many", { seeds: "0-3", each: true });
    await generate("one", { seeds: "2", each: true });
    expect(outcome.images).toEqual(["seed-000000", "seed-000001", "seed-000002", "seed-000003"]);
    for (const file of ["seed-000002.png", "seed-000002_w1.png", "seed-000002_w2.png"])
      expect(readFileSync(at("one", file))).toEqual(readFileSync(at("many", file)));
    const table = { images: "{site_id}_w{channel}.png", channels: [{ name: "DNA" }, { name: "actin" }] };
    const imported = importDataset({
      source: at("many"),
      out: at("again"),
      dataset: "table",
      metadata: "metadata.csv",
      table,
    });
    for await (const event of imported) if (event.kind === "skipped") throw new Error(event.reason);
    expect(JSON.parse(readFileSync(at("again/dataset.json"), "utf8"))).toMatchObject({ nSites: 4, dtype: "uint8" });
    expect(JSON.parse(readFileSync(at("many/generated.json"), "utf8"))).toMatchObject({
      ...{ nImages: 4, noise: "const", dtype: "uint8", weightsSha256: outcome.weightsSha256 },
      stains: [
        { name: "DNA", file: "{site_id}_w1.png" },
        { name: "actin", file: "{site_id}_w2.png" },
      ],
    });
  });
  it("shows in the composite what the stains hold", async () => {
    await generate("full", { seeds: "5", each: true, range: "full" });
    const composite = await pixels("full/seed-000005.png", "srgb");
    const [dna, actin] = [await pixels("full/seed-000005_w1.png"), await pixels("full/seed-000005_w2.png")];
    expect([composite.length, dna.length, actin.length]).toEqual([768, 256, 256]);
    for (const p of [0, 77, 255]) // #3a6bff and #ff4136 over 255 levels
      expect(composite[p * 3]).toBe(Math.min(255, Math.round((dna[p]! * 0x3a + actin[p]! * 0xff) / 255)));
  });
  it("will not mix with other files unless told to", async () => {
    expect(await messageOf("folder-not-empty", () => generate("many", { each: true }))).toContain("--overwrite");
    await generate("many", { seeds: "9", each: true, overwrite: true });
    expect(existsSync(at("many/seed-000009.png"))).toBe(true);
  });
  it("is whole for every image when stopped, and the table lists those", async () => {
    const stop = new AbortController();
    const view: View = { ...silent, progress: (_, done) => done === 2 && stop.abort() };
    const outcome = await generate("cut", { seeds: "0-9", each: true, signal: stop.signal }, view);
    expect(outcome).toMatchObject({ aborted: true, nImages: 2 });
    const pngs = readdirSync(at("cut")).filter((name) => name.endsWith(".png"));
    expect(pngs.length).toBe(2 * 3);
    for (const name of pngs) expect((await sharp(at("cut", name)).stats()).channels.length).toBeGreaterThan(0);
    expect(readFileSync(at("cut/metadata.csv"), "utf8").trim().split("\n").length).toBe(3);
    const none = await generate("cut.png", { seeds: "0-9", signal: stop.signal }, view);
    expect([none.aborted, existsSync(at("cut.png"))]).toEqual([true, false]);
  });
});
