import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { messageOf, png, temporaryFolder, writeFiles } from "./files.fixture.ts";
import { importDataset } from "./import-dataset.ts";
import { openDataset } from "./open-dataset.ts";
import { siteBatches } from "./site-batches.ts";

const N = 7;
const [H, W] = [2, 3];
const root = temporaryFolder();

/** Seven 16-bit images of two channels; value = 1000·image + 100·channel + pixel. Shards of three images. */
async function make(name: string): Promise<string> {
  const plane = (i: number, c: number) => Uint16Array.from({ length: H * W }, (_, k) => 1000 * i + 100 * c + k);
  const rows = Array.from({ length: N }, (_, i) => `P${i % 2},A${i + 1}`);
  const images = Object.fromEntries(
    Array.from({ length: N }, (_, i) =>
      [0, 1].map((c) => [`A${i + 1}_${c + 1}.png`, png("gray", H, W, plane(i, c))]),
    ).flat(),
  );
  writeFiles(join(root, `${name}-source`), { "metadata.csv": `plate,well\n${rows.join("\n")}\n`, ...images });
  const table = { images: "{well}_{channel}.png", channels: [{ name: "DNA" }, { name: "actin" }] };
  const out = join(root, name);
  const shardBytes = 3 * 2 * 2 * H * W;
  for await (const _ of importDataset({
    source: join(root, `${name}-source`),
    out,
    table,
    intensity: "none",
    shardBytes,
  }));
  return out;
}

const folder = await make("good");
const dataset = await openDataset(folder);
afterAll(() => dataset.close());
const levelAt = (image: number, at: number) => 1000 * image + 100 * Math.floor(at / (H * W)) + (at % (H * W));

describe("readImages", () => {
  it("gives the images asked for, in that order, across shards", async () => {
    const wanted = fc.array(fc.nat(N - 1), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(wanted, async (indices) => {
        const { data, shape } = await dataset.readImages(indices);
        expect(shape).toEqual([indices.length, 2, H, W]);
        const size = 2 * H * W;
        expect([...data]).toEqual(
          indices.flatMap((image) => Array.from({ length: size }, (_, at) => levelAt(image, at))),
        );
      }),
    );
  });

  it("fills memory that it is given, and refuses memory that does not fit", async () => {
    const into = new Uint16Array(100);
    const { data } = await dataset.readImages([3], into);
    expect(data.buffer).toBe(into.buffer);
    expect(data.length).toBe(2 * H * W);
    expect(into[0]).toBe(3000);
    await expect(dataset.readImages([3, 4], new Uint16Array(5))).rejects.toThrow("into must hold 24 values of uint16");
    await expect(dataset.readImages([3], new Uint8Array(100))).rejects.toThrow("uint16");
  });

  it("refuses a position that is not there", async () => {
    for (const index of [-1, N, Number.NaN])
      await expect(dataset.readImages([index])).rejects.toThrow(`there is no image ${index}`);
  });
});

describe("siteBatches", () => {
  it("gives every image once, in order, with its row", async () => {
    for (const size of [1, 2, 3, 7, 50]) {
      const seen: number[] = [];
      for await (const batch of siteBatches(dataset, size)) {
        expect(batch.start).toBe(seen.length);
        for (let i = 0; i < batch.shape[0]; i++) {
          expect(batch.data[i * 2 * H * W]).toBe(levelAt(batch.start + i, 0));
          expect(batch.sites[i]?.image_index).toBe(batch.start + i);
          seen.push(batch.start + i);
        }
      }
      expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6]);
    }
  });

  it("uses two buffers, however many batches", async () => {
    const buffers = new Set<ArrayBufferLike>();
    for await (const batch of siteBatches(dataset, 1)) buffers.add(batch.data.buffer);
    expect(buffers.size).toBe(2);
  });

  it("can be left early and the data set closed at once", async () => {
    const own = await openDataset(folder);
    for await (const _ of siteBatches(own, 1)) break;
    own.close();
    await expect(own.readImages([0])).rejects.toThrow("closed");
  });
});

describe("openDataset", () => {
  it("refuses a folder that is no data set, or is damaged, saying how", async () => {
    expect(await messageOf("not-a-dataset", () => openDataset(root))).toMatch(
      /is not a data set written by `gandl import`\.\n.*no dataset\.json/,
    );
    const bad = await make("bad");
    const manifest = JSON.parse(readFileSync(join(bad, "dataset.json"), "utf8"));
    const shard = readFileSync(join(bad, "shards/00001.npy"));
    const why = (code: string) => messageOf(code, () => openDataset(bad));
    const rewrite = (change: object) =>
      writeFileSync(join(bad, "dataset.json"), JSON.stringify({ ...manifest, ...change }));

    rewrite({ schemaVersion: 2 });
    expect(await why("bad-file-content")).toMatch(/dataset\.json does not have the expected form[\s\S]*schemaVersion/);
    rewrite({ nSites: 6 });
    expect(await why("damaged-dataset")).toContain("7 sites in sites.parquet, 7 in shards, 6 in dataset.json");
    rewrite({ heightPx: 4 });
    expect(await why("damaged-dataset")).toContain("shards/00000.npy holds uint16 [3,2,2,3], not uint16 [3,2,4,3].");
    writeFileSync(join(bad, "dataset.json"), "{");
    expect(await why("damaged-dataset")).toContain("dataset.json is not JSON");
    rewrite({});
    writeFileSync(join(bad, "shards/00001.npy"), "x");
    expect(await why("damaged-dataset")).toContain("shards/00001.npy is damaged: it is not a .npy file");
    rmSync(join(bad, "shards/00001.npy"));
    expect(await why("damaged-dataset")).toContain("shards/00001.npy cannot be opened");
    writeFileSync(join(bad, "shards/00001.npy"), shard);
    writeFileSync(join(bad, "sites.parquet"), "PAR1 and then nothing");
    await why("bad-table");
  });

  it("notices a shard that was cut, when its missing images are read", async () => {
    const cut = await make("cut");
    truncateSync(join(cut, "shards/00002.npy"), 140);
    using short = await openDataset(cut);
    expect((await short.readImages([5])).data[0]).toBe(5000);
    expect(await messageOf("damaged-dataset", () => short.readImages([6]))).toContain(
      "shards/00002.npy is damaged: it ends before its last image",
    );
  });
});
