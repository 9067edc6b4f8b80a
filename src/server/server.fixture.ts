// A folder to serve, written byte by byte: a data set of 24 images whose pixels follow a rule, and an embedding of them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { npyHeader } from "../data/npy.ts";
import { writeParquet } from "../data/parquet-writer.ts";
import type { DatasetManifest } from "../schema/dataset.ts";
import type { EmbeddingHeader } from "../schema/embedding.ts";
import type { CatalogueEntry } from "../schema/explorer.ts";
import { createServer, type ExplorerServer } from "./create-server.ts";

export const H = 6;
export const W = 8;
export const N = 24;
const SITE_NAMES = ["image_index", "site_id", "well_id", "plate_id", "experiment", "plate", "well", "row", "column"];

/** Grey levels above 255, so that a swapped byte shows. */
export const pixelAt = (image: number, channel: number, i: number): number => 1000 * image + 300 * channel + 7 * i;
/** Features that point the same way for images of one well. */
export const featureAt = (image: number, j: number): number =>
  Math.sin(1 + (image >> 1) * (j + 2)) + (image % 2) * 0.01;

/** Two plates of six wells of two sites; half of the wells are treated. */
const siteRow = (i: number) => {
  const [plate, well] = [Math.floor(i / 12) + 1, Math.floor((i % 12) / 2)];
  const name = `B${String(well + 2).padStart(2, "0")}`;
  return [i, `E_${plate}_${name}_${i % 2}`, `E_${plate}_${name}`, `E_${plate}`, "E", String(plate), name, 1, well + 1];
};
const restOf = (i: number) => {
  const well = Math.floor((i % 12) / 2);
  return [
    String(i % 2),
    "HRCE",
    well < 3 ? "negative_control" : "treated",
    well < 3 ? "Mock" : "Active",
    well < 3 ? null : "=cmd()",
    well < 3 ? null : 10 ** (well - 4),
  ];
};

const schema = {
  columns: [
    ...SITE_NAMES.map((name) => ({ name, type: /index|row|column/.test(name) ? ("int" as const) : ("text" as const) })),
    ...["site", "cell_type", "role", "condition", "treatment"].map((name) => ({ name, type: "text" as const })),
    { name: "dose_um", type: "double" as const },
    ...["qc_flags", "qc_duplicate_of"].map((name) => ({ name, type: "text" as const })),
  ],
};
const flagsOf = (i: number) => [i === 3 ? "blurred(DNA)" : null, i === 5 ? "E_1_B04_0" : null];
const table = Array.from({ length: N }, (_, i) => [...siteRow(i), ...restOf(i), ...flagsOf(i)]);
/** The first measure follows a rule; the second could not be taken of the first image. */
export const focusAt = (image: number): number => 0.5 + image ** 2;
const columns = schema.columns.map((_, c) => table.map((row) => row[c] ?? null));

export const fixtureManifest: DatasetManifest = {
  ...{
    kind: "gandl-dataset",
    schemaVersion: 1,
    id: "fixture",
    title: "Fixture",
    source: "rule",
    citation: "none",
    licence: "CC0-1.0",
  },
  ...{
    synthetic: true,
    dtype: "uint16",
    heightPx: H,
    widthPx: W,
    pixelSizeUm: 0.5,
    sourceBitDepth: 16,
    intensityMapping: { kind: "none" },
  },
  channels: ["DNA", "actin"].map((name) => ({
    ...{ name, stain: name, colour: name === "DNA" ? "#0000ff" : "#00ff00" },
    statistics: { min: 0, max: 25000, mean: 12000, sd: 7000, p0_5: 0, p99_5: 24000 },
  })),
  ...{ nSites: N, shards: [{ file: "shards/00000.npy", nSites: N }], skipped: [], fingerprint: "f".repeat(64) },
};

const header: EmbeddingHeader = {
  ...{
    kind: "gandl-embedding",
    schemaVersion: 1,
    encoder: "a rule",
    checkpoint: null,
    tap: null,
    runtime: "none",
    minibatchStd: null,
  },
  ...{
    input: "stored",
    tiling: null,
    resizeFactor: 1,
    channelMap: [],
    datasetId: "fixture",
    datasetFingerprint: "f".repeat(64),
  },
  ...{ nRows: N, nFeatures: 4 },
};

/** Writes the data set below `folder` with this manifest. */
export async function writeFixtureDataset(folder: string, manifest: DatasetManifest = fixtureManifest): Promise<void> {
  mkdirSync(join(folder, "shards"), { recursive: true });
  writeFileSync(join(folder, "dataset.json"), JSON.stringify(manifest));
  await writeParquet(join(folder, "sites.parquet"), schema, { nRows: N, columns });
  const measured = { nRows: N, columns: columns.slice(0, 2), matrix: new Float32Array(2 * N) };
  for (let i = 0; i < N; i++) measured.matrix.set([focusAt(i), i === 0 ? Number.NaN : 3 * i], 2 * i);
  const measures = { columns: schema.columns.slice(0, 2), matrixColumns: ["focus_DNA", "max_actin"] };
  await writeParquet(join(folder, "measures.parquet"), measures, measured);
  const pixels = Uint16Array.from({ length: N * 2 * H * W }, (_, v) => {
    const size = H * W;
    return pixelAt(Math.floor(v / (2 * size)), Math.floor(v / size) % 2, v % size);
  });
  const bytes = Buffer.concat([npyHeader("uint16", [N, 2, H, W]), Buffer.from(pixels.buffer)]);
  writeFileSync(join(folder, "shards/00000.npy"), bytes);
}

/** A fresh folder with a data set and an embedding of it; removed after the test file. */
export async function servedFolder(): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "gandl-server-test-"));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  await writeFixtureDataset(join(root, "data"));
  const matrix = Float32Array.from({ length: N * 4 }, (_, i) => featureAt(i >> 2, i % 4));
  const matrixColumns = [0, 1, 2, 3].map((j) => `feature_${j}`);
  await writeParquet(join(root, "rule.parquet"), { ...schema, matrixColumns }, { nRows: N, columns, matrix });
  writeFileSync(join(root, "rule.json"), JSON.stringify(header));
  return root;
}

/** A server over `folder` alone, closed after the test file. */
export async function fixtureServer(
  folder: string,
  access = { host: "127.0.0.1", token: null as string | null },
): Promise<ExplorerServer> {
  const server = await createServer({ folders: [folder], pages: null, version: "test", ...access });
  afterAll(() => server.close());
  return server;
}

/** A request as a browser on this machine makes it. */
export const get = (server: ExplorerServer, path: string, headers: Record<string, string> = {}) =>
  server.app.request(`http://127.0.0.1:4173${path}`, { headers: { host: "127.0.0.1:4173", ...headers } });

/** The id of the one thing of a kind. */
export async function idOf(server: ExplorerServer, kind: CatalogueEntry["kind"]): Promise<string> {
  const found = (await server.context.catalogue.all()).filter(({ entry }) => entry.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} of ${kind}`);
  return found[0]!.entry.id;
}
