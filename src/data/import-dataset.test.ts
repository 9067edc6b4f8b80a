import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DatasetManifest } from "../schema/dataset.ts";
import { listing, png, ramp, tiff, writeFiles, zipOf } from "./files.fixture.ts";
import {
  events,
  file,
  H,
  imported,
  pixelsOf,
  place,
  root,
  TABLE,
  THREE,
  THREE_PIXELS,
  W,
  wide,
} from "./import.fixture.ts";
import { NPY_HEADER_BYTES, parseNpyHeader } from "./npy.ts";
import { openDataset } from "./open-dataset.ts";

const FILES = ["dataset.json", "measures.parquet", "plates.parquet", "shards", "sites.parquet"];

describe("importDataset", () => {
  it("stores every pixel of a folder as it is, in the table's order, and the table beside it", async () => {
    const { folder, source, out } = place(THREE);
    const manifest = await imported({ source, out, table: { ...TABLE, negativeControls: [] } });
    expect(await pixelsOf(out)).toEqual(THREE_PIXELS);
    expect(DatasetManifest.parse(JSON.parse(readFileSync(join(out, "dataset.json"), "utf8")))).toEqual(manifest);
    expect(manifest).toMatchObject({
      id: "table",
      source: "source",
      dtype: "uint8",
      heightPx: H,
      widthPx: W,
      nSites: 3,
    });
    expect(manifest).toMatchObject({ sourceBitDepth: 8, intensityMapping: { kind: "none" }, skipped: [] });
    using dataset = await openDataset(out);
    expect(dataset.sites.map((site) => [site.image_index, site.site_id, site.treatment, site.role])).toEqual([
      [0, "P_A1_1", null, "unknown"],
      [1, "P_A2_1", "x", "treated"],
      [2, "P_A3_1", "y", "treated"],
    ]);
    expect(dataset.sites.map((site) => (site as Record<string, unknown>).Note)).toEqual(["007", null, null]);
    expect(listing(folder)).toEqual(["keep", "out", "source"]);
    expect(readdirSync(out).sort()).toEqual(FILES);
  });

  it("gives the same data set from a zip, bit for bit, however many sites are in flight", async () => {
    const { folder, source, out } = place(THREE);
    writeFiles(folder, { "source.zip": await zipOf(THREE, { level: 6 }) });
    const fromFolder = await imported({ source, out, table: TABLE, inFlight: 1 });
    const fromZip = await imported({
      source: join(folder, "source.zip"),
      out: join(folder, "out2"),
      table: TABLE,
      inFlight: 8,
    });
    // The key names what was read, so a zip's differs from a folder's.
    expect(fromZip).toEqual({ ...fromFolder, source: "source.zip", importKey: fromZip.importKey });
    expect(fromZip.importKey).not.toBe(fromFolder.importKey);
    expect(await pixelsOf(join(folder, "out2"))).toEqual(await pixelsOf(out));
  });

  it("splits shards at the bound, each a .npy of its own", async () => {
    const { source, out } = place(THREE);
    const manifest = await imported({ source, out, table: TABLE, shardBytes: 2 * 2 * H * W });
    expect(manifest.shards).toEqual([
      { file: "shards/00000.npy", nSites: 2 },
      { file: "shards/00001.npy", nSites: 1 },
    ]);
    const bytes = readFileSync(join(out, "shards/00001.npy"));
    expect(parseNpyHeader(bytes, "1").shape).toEqual([1, 2, H, W]);
    expect([...bytes.subarray(NPY_HEADER_BYTES)]).toEqual(THREE_PIXELS.slice(2 * 2 * H * W));
    expect(await pixelsOf(out)).toEqual(THREE_PIXELS);
  });

  it("tells channel statistics over the stored pixels", async () => {
    const { source, out } = place(THREE);
    const { channels } = await imported({ source, out, table: TABLE });
    const plane = [1, 2, 3].flatMap((s) => [...ramp(H, W, s * 40 + 1)]);
    const mean = plane.reduce((sum, v) => sum + v, 0) / plane.length;
    expect(channels[0]?.statistics).toMatchObject({ min: 41, max: 132, mean });
    expect(channels[1]?.statistics.mean).toBe(mean + 1);
  });

  it("keeps 16-bit levels when asked, and otherwise stretches the outer percentiles of each channel over 8 bits", async () => {
    const files = { "metadata.csv": "plate,well\nP,A1\nP,A2\n", "A1.png": wide(1000), "A2.png": wide(30000, 1000) };
    const table = { images: "{well}.png", channels: [{ name: "DNA" }] };
    const { folder, source, out } = place(files);
    const levels = [
      ...Array.from({ length: 12 }, (_, i) => 1000 + i * 500),
      ...Array.from({ length: 12 }, (_, i) => 30000 + i * 1000),
    ];
    const kept = await imported({ source, out, table, intensity: "none" });
    expect([kept.dtype, kept.sourceBitDepth]).toEqual(["uint16", 16]);
    expect(await pixelsOf(out)).toEqual(levels);
    const mapped = await imported({ source, out: join(folder, "out8"), table });
    const low = 1000 + 0.115 * 500; // np.percentile of the 24 levels
    const high = 41000 - 0.115 * 1000;
    expect(mapped.intensityMapping).toMatchObject({ kind: "percentile", lowPercent: 0.5, highPercent: 99.5 });
    const [range] = mapped.intensityMapping.kind === "percentile" ? mapped.intensityMapping.perChannel : [];
    expect(range?.low).toBeCloseTo(low, 6);
    expect(range?.high).toBeCloseTo(high, 6);
    const want = levels.map((v) => Math.min(255, Math.max(0, Math.round(((v - low) * 255) / (high - low)))));
    expect(await pixelsOf(join(folder, "out8"))).toEqual(want);
    expect(readdirSync(join(folder, "out8")).sort()).toEqual(FILES);
  });

  it("standardises each image by itself, so that gain and offset of a plate vanish", async () => {
    const files = { "metadata.csv": "plate,well\nP,A1\nP,A2\n", "A1.png": wide(1000), "A2.png": wide(30000, 1000) };
    const { source, out } = place(files);
    const table = { images: "{well}.png", channels: [{ name: "DNA" }] };
    const manifest = await imported({ source, out, table, intensity: "standardise-per-image" });
    expect(manifest.intensityMapping.kind).toBe("standardise-per-image");
    const pixels = await pixelsOf(out);
    expect(pixels.slice(0, 12)).toEqual(pixels.slice(12));
  });

  it("shrinks by area averaging and says so", async () => {
    const table = { ...TABLE, pixelSizeUm: 0.5, images: "{well}.png", channels: [{ name: "DNA" }] };
    const { source, out } = place({
      "metadata.csv": "plate,well\nP,A1\n",
      "A1.png": png("gray", 2, 4, Uint8Array.of(0, 2, 10, 20, 4, 6, 30, 40)),
    });
    const manifest = await imported({ source, out, table, resizePx: 2 });
    expect(manifest).toMatchObject({
      heightPx: 1,
      widthPx: 2,
      pixelSizeUm: 1,
      resizedFrom: { heightPx: 2, widthPx: 4 },
    });
    expect(await pixelsOf(out)).toEqual([3, 25]);
  });

  it("reads one file with all channels: RGB, or the pages of a TIFF, and keeps the wanted ones", async () => {
    const planes = [ramp(H, W, 0), ramp(H, W, 100), ramp(H, W, 200)];
    const interleaved = Uint8Array.from({ length: 3 * H * W }, (_, i) => planes[i % 3]![Math.floor(i / 3)]!);
    const files = {
      "metadata.csv": "plate,well\nP,A1\n",
      "A1.png": png("rgb", H, W, interleaved),
      "A1.tif": tiff(H, W, planes),
    };
    const channels = [{ name: "r" }, { name: "g" }, { name: "b" }];
    const { folder, source } = place(files);
    for (const ending of ["png", "tif"]) {
      const out = join(folder, ending);
      await imported({ source, out, table: { images: `{well}.${ending}`, channels }, channels: ["b", "r"] });
      expect(await pixelsOf(out)).toEqual([...planes[2]!, ...planes[0]!]);
    }
  });

  it("keeps a source column under `source_…` where its name is taken by other values", async () => {
    const csv = "plate,well,site,Site,barcode\nP,A1,9,z,1\n";
    const { source, out } = place({ "metadata.csv": csv, "A1.png": file(0) });
    const table = { images: "{well}.png", channels: [{ name: "DNA" }], columns: { plate: "barcode" } } as const;
    await imported({ source, out, table });
    using dataset = await openDataset(out);
    expect(dataset.sites[0]).toMatchObject({
      plate: "1",
      source_plate: "P",
      site: "9",
      source_Site: "z",
      barcode: "1",
    });
  });

  it("has a fingerprint that a pixel, a label or a channel's name changes, and nothing else", async () => {
    const print = async (files: Record<string, string | Uint8Array>, table = TABLE) => {
      const { source, out } = place(files);
      return (await imported({ source, out, table, shardBytes: 50 })).fingerprint;
    };
    const first = await print(THREE);
    expect(await print(THREE)).toBe(first);
    expect(await print({ ...THREE, "A3_2.png": file(123) })).not.toBe(first);
    expect(await print({ ...THREE, "metadata.csv": THREE["metadata.csv"].replace("x", "z") })).not.toBe(first);
    expect(await print(THREE, { ...TABLE, channels: [{ name: "DNA" }, { name: "ER" }] })).not.toBe(first);
  });

  it("tells what happens: start, faults, progress, end", async () => {
    const { source, out } = place({ ...THREE, "A2_1.png": "no image" });
    const seen = await events({ source, out, table: TABLE, skipBad: true });
    expect(seen.map((event) => event.kind)).toEqual([
      "started",
      "warning",
      "progress",
      "skipped",
      "progress",
      "progress",
      "finished",
    ]);
    expect(seen[0]).toMatchObject({
      kind: "started",
      datasetId: "table",
      title: "images described by a table",
      nSites: 3,
      channels: ["DNA", "actin"],
      nDone: 0,
      estimate: { nSites: 3, nFiles: 6, storedBytes: 6 * H * W, diskBytes: 6 * H * W, heightPx: H, widthPx: W },
    });
    expect(seen[1]).toMatchObject({ message: expect.stringContaining("no site has a role") });
    expect(seen[5]).toEqual({ kind: "progress", stage: "decode", done: 3, total: 3 });
  });
});

const crops = join(process.env.GANDL_SHARED_DATA ?? "../shared/data", "bbbc021-crops.zip");
it.skipIf(!existsSync(crops))("imports real 16-bit crops from a zip (shared data)", async () => {
  const out = join(root, "bbbc021");
  const manifest = await imported({ source: crops, out, limit: 60 });
  expect(manifest).toMatchObject({
    id: "bbbc021-crops",
    nSites: 60,
    heightPx: 68,
    widthPx: 68,
    dtype: "uint8",
    sourceBitDepth: 16,
  });
  using dataset = await openDataset(out);
  expect(dataset.sites[0]).toMatchObject({
    site_id: expect.stringMatching(/^Week4_27481_B02_s1_c\d{3}$/),
    source_plate: "Week4_27481",
    role: "negative_control",
  });
  for (const { statistics } of manifest.channels) expect(statistics.mean).toBeGreaterThan(20);
});
