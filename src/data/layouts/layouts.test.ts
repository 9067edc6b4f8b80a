// Each layout over a small fixture in its exact form, from the files to the pixels of a finished import.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../decode.ts";
import { sqlText, withDuckDb } from "../duckdb.ts";
import { messageOf, png, ramp, zipOf } from "../files.fixture.ts";
import { imported, pixelsOf, place } from "../import.fixture.ts";
import type { ImportOptions } from "../import-options.ts";
import { readTable } from "../table-files.ts";
import { omeTiff, omeXml, plane, zarrImage, zarrPlate } from "./layouts.fixture.ts";

const [H, W] = [4, 6];
const IMAGE = { version: "0.4", channels: ["DNA", "actin"], height: H, width: W } as const;
const SMALL = { height: H, width: W, channels: ["DNA"] };
const KEEP = { intensity: "none" } as const;
const both = (z = 0) => [...plane(H, W, 0, z), ...plane(H, W, 1, z)];

async function read(files: Record<string, string | Uint8Array>, options: Partial<ImportOptions> = {}) {
  const { source, out } = place(files);
  const manifest = await imported({ source, out, ...KEEP, ...options });
  const { columns } = await readTable(join(out, "sites.parquet"));
  return { manifest, columns, pixels: await pixelsOf(out) };
}
const why = (code: string, files: Record<string, string | Uint8Array>, options: Partial<ImportOptions> = {}) => {
  const { source, out } = place(files);
  return messageOf(code, async () => {
    try {
      await imported({ source, out, ...KEEP, ...options });
    } finally {
      expect(existsSync(out)).toBe(false);
    }
  });
};

for (const version of ["0.4", "0.5"] as const) {
  describe(`OME-Zarr ${version}`, () => {
    const image = { ...IMAGE, version };
    const plate = zarrPlate("p.ome.zarr/", { "A/1": ["0", "1"], "B/12": ["0"] }, image);

    it("plates are read with their wells, fields, channel names and pixel size, no option needed", async () => {
      const { manifest, columns, pixels } = await read(plate);
      expect(manifest).toMatchObject({ id: "ome-zarr", nSites: 3, pixelSizeUm: 0.5, dtype: "uint16", heightPx: H });
      expect(manifest.channels.map(({ name }) => name)).toEqual(["DNA", "actin"]);
      expect(columns.get("well")).toEqual(["A01", "A01", "B12"]);
      expect(columns.get("plate")).toEqual(["plate-7", "plate-7", "plate-7"]);
      expect(columns.get("site")).toEqual(["0", "1", "0"]);
      expect(columns.get("row")).toEqual([0, 0, 1]);
      expect(pixels).toEqual([...both(), ...both(), ...both()]);
    });

    it("a chosen level is read at its own size, with its own pixel size", async () => {
      const { manifest, pixels } = await read(zarrImage("i.zarr/", { ...image, levels: 2 }), { level: 1 });
      expect(manifest).toMatchObject({ heightPx: 2, widthPx: 3, pixelSizeUm: 1, title: "OME-Zarr images, level 1" });
      const half = (c: number) => [0, 2, 4, 12, 14, 16].map((i) => plane(H, W, c, 0)[i]!);
      expect(pixels).toEqual([...half(0), ...half(1)]);
      expect(await why("bad-level", zarrImage("i.zarr/", image), { level: 3 })).toContain("has no level 3: it has 1.");
    });

    it("stacks need a choice of z: the maximum, or a plane", async () => {
      const stack = zarrImage("i.zarr/", { ...image, sizeZ: 3 });
      expect(await why("z-not-chosen", stack)).toMatch(/is a stack of 3 planes in z\.\n.*\n {2}fix: choose z: "max"/);
      expect((await read(stack, { z: "max" })).pixels).toEqual(both(2));
      const second = await read(stack, { z: 2 });
      expect(second.pixels).toEqual(both(1));
      expect(second.manifest.title).toBe("OME-Zarr images, z plane 2");
      expect(await why("bad-z", stack, { z: 4 })).toContain("has no plane 4: it has 3 in z.");
    });

    it("a table of treatments is joined by well", async () => {
      const table = "Well,treatment,dose_um,role\nA1,Remdesivir,0.3,treated\nB12,,,negative_control\n";
      const { columns } = await read({ ...plate, "wells.csv": table }, { metadata: "wells.csv" });
      expect(columns.get("treatment")).toEqual(["Remdesivir", "Remdesivir", null]);
      expect(columns.get("role")).toEqual(["treated", "treated", "negative_control"]);
      expect(columns.get("dose_um")).toEqual([0.3, 0.3, null]);
      const twice = { ...plate, "wells.csv": "well,role\nA1,treated\nA01,treated\n" };
      expect(await why("bad-table", twice, { metadata: "wells.csv" })).toContain("rows 1 and 2 are both of well A01");
    });

    it("a plate in a zip is read like one in a folder", async () => {
      const { source, out, folder } = place({ x: "" });
      const { writeFileSync } = await import("node:fs");
      writeFileSync(join(folder, "plate.zip"), await zipOf(plate));
      expect(source).not.toBe(out);
      await imported({ source: join(folder, "plate.zip"), out, ...KEEP });
      expect(await pixelsOf(out)).toEqual([...both(), ...both(), ...both()]);
    });

    it("a plate whose wells have other channels is refused, naming both", async () => {
      const other = { ...plate, ...zarrImage("p.ome.zarr/B/12/0/", { ...image, channels: ["DNA", "tubulin"] }) };
      expect(await why("image-mismatch", other)).toMatch(/B\/12\/0\/ has the channels DNA, tubulin; .* DNA, actin\./);
    });
  });
}

