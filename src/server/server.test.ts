// Every answer against the files it comes from, in process.
import { existsSync, mkdtempSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import {
  Catalogue,
  ColumnAnswer,
  DatasetAnswer,
  EmbeddingAnswer,
  EmbeddingRow,
  MapAnswer,
  NeighboursAnswer,
  PlateAnswer,
  WellAnswer,
} from "../schema/explorer.ts";
import { FeatureThread } from "./feature-thread.ts";
import { MapShelf } from "./map-shelf.ts";
import { featureAt, fixtureServer, focusAt, get, H, idOf, N, pixelAt, servedFolder, W } from "./server.fixture.ts";

const folder = await servedFolder();
const server = await fixtureServer(folder);
const data = await idOf(server, "dataset");
const embedding = await idOf(server, "embedding");
const json = async (path: string): Promise<unknown> => (await get(server, path)).json();

describe("the catalogue", () => {
  it("names what is there, by paths below the folder", async () => {
    const { entries, folders } = Catalogue.parse(await json("/api/catalogue"));
    expect(entries.map(({ kind, name, detail }) => [kind, name.replace(folders[0]!, "…"), detail])).toEqual([
      ["dataset", "…/data", "24 images of 6 × 8 px, 2 stains"],
      ["embedding", "…/rule.parquet", "24 rows of 4 features"],
    ]);
  });
});

describe("a data set", () => {
  it("tells its columns and plates", async () => {
    const { columns, plates, manifest } = DatasetAnswer.parse(await json(`/api/datasets/${data}`));
    expect(plates).toEqual(["E_1", "E_2"].map((plateId) => ({ plateId, nSites: 12, nWells: 6 })));
    expect(columns.find(({ name }) => name === "dose_um")).toMatchObject({ kind: "number", nMissing: 12 });
    expect(columns.find(({ name }) => name === "condition")).toMatchObject({ kind: "category", nDistinct: 2 });
    expect(manifest.title).toBe("Fixture");
  });
  it("colours a plate by a category and by a number", async () => {
    const byCondition = PlateAnswer.parse(await json(`/api/datasets/${data}/plates/E_2?colour=condition`));
    expect([byCondition.nRows, byCondition.nColumns, byCondition.kind]).toEqual([8, 12, "category"]);
    expect(byCondition.wells.map(({ value }) => value)).toEqual(["Mock", "Mock", "Mock", "Active", "Active", "Active"]);
    expect(byCondition.labels).toEqual(["Active", "Mock"]);
    const byDose = PlateAnswer.parse(await json(`/api/datasets/${data}/plates/E_1?colour=dose_um`));
    expect(byDose.wells.map(({ value }) => value)).toEqual([null, null, null, 0.1, 1, 10]);
    expect(byDose.range).toEqual([0.1, 10]);
    expect(byDose.wells[0]).toMatchObject({ wellId: "E_1_B02", row: 1, column: 1, nSites: 2 });
  });
  it("colours a plate by a measure of the images, as their mean in each well", async () => {
    expect(DatasetAnswer.parse(await json(`/api/datasets/${data}`)).measures).toEqual(["focus_DNA", "max_actin"]);
    const means = Array.from({ length: N / 2 }, (_, well) => (focusAt(2 * well) + focusAt(2 * well + 1)) / 2);
    const plate = PlateAnswer.parse(await json(`/api/datasets/${data}/plates/E_2?colour=focus_DNA`));
    expect(plate).toMatchObject({ kind: "number", range: [means[0], means.at(-1)] });
    // Linear between ranks: 0.11 and 10.89 among twelve.
    const between = (low: number, share: number) => means[low]! + share * (means[low + 1]! - means[low]!);
    expect(plate.middle![0]).toBeCloseTo(between(0, 0.11), 9);
    expect(plate.middle![1]).toBeCloseTo(between(10, 0.89), 9);
    expect(plate.wells.map(({ value }) => value)).toEqual(means.slice(6));
    const { wells, range } = PlateAnswer.parse(await json(`/api/datasets/${data}/plates/E_1?colour=max_actin`));
    expect([wells[0]?.value, wells[1]?.value, range]).toEqual([3, 7.5, [3, 67.5]]); // what was not measured counts for nothing
  });
  it("tells what was found on an image", async () => {
    const of = async (well: string) =>
      WellAnswer.parse(await json(`/api/datasets/${data}/wells/${well}`)).sites.map((site) => [
        site.qc_flags,
        site.qc_duplicate_of,
      ]);
    expect(await of("E_1_B03")).toEqual([
      [null, null],
      ["blurred(DNA)", null],
    ]);
    expect((await of("E_1_B04"))[1]).toEqual([null, "E_1_B04_0"]);
  });
  it("tells a mixed well", async () => {
    const { wells } = PlateAnswer.parse(await json(`/api/datasets/${data}/plates/E_1?colour=site`));
    expect(wells[0]?.nValues).toBe(2);
  });
  it("lists the sites of a well", async () => {
    const { sites } = WellAnswer.parse(await json(`/api/datasets/${data}/wells/E_2_B04`));
    expect(sites.map(({ image_index, treatment }) => [image_index, treatment])).toEqual([
      [16, null],
      [17, null],
    ]);
  });
  it("says which column, plate, well or image is not there", async () => {
    for (const [path, words] of [
      ["plates/E_1?colour=nonsense", /no column "nonsense"[\s\S]*condition/],
      ["plates/E_9", /no plate "E_9"[\s\S]*E_1, E_2/],
      ["wells/nowhere", /no well "nowhere"/],
      ["images/24/planes/0", /no image "24"/],
      ["images/0/planes/2", /no channel "2"/],
    ] as const) {
      const response = await get(server, `/api/datasets/${data}/${path}`);
      expect(response.status).toBe(404);
      expect(((await response.json()) as { message: string }).message).toMatch(words);
    }
    expect((await get(server, `/api/datasets/${data}/images/-1/planes/0`)).status).toBe(400);
    expect((await get(server, `/api/datasets/${data}/wells/${encodeURIComponent("' OR 1=1 --")}`)).status).toBe(404);
  });
});

describe("pixels", () => {
  it("are the shard's bytes, and are told unchanged", async () => {
    const path = `/api/datasets/${data}/images/17/planes/1`;
    const response = await get(server, path);
    expect([response.headers.get("x-image-type"), response.headers.get("x-image-size")]).toEqual([
      "uint16",
      `${W}x${H}`,
    ]);
    const values = new Uint16Array(await response.arrayBuffer());
    expect([...values]).toEqual(Array.from({ length: H * W }, (_, i) => pixelAt(17, 1, i)));
    const again = await get(server, path, { "if-none-match": response.headers.get("etag")! });
    expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0]);
  });
  it("become thumbnails in the stains' colours, two at full strength", async () => {
    const response = await get(server, `/api/datasets/${data}/images/20/thumbnail?side=16`);
    const { data: rgb, info } = await sharp(Buffer.from(await response.arrayBuffer()))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([16, 12, 3]);
    expect([
      rgb[0],
      Math.abs(rgb[1]! - (255 * 20300) / 24000) < 3,
      Math.abs(rgb[2]! - (255 * 20000) / 24000) < 3,
    ]).toEqual([0, true, true]);
  });
});

