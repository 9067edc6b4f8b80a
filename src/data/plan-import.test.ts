import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { messageOf, temporaryFolder, writeFiles, zipOf } from "./files.fixture.ts";
import { openImageSource } from "./open-image-source.ts";
import { type PlanOptions, planImport } from "./plan-import.ts";

const SHARED = process.env.GANDL_SHARED_DATA ?? "../shared/data";
const folder = temporaryFolder();
const HEADER = "site_id,well_id,cell_type,experiment,plate,well,site,disease_condition,treatment,treatment_conc,SMILES";
const row = (well: string, site: number, condition = "Mock") =>
  `HRCE-1_1_${well}_${site},HRCE-1_1_${well},HRCE,HRCE-1,1,${well},${site},${condition},,,`;

/** Empty image files of these sites; a plan looks only whether they are there. */
const images = (...stems: string[]): Record<string, string> =>
  Object.fromEntries(
    stems.flatMap((stem) => [1, 2, 3, 4, 5].map((w) => [`images/HRCE-1/Plate1/${stem}_w${w}.png`, ""])),
  );

let count = 0;
async function plan(files: Record<string, string | Uint8Array>, options: PlanOptions = {}) {
  const name = `source-${count++}`;
  writeFiles(join(folder, name), files);
  const source = await openImageSource(join(folder, name));
  return planImport(source, options).finally(() => source.close());
}

const TWO: Record<string, string> & { "metadata.csv": string } = {
  "metadata.csv": [HEADER, row("B02", 1), row("B03", 1)].join("\n"),
  ...images("B02_s1", "B03_s1"),
};