describe("damaged OME-Zarr", () => {
  it("is refused, saying what is wrong", async () => {
    const good = zarrImage("i.zarr/", IMAGE);
    const attrs = JSON.parse(good["i.zarr/.zattrs"] as string);
    const withAttrs = (change: object) => ({ ...good, "i.zarr/.zattrs": JSON.stringify({ ...attrs, ...change }) });
    const array = JSON.parse(good["i.zarr/0/.zarray"] as string);
    const withArray = (change: object) => ({ ...good, "i.zarr/0/.zarray": JSON.stringify({ ...array, ...change }) });
    expect(await why("bad-plate", { ...good, "i.zarr/.zattrs": "{" })).toContain("it is no JSON");
    expect(await why("bad-plate", withAttrs({ multiscales: [{ axes: ["y", "x"], datasets: [] }] }))).toContain(
      ".zattrs",
    );
    const [scale] = attrs.multiscales;
    expect(
      await why("bad-plate", withAttrs({ multiscales: [{ ...scale, axes: ["x", "c", "z", "y", "t"] }] })),
    ).toContain("its axes are x, c, z, y, t");
    expect(await why("bad-plate", withAttrs({ multiscales: [{ ...scale, axes: ["c", "y", "x"] }] }))).toContain(
      "its array has 5 dimensions, and 3 axes",
    );
    expect(await why("bad-plate", withArray({ dtype: "<f4" }))).toContain("its values are float32");
    expect(await why("bad-plate", withArray({ chunks: [1, 1, 1, 1e6, 1e6] }))).toContain("its chunks have");
    expect(await why("bad-plate", withArray({ shape: [2, 2, 1, H, W] }))).toContain("a film of 2 time points");
    expect(
      await why("unsupported-image", withArray({ shape: [1, 2, 1, 1e5, 1e5], chunks: [1, 1, 1, 2e4, 2e4] })),
    ).toContain("100000 × 100000 px");
    expect(await why("bad-plate", withArray({ shape: [1, 2000, 1, H, W] }))).toContain("it has 2000 channels");
    const crumbs = withArray({ shape: [1, 2, 1, 9000, 9000], chunks: [1, 1, 1, 1, 1] });
    expect(await why("bad-plate", crumbs)).toContain("a plane of it lies in 81000000 chunks");
    const { "i.zarr/0/.zarray": _, ...without } = good;
    await why("bad-plate", without);
    await why("bad-plate", { ...good, "i.zarr/0/0/0/0/0/0": "no gzip" });
    const outside = zarrPlate("p.zarr/", { "A/1": ["0"] }, IMAGE);
    const evil = (outside["p.zarr/.zattrs"] as string).replaceAll("A/1", "../../etc");
    expect(await why("unsafe-path", { ...outside, "p.zarr/.zattrs": evil })).toContain("points outside the data set");
  });
});