describe("an embedding", () => {
  it("knows its data set and columns", async () => {
    const answer = EmbeddingAnswer.parse(await json(`/api/embeddings/${embedding}`));
    expect([answer.nRows, answer.nFeatures, answer.datasetId]).toEqual([N, 4, data]);
    expect(answer.columns.some(({ name }) => name.startsWith("feature_"))).toBe(false);
  });
  it("gives a column a value a row", async () => {
    const category = ColumnAnswer.parse(await json(`/api/embeddings/${embedding}/columns/condition`));
    if (category.kind !== "category") throw new Error("not a category");
    expect([0, 6, 23].map((row) => category.labels[category.codes[row]!])).toEqual(["Mock", "Active", "Active"]);
    const number = ColumnAnswer.parse(await json(`/api/embeddings/${embedding}/columns/dose_um`));
    expect(number.kind === "number" && number.values.slice(4, 8)).toEqual([null, null, 0.1, 0.1]);
    expect((await get(server, `/api/embeddings/${embedding}/columns/feature_0`)).status).toBe(404);
  });
  it("finds the nearest rows by cosine, as comparing each by hand does", async () => {
    const vector = (i: number) => [0, 1, 2, 3].map((j) => Math.fround(featureAt(i, j)));
    const cosine = (a: number[], b: number[]) =>
      a.reduce((sum, v, j) => sum + v * b[j]!, 0) / (Math.hypot(...a) * Math.hypot(...b));
    const want = Array.from({ length: N }, (_, row) => ({ row, cosine: cosine(vector(5), vector(row)) }))
      .filter(({ row }) => row !== 5)
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, 6);
    const { neighbours } = NeighboursAnswer.parse(await json(`/api/embeddings/${embedding}/neighbours?row=5&k=6`));
    expect(neighbours.map(({ row }) => row)).toEqual(want.map(({ row }) => row));
    for (const [i, one] of neighbours.entries()) expect(one.cosine).toBeCloseTo(want[i]!.cosine, 6);
    expect(neighbours[0]?.values.well).toBe("B04");
  });
  it("finds the neighbours of a whole well outside of it", async () => {
    const path = `/api/embeddings/${embedding}/neighbours?well=E_1_B02&k=200`;
    const { neighbours } = NeighboursAnswer.parse(await json(path));
    expect(neighbours).toHaveLength(N - 2);
    expect(neighbours.some(({ row }) => row < 2)).toBe(false);
  });
  it("draws its map once, off the request, and keeps it within the square", async () => {
    const path = `/api/embeddings/${embedding}/map?kind=pca`;
    expect(MapAnswer.parse(await json(path)).state).toBe("working");
    let answer: MapAnswer;
    do {
      await new Promise((resolve) => setTimeout(resolve, 20));
      answer = MapAnswer.parse(await json(path));
    } while (answer.state === "working");
    expect(answer).toEqual({ state: "ready", nPoints: N, note: null });
    const bytes = await (await get(server, `/api/embeddings/${embedding}/map/points`)).arrayBuffer();
    expect([...new Uint32Array(bytes, 0, N)]).toEqual(Array.from({ length: N }, (_, i) => i));
    const xy = new Float32Array(bytes, 4 * N);
    expect(Math.max(...xy.map(Math.abs))).toBeCloseTo(0.95, 5);
    expect((await get(server, `/api/embeddings/${embedding}/map?kind=tsne`)).status).toBe(400);
  });
  it("draws a UMAP and tells its progress, where wells of two images stay together", async () => {
    const shelf = new MapShelf(mkdtempSync(join(folder, "maps-")));
    const path = join(folder, "rule.parquet");
    expect(shelf.ask(path, "1", "umap")).toMatchObject({ state: "working", percent: null });
    await expect.poll(() => shelf.ask(path, "1", "umap").state).toBe("ready");
    const told = new Map<string, (number | null)[]>();
    const drawn = await new FeatureThread(path).map("umap", (percent, step) =>
      told.set(step, [...(told.get(step) ?? []), percent]),
    );
    expect([...told.keys()]).toEqual(["finding neighbours", "laying out neighbourhoods"]);
    for (const percents of told.values()) {
      expect(percents).toEqual([...new Set(percents)].sort((a, b) => Number(a) - Number(b)));
      expect(percents.at(-1)).toBe(100);
    }
    expect(shelf.points(path, "1", "umap")?.xy).toEqual(drawn.xy);
    shelf.close();
    const at = `/api/embeddings/${embedding}/map`;
    await expect.poll(async () => MapAnswer.parse(await json(`${at}?kind=umap`)).state).toBe("ready");
    const xy = new Float32Array(await (await get(server, `${at}/points?kind=umap`)).arrayBuffer(), 4 * N);
    expect(xy).toEqual(drawn.xy);
    const apart = (a: number, b: number) => Math.hypot(xy[2 * a]! - xy[2 * b]!, xy[2 * a + 1]! - xy[2 * b + 1]!);
    const [within, all] = [0, 0].map(() => [] as number[]) as [number[], number[]];
    for (let a = 0; a < N; a++) for (let b = 0; b < a; b++) (a >> 1 === b >> 1 ? within : all).push(apart(a, b));
    const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
    expect(mean(within)).toBeLessThan(mean(all) / 2);
  });
  it("exports a selection as CSV that no spreadsheet runs", async () => {
    const path = `http://127.0.0.1/api/embeddings/${embedding}/selection`;
    const send = (body: string) => server.app.request(path, { method: "POST", body });
    const lines = (await (await send(JSON.stringify({ rows: [23, 0] }))).text()).trim().split("\n");
    expect(lines[0]).toMatch(/^embedding_row,image_index,site_id/);
    expect(lines[1]).toMatch(/^23,23,E_2_B07_1,.*,'=cmd\(\),10,,$/);
    expect(lines[2]).toMatch(/^0,0,E_1_B02_0/);
    for (const body of ["{", "[]", '{"rows":[]}', '{"rows":["1; DROP"]}']) expect((await send(body)).status).toBe(400);
  });
  it("gives a row's metadata, and says which is not there", async () => {
    expect(EmbeddingRow.parse(await json(`/api/embeddings/${embedding}/rows/7`)).values.site_id).toBe("E_1_B05_1");
    expect((await get(server, `/api/embeddings/${embedding}/rows/24`)).status).toBe(404);
    expect((await get(server, `/api/embeddings/${embedding}/rows/1e3`)).status).toBe(400);
  });
});

describe("files that are damaged or being written", () => {
  it("are told as such, without the machine's paths", async () => {
    const broken = await servedFolder();
    const other = await fixtureServer(broken);
    const id = await idOf(other, "embedding");
    truncateSync(join(broken, "rule.parquet"), 900);
    const response = await get(other, `/api/embeddings/${id}`);
    const words = await response.text();
    expect(response.status).toBe(400);
    expect(words).toMatch(/bad-table/);
    expect(words).not.toContain(broken);
  });
  it("that are no JSON or not ours are passed over", async () => {
    const odd = await servedFolder();
    writeFileSync(join(odd, "data", "dataset.json"), "{ half");
    writeFileSync(join(odd, "other.parquet"), "not a table");
    const { entries } = Catalogue.parse(await (await get(await fixtureServer(odd), "/api/catalogue")).json());
    expect(entries.map(({ kind }) => kind)).toEqual(["embedding"]);
    expect(existsSync(join(odd, "other.parquet"))).toBe(true);
  });
});