describe("planImport", () => {
  it("recognises RxRx19a by its columns and finds every file", async () => {
    const { dataset, sites, channels } = await plan(TWO);
    expect(dataset.id).toBe("rxrx19a");
    expect(sites.map(({ site, row: n, files }) => [site.site_id, n, files[4]])).toEqual([
      ["HRCE-1_1_B02_1", 1, "images/HRCE-1/Plate1/B02_s1_w5.png"],
      ["HRCE-1_1_B03_1", 2, "images/HRCE-1/Plate1/B03_s1_w5.png"],
    ]);
    expect(channels.map((channel) => channel.name)).toEqual(["DNA", "ER", "actin", "RNA", "Golgi-membrane"]);
  });

  it("finds the table in a top folder, in a zip too, and paths from there", async () => {
    const nested = Object.fromEntries(Object.entries(TWO).map(([path, text]) => [`RxRx19a/${path}`, text]));
    expect((await plan(nested)).sites[0]?.files[0]).toBe("RxRx19a/images/HRCE-1/Plate1/B02_s1_w1.png");
    writeFiles(folder, { "RxRx19a.zip": await zipOf(nested, { level: 6 }) });
    const source = await openImageSource(join(folder, "RxRx19a.zip"));
    expect((await planImport(source, {})).sites.length).toBe(2);
    await source.close();
  });

  it("tells the synthetic screen from RxRx19a by its truth.json", async () => {
    expect((await plan({ ...TWO, "truth.json": "{}" })).dataset.id).toBe("synthetic-screen");
  });

  it("takes a table from outside the source", async () => {
    writeFiles(folder, { "elsewhere.csv": TWO["metadata.csv"] });
    const outside = await plan(images("B02_s1", "B03_s1"), {
      metadata: join(folder, "elsewhere.csv"),
      dataset: "rxrx19a",
    });
    expect(outside.sites.length).toBe(2);
  });

  it("takes the channels asked for, in that order", async () => {
    const { channels, channelIndices, sites } = await plan(TWO, { channels: ["RNA", "DNA"] });
    expect(channels.map((channel) => channel.name)).toEqual(["RNA", "DNA"]);
    expect(channelIndices).toEqual([3, 0]);
    expect(sites[0]?.files.map((file) => file.slice(-6))).toEqual(["w4.png", "w1.png"]);
  });

  it("needs no file of a channel that is not asked for", async () => {
    const { "images/HRCE-1/Plate1/B02_s1_w2.png": _, ...rest } = TWO;
    expect((await plan(rest, { channels: ["DNA"] })).sites.length).toBe(2);
  });

  it("stops after the limit", async () => {
    expect((await plan(TWO, { limit: 1 })).sites.length).toBe(1);
  });

  it("counts missing files by condition, naming the first", async () => {
    const table = [HEADER, row("B02", 1), row("B03", 1, "Active SARS-CoV-2"), row("B04", 1, "Active SARS-CoV-2")].join(
      "\n",
    );
    const { "images/HRCE-1/Plate1/B02_s1_w3.png": _, ...present } = images("B02_s1", "B03_s1");
    const message = await messageOf("missing-images", () => plan({ "metadata.csv": table, ...present }));
    expect(message).toContain("6 of 15 image files are missing, so 2 of 3 sites are not whole.");
    expect(message).toContain(
      "    Active SARS-CoV-2 (positive_control): 1 of 2 sites\n    Mock (negative_control): 1 of 1 sites\n",
    );
    expect(message).toContain("first missing: images/HRCE-1/Plate1/B02_s1_w3.png");
    expect(message).toMatch(/\n {2}fix: .*--skip-bad/);
  });

  it("leaves faulty sites out when told to, each with its row and reason", async () => {
    const table = [HEADER, row("B02", 1), row("B02", 1), row("B03", 1, "Mokk"), row("B04", 1), row("B05", 1)].join(
      "\n",
    );
    const { sites, skipped } = await plan({ "metadata.csv": table, ...images("B02_s1", "B05_s1") }, { skipBad: true });
    expect(sites.map((planned) => planned.row)).toEqual([1, 5]);
    expect(skipped.map(({ siteId, row: n }) => [siteId, n])).toEqual([
      ["HRCE-1_1_B02_1", 2],
      ["row 3", 3],
      ["HRCE-1_1_B04_1", 4],
    ]);
    expect(skipped[0]?.reason).toBe('metadata.csv, rows 1 and 2 are both site "HRCE-1_1_B02_1".');
    expect(skipped[2]?.reason).toMatch(/^missing images\/HRCE-1\/Plate1\/B04_s1_w1\.png, /);
  });

  it("otherwise stops at the first, naming both rows of a duplicate", async () => {
    const table = [HEADER, row("B02", 1), row("B03", 1), row("B02", 1)].join("\n");
    const message = await messageOf("duplicate-site", () => plan({ ...TWO, "metadata.csv": table }));
    expect(message).toMatch(/^metadata\.csv, rows 1 and 3 are both site "HRCE-1_1_B02_1"\.\n/);
  });

  it("refuses what it cannot understand, saying what it saw", async () => {
    const why = (code: string, files: Record<string, string>, options?: PlanOptions) =>
      messageOf(code, () => plan(files, options));
    expect(await why("no-metadata", { "a.txt": "" })).toMatch(
      /holds no metadata\.csv or rxrx2-metadata\.csv or .*\.\n/,
    );
    const odd = { "metadata.csv": "id,file\n1,a\n" };
    expect(await why("unknown-dataset", odd)).toMatch(
      /matches no data set preset\.\n.*its columns are id, file; the presets are .*rxrx19a.*\n.*--dataset table/,
    );
    expect(await why("unknown-dataset", odd, { dataset: "rxrx9" })).toContain('there is no data set preset "rxrx9"');
    expect(await why("unknown-column", odd, { dataset: "rxrx19a" })).toMatch(
      /metadata\.csv has no column "cell_type", "experiment"/,
    );
    expect(await why("unknown-channel", TWO, { channels: ["dna"] })).toMatch(
      /no channel "dna"\.\n {2}why: the channels are DNA, ER/,
    );
    expect(await why("unknown-channel", TWO, { channels: ["DNA", "DNA"] })).toContain('"DNA" is named twice');
    expect(await why("unknown-channel", TWO, { channels: [] })).toContain("no channel is named");
    expect(await why("unknown-channel", odd, { dataset: "table" })).toContain("--channels");
    expect(await why("no-sites", { "metadata.csv": `${HEADER}\n` })).toMatch(
      /gives no image to import\.\n {2}why: its metadata has no rows/,
    );
    const allBad = { "metadata.csv": [HEADER, row("B02", 1)].join("\n") };
    expect(await why("no-sites", allBad, { skipBad: true })).toContain(
      "all 1 sites are faulty; the first: missing images/",
    );
  });

  it("never lets a table name a file outside its folder", async () => {
    const evil = { "metadata.csv": "plate,well\n../../etc,passwd\n" };
    const table = { images: "{plate}/{well}", channels: [{ name: "DNA" }] };
    const message = await messageOf("unsafe-path", () => plan(evil, { table }));
    expect(message).toContain('metadata.csv names "../../etc/passwd", which points outside the data set.');
  });

  const vero = join(SHARED, "rxrx19a-vero");
  it.skipIf(!existsSync(vero))(
    "says of the real VERO table without images which are missing and how many (shared data)",
    async () => {
      const source = await openImageSource(vero);
      const message = await messageOf("missing-images", () => planImport(source, {}));
      await source.close();
      // docs/methods.md §3.1: Mock / UV / active-untreated / blank = 640 / 640 / 3,296 / 480 of 21,440 images
      expect(message).toContain("107,200 of 107,200 image files are missing, so 21,440 of 21,440 sites are not whole.");
      const groups = message.split("\n").filter((line) => line.endsWith(" sites"));
      expect(groups.map((line) => line.trim())).toEqual([
        "Active SARS-CoV-2 (positive_control): 3,296 of 3,296 sites",
        "Active SARS-CoV-2 (treated): 16,384 of 16,384 sites",
        "Mock (negative_control): 640 of 640 sites",
        "UV Inactivated SARS-CoV-2 (negative_control): 640 of 640 sites",
        "no condition (blank): 480 of 480 sites",
      ]);
    },
  );
});