describe("OME-TIFF", () => {
  const size = 'PhysicalSizeX="650" PhysicalSizeXUnit="nm" PhysicalSizeY="0.65" PhysicalSizeYUnit="&#181;m"';
  const xml = omeXml({ height: H, width: W, channels: ["DNA", "A &amp; B"], pixelSize: size });
  const one = omeTiff(H, W, [plane(H, W, 0, 0), plane(H, W, 1, 0)], xml);

  it("files are sites, with channel names and pixel size from their OME-XML, wells from names that are wells", async () => {
    const { manifest, columns, pixels } = await read({ "P1/A01_s2.ome.tif": one, "P1/odd.ome.tiff": one });
    expect(manifest).toMatchObject({ id: "ome-tiff", nSites: 2, pixelSizeUm: 0.65 });
    expect(manifest.channels.map(({ name }) => name)).toEqual(["DNA", "A & B"]);
    expect(columns.get("well")).toEqual(["A01", ""]);
    expect(columns.get("site")).toEqual(["2", "odd"]);
    expect(columns.get("plate")).toEqual(["P1", "P1"]);
    expect(pixels).toEqual([...both(), ...both()]);
  });

  it("stacks are taken apart in any order of dimensions", async () => {
    for (const order of ["XYCZT", "XYZCT", "XYZTC", "XYCTZ", "XYTCZ", "XYTZC"]) {
      const pages = [0, 1].flatMap((slow) =>
        [0, 1].map((fast) =>
          order.indexOf("C") < order.indexOf("Z") ? plane(H, W, fast, slow) : plane(H, W, slow, fast),
        ),
      );
      const text = omeXml({ height: H, width: W, channels: ["DNA", "actin"], sizeZ: 2, order });
      const file = omeTiff(H, W, pages, text);
      const decoded = await decodeImage(file, "a.ome.tif", { z: 1 });
      expect(decoded).toEqual({ data: Uint16Array.from(both(0)), channels: 2, height: H, width: W, bitDepth: 16 });
      expect([...(await decodeImage(file, "a.ome.tif", { z: "max" })).data], order).toEqual(both(1));
      expect(await messageOf("z-not-chosen", () => decodeImage(file, "a.ome.tif"))).toContain("2 planes in z");
    }
    const stack = omeTiff(H, W, [plane(H, W, 0, 0), plane(H, W, 0, 1)], omeXml({ ...SMALL, sizeZ: 2 }));
    const { manifest, pixels } = await read({ "a.ome.tif": stack }, { z: "max" });
    expect(manifest.title).toBe("OME-TIFF images, maximum over z");
    expect(pixels).toEqual([...plane(H, W, 0, 1)]);
  });

  it("planes placed one by one are found where they lie", async () => {
    const tiffData = '<TiffData FirstC="1" IFD="0" PlaneCount="1"/><TiffData FirstC="0" IFD="1" PlaneCount="1"/>';
    const text = omeXml({ height: H, width: W, channels: ["DNA", "actin"], tiffData });
    const file = omeTiff(H, W, [plane(H, W, 1, 0), plane(H, W, 0, 0)], text);
    expect([...(await decodeImage(file, "a.ome.tif")).data]).toEqual(both());
  });

  it("XML that does not fit the pages is refused, saying how", async () => {
    const pages = [plane(H, W, 0, 0), plane(H, W, 1, 0)];
    const tell = (options: Partial<Parameters<typeof omeXml>[0]>) => {
      const file = omeTiff(H, W, pages, omeXml({ ...SMALL, channels: ["a", "b"], ...options }));
      return messageOf("bad-stack", () => decodeImage(file, "a.ome.tif"));
    };
    expect(await tell({ sizeZ: 3 })).toContain("its OME-XML tells of 6 planes, and it has 2 pages");
    expect(await tell({ sizeT: 2 })).toContain("it is a film of 2 time points");
    expect(await tell({ height: 9 })).toContain("another size than its pages");
    expect(await tell({ order: "XYQZT" })).toContain('gives the order "XYQZT"');
    expect(await tell({ sizeZ: 1e9 })).toContain('gives SizeZ as "1000000000"');
    const placed = '<TiffData IFD="0" PlaneCount="1"/><TiffData IFD="1" PlaneCount="1"/>';
    expect(await tell({ tiffData: placed })).toContain("places some planes twice");
  });

  it("files of other channels are refused, though as many", async () => {
    const other = omeTiff(H, W, [plane(H, W, 0, 0), plane(H, W, 1, 0)], xml.replace('"DNA"', '"RNA"'));
    expect(await why("image-mismatch", { "a.ome.tif": one, "b.ome.tif": other })).toContain("RNA, A & B; the data set");
  });
});

describe("load-data tables", () => {
  const image = (start: number) => png("gray", H, W, ramp(H, W, start));
  const names = ["A01-ch1.png", "A01-ch2.png", "A02-ch1.png", "A02-ch2.png"];
  const files = Object.fromEntries(names.map((name, i) => [`images/P1/${name}`, image(20 * i)]));
  const all = [0, 20, 40, 60].flatMap((start) => [...ramp(H, W, start)]);
  const meta =
    "Metadata_Plate,Metadata_Well,Metadata_Site,Metadata_pert_iname,Metadata_pert_type,Metadata_control_type";
  const rows = (cells: (i: number) => string) =>
    `P1,A01,1,,control,negcon,${cells(0)}\nP1,A02,1,taxol,trt,,${cells(2)}\n`;

  it("are recognised, and paths of the machine that wrote them begin where the images lie", async () => {
    const header = `${meta},FileName_OrigDNA,PathName_OrigDNA,FileName_OrigER,PathName_OrigER,FileName_IllumDNA\n`;
    const path = "/home/ubuntu/bucket/images/P1/";
    const csv = header + rows((i) => `${names[i]},${path},${names[i + 1]},${path},x.npy`);
    const { manifest, columns, pixels } = await read({ ...files, "load_data.csv": csv });
    expect(manifest).toMatchObject({ id: "load-data", nSites: 2 });
    expect(manifest.channels.map(({ name }) => name)).toEqual(["DNA", "ER"]);
    expect(columns.get("role")).toEqual(["negative_control", "treated"]);
    expect(columns.get("treatment")).toEqual([null, "taxol"]);
    expect(columns.get("well_id")).toEqual(["P1_A01", "P1_A02"]);
    expect(pixels).toEqual(all);
  });

  it("may name images by address, with escapes, which are looked for in the source", async () => {
    const url = (name: string) => `s3://cellpainting-gallery/cpg0016/images/P1/${name.replace("-", "%2D")}`;
    const csv = `${meta},URL_DNA,URL_ER\n${rows((i) => `${url(names[i]!)},${url(names[i + 1]!)}`)}`;
    const tables = { ...files, "tables/wells.csv": csv };
    expect((await read(tables, { metadata: "tables/wells.csv" })).pixels).toEqual(all);
    const windows = csv.replaceAll("URL_", "FileName_").replaceAll("s3://cellpainting-gallery/", "D:\\x\\");
    const spelt = windows.replaceAll("%2D", "-").replaceAll("/P1/", "\\P1\\");
    expect((await read({ ...files, "load_data.csv": spelt })).pixels).toEqual(all);
  });

  it("are refused without wells, and tell what is missing or points outside", async () => {
    const csv = (path: string) => `${meta},FileName_DNA,PathName_DNA\n${rows((i) => `${names[i]},${path}`)}`;
    expect(await why("bad-load-data", { "load_data.csv": "FileName_DNA\na.png\n" })).toContain(
      "it has no Metadata_Well",
    );
    expect(await why("bad-load-data", { "load_data.csv": "Metadata_Well\nA01\n" })).toContain("no column names images");
    expect(await why("missing-images", { "load_data.csv": csv("/x") })).toContain("2 of 2 image files are missing");
    await why("unsafe-path", { ...files, "load_data.csv": csv("../..") });
    expect(await why("unknown-dataset", { "a.csv": "x\n1\n" }, { dataset: "load-data" })).toContain(
      "is not laid out as load-data",
    );
  });
});

describe("RxRx3-core as Hugging Face serves it", () => {
  const csv =
    "well_id,experiment_name,plate,address,gene,treatment,SMILES,concentration,perturbation_type,cell_type\n" +
    "gene-001_1_AA02,gene-001,1,AA02,RPLP2,RPLP2_guide_4,,,CRISPR,HUVEC\n" +
    "gene-001_1_AA03,gene-001,1,AA03,EMPTY_control,EMPTY_control,,,CRISPR,HUVEC\n";
  const keys = ["AA02", "AA03"].flatMap((well) => [1, 2, 3, 4, 5, 6].map((c) => `gene-001/Plate1/${well}_s1_${c}`));
  const bytesOf = (i: number) => png("gray", H, W, ramp(H, W, 7 * i));
  const all = keys.flatMap((_, i) => [...ramp(H, W, 7 * i)]);

  /** Two shards with the columns of the release. */
  async function withShards(contents: (i: number) => Uint8Array) {
    const { source, out } = place({ "metadata_rxrx3_core.csv": csv, "data/keep": "" });
    await withDuckDb(async (connection) => {
      for (const shard of [0, 1]) {
        const rows = keys.flatMap((key, i) =>
          i % 2 === shard
            ? [`('${key}', {bytes: unhex('${Buffer.from(contents(i)).toString("hex")}'), path: 'x.jp2'})`]
            : [],
        );
        const file = join(source, "data", `train-0000${shard}-of-00002.parquet`);
        await connection.run(
          `COPY (SELECT * FROM (VALUES ${rows.join(", ")}) t(__key__, jp2)) TO ${sqlText(file)} (FORMAT parquet)`,
        );
      }
    });
    return { source, out };
  }

  it("images are read out of the Parquet shards by their key", async () => {
    const { source, out } = await withShards(bytesOf);
    const manifest = await imported({ source, out, ...KEEP });
    expect(manifest).toMatchObject({ id: "rxrx3-core", nSites: 2, pixelSizeUm: 0.65 });
    expect(await pixelsOf(out)).toEqual(all);
  });

  it("JPEG 2000 is refused by name where it cannot be decoded, saying how to convert it", async () => {
    const box = Buffer.from([0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20, 0x0d, 0x0a, 0x87, 0x0a]);
    const { source, out } = await withShards(() => box);
    const message = await messageOf("unsupported-image", () => imported({ source, out, ...KEEP }));
    expect(message).toMatch(
      /AA02_s1_1\.jp2 .*is a JPEG 2000, which this installation cannot decode\.\n.*\n.*opj_decompress/,
    );
    expect(existsSync(out)).toBe(false);
  });

  it("unpacked and converted images are found under their names", async () => {
    const files = Object.fromEntries(keys.map((key, i) => [`images/${key}.png`, bytesOf(i)]));
    expect((await read({ "metadata_rxrx3_core.csv": csv, ...files })).pixels).toEqual(all);
  });
});
