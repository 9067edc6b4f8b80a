// The page that embeds images in the browser alone: exported as a user would, served by a plain host, driven in Chromium.
// Set GANDL_PAGE_SCREENSHOTS to a folder to keep the pictures.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { writePage } from "../../src/cli/encoder-page/write-page.ts";
import { SeededRandom } from "../../src/core/index.ts";
import { importDataset, openDataset, readFeatureTable } from "../../src/data/index.ts";
import { writeSyntheticScreen } from "../../src/data/synthetic/index.ts";
import { checkpointOf, NAMES } from "../../src/embed/embed.fixture.ts";
import { embedDataset, openEncoder } from "../../src/embed/index.ts";
import { listen } from "../../src/server/index.ts";

const CHROMIUM = "/usr/bin/chromium";
/** A busy machine may need more than the second that a poll is given by itself. */
const soon = <T>(value: () => T) => expect.poll(value);
/** Two cores that draw WebGL in software, with other tests beside: what takes 3 s alone was seen to take 30. */
const SLOW_MACHINE_MS = 120_000;
vi.setConfig({ testTimeout: 3 * SLOW_MACHINE_MS });

const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".json": "application/json",
};

const folder = mkdtempSync(join(tmpdir(), "gandl-encoder-page-"));
const [data, out, embedding] = [join(folder, "data"), join(folder, "page"), join(folder, "embedding")];
const screenshots = process.env.GANDL_PAGE_SCREENSHOTS ?? folder;

/** What any static host does; isolated pages may use threads. */
function staticHost(root: string, isolated: boolean): Promise<Server> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://host").pathname;
    const file = join(root, path === "/" ? "index.html" : path);
    if (!existsSync(file)) return void response.writeHead(404).end();
    const headers = isolated
      ? { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }
      : {};
    response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream", ...headers });
    response.end(readFileSync(file));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

async function exportPage(): Promise<void> {
  const controlWells = { mock: 3, uvInactivated: 0, activeUntreated: 3 };
  const layout = { experiments: ["SYN-1"], platesPerExperiment: 2, sitesPerWell: 2, sidePx: 48 };
  const source = join(folder, "screen");
  for await (const _ of writeSyntheticScreen(source, { ...layout, controlWells, compounds: [] }));
  for await (const _ of importDataset({ source, out: data }));
  const colours = ["#4a66ff", "#22c07a", "#ff5040", "#e0c030", "#c050e0"];
  const channels = NAMES.slice(0, 5).map((name, k) => ({ name, stain: name, colour: colours[k]! }));
  const checkpoint = await checkpointOf(folder, 32, 5, 2, "run", {
    ...{ input: "standardised", channels },
  });
  using dataset = await openDataset(data);
  const encoder = await openEncoder(checkpoint, ["blocks_gap"], "onnxruntime", { threads: 1 });
  for await (const _ of embedDataset({ dataset, encoder, out: embedding, name: "untrained", checkpointFile: "c" }));
  await encoder.close();
  const { build } = await import("vite");
  const built = join(folder, "built");
  const configFile = fileURLToPath(new URL("../../explorer/vite.encoder.config.ts", import.meta.url));
  await build({ configFile, build: { outDir: built }, logLevel: "error" });
  await writePage({
    ...{ run: join(folder, "run"), checkpoint: "latest", embedding: `${embedding}.parquet`, data, out, built, seed: 1 },
    ...{ negative: "condition=Mock", positive: "condition=Active SARS-CoV-2" },
  });
}

/**
 * A screen whose images need everything that an import and an embedding can do: 16 bits mapped by percentiles, shrunk by areas, enlarged
 * for the encoder, a stain under another name, one that is not there, and tiles in eight views.
 */
async function exportHardPage(): Promise<void> {
  const source = join(folder, "source-16");
  mkdirSync(source);
  const random = new SeededRandom(5);
  const rows = ["plate,well"];
  for (let i = 0; i < 6; i++) {
    rows.push(`P${i % 2},A0${i + 1}`);
    for (const k of [1, 2]) {
      const values = Uint16Array.from({ length: 40 * 40 }, (_, p) => 900 * k + 40 * (p % 40) + 3000 * random.uniform());
      const image = sharp(values, { raw: { width: 40, height: 40, channels: 1 } });
      writeFileSync(join(source, `A0${i + 1}_w${k}.png`), await image.toColourspace("grey16").png().toBuffer());
    }
  }
  writeFileSync(join(source, "metadata.csv"), `${rows.join("\n")}\n`);
  const channels = [
    { name: "w1", stain: "Hoechst 33342" },
    { name: "w2", stain: "something" },
  ];
  const table = { images: "{well}_w{channel}.png", channels };
  for await (const _ of importDataset({ source, out: join(folder, "data-16"), table, resizePx: 24 }));
  const checkpoint = await checkpointOf(folder, 16, 3, 2, "run-16");
  using dataset = await openDataset(join(folder, "data-16"));
  const encoder = await openEncoder(checkpoint, ["fc512"], "onnxruntime", { threads: 1 });
  const how = { resize: 1.25, views: "dihedral", aggregate: "median", missing: "mean", input: "stored" } as const;
  const files = { out: join(folder, "embedding-16"), name: "untrained", checkpointFile: "c" };
  for await (const _ of embedDataset({ dataset, encoder, ...how, ...files, channelMap: { ER: "w2" } }));
  await encoder.close();
  await writePage({
    ...{ run: join(folder, "run-16"), checkpoint: "latest", embedding: `${files.out}.parquet`, seed: 1 },
    ...{ data: join(folder, "data-16"), out: join(folder, "page-16"), built: join(folder, "built") },
  });
}

/** The largest difference of the page's features from the embedding's row, relative to the row's largest value. */
async function differenceFrom(file: string, index: number, features: readonly number[]): Promise<number> {
  const stored = await readFeatureTable(file, { isFeature: (name) => /^feature_/.test(name) });
  const width = stored.featureNames.length;
  const expected = stored.features.subarray(index * width, (index + 1) * width);
  expect(features.length).toBe(width);
  return Math.max(...expected.map((v, i) => Math.abs(v - features[i]!))) / Math.max(...expected.map(Math.abs));
}

/** The stored planes of one site as PNG files named by their stains. */
async function filesOf(index: number): Promise<{ name: string; mimeType: string; buffer: Buffer }[]> {
  using dataset = await openDataset(data);
  const { data: pixels, shape } = await dataset.readImages([index]);
  const [, c, height, width] = shape;
  return Promise.all(
    Array.from({ length: c }, async (_, k) => {
      const plane = pixels.subarray(k * height * width, (k + 1) * height * width);
      const image = sharp(Uint8Array.from(plane), { raw: { width, height, channels: 1 } });
      const buffer = await image.toColourspace("b-w").png().toBuffer();
      return { name: `plate 1_${dataset.manifest.channels[k]!.name}.png`, mimeType: "image/png", buffer };
    }),
  );
}

describe.skipIf(!existsSync(CHROMIUM))(`an encoder in the browser alone (${CHROMIUM})`, () => {
  let browser: Browser;
  const servers: Server[] = [];
  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true });
    await exportPage();
    await exportHardPage();
    const hard = join(folder, "page-16");
    servers.push(await staticHost(out, true), await staticHost(out, false), await staticHost(hard, true));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(" ") });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const opened = async (isolated = true, colorScheme: "light" | "dark" = "light", host?: number) => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme });
    page.setDefaultTimeout(SLOW_MACHINE_MS);
    const [complaints, requests]: string[][] = [[], []];
    page.on("console", (message) => complaints!.push(message.text()));
    page.on("pageerror", (error) => complaints!.push(error.message));
    page.on("request", (request) => requests!.push(`${request.method()} ${request.url()}`));
    const { port } = servers[host ?? (isolated ? 0 : 1)]!.address() as AddressInfo;
    const origin = `http://127.0.0.1:${port}`;
    await page.goto(origin);
    await page.locator("#runtime").waitFor();
    return { page, complaints: complaints!, requests: requests!, origin };
  };
  const savedFeatures = async (page: Page) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Save the features").click()]);
    const [, line] = readFileSync(await download.path(), "utf8").split("\n");
    return line!.split(",").map(Number);
  };

  for (const [isolated, runtime] of [
    [true, /WebAssembly, [2-9] threads/],
    [false, /WebAssembly, 1 thread\b/],
  ] as const) {
    it(`embeds as gandl embed does, ${isolated ? "with" : "without"} threads, and asks no one else`, async () => {
      const { page, complaints, requests, origin } = await opened(isolated);
      expect(await page.locator("#runtime").textContent()).toMatch(runtime);
      const before = requests.length;
      const stored = await readFeatureTable(`${embedding}.parquet`, { isFeature: (name) => /^feature_/.test(name) });
      for (const index of [0, 5, 11]) {
        await page.locator("input[type=file]").setInputFiles(await filesOf(index));
        await page.locator("#answer").waitFor();
        await expect
          .poll(() => page.locator(".wells td").nth(1).textContent())
          .toBe(stored.metadata.get("well_id")![index]);
        expect(await differenceFrom(`${embedding}.parquet`, index, await savedFeatures(page))).toBeLessThan(1e-3);
      }
      expect(complaints).toEqual([]);
      expect(requests.filter((r) => !r.startsWith(`GET ${origin}/`) && !r.startsWith("GET blob:"))).toEqual([]);
      expect(requests.slice(before).filter((r) => !r.includes("blob:"))).toEqual([]); // a dropped image asks for nothing
      await page.close();
    });
  }

  it("prepares source images as import and embed did: 16 bits, sizes, other names, a stain that is not there, views", async () => {
    const { page, complaints } = await opened(true, "light", 2);
    for (const index of [0, 4]) {
      const names = [1, 2].map((k) => `A0${index + 1}_w${k}.png`);
      await page.locator("input[type=file]").setInputFiles(names.map((name) => join(folder, "source-16", name)));
      const row = page.locator(".wells tbody tr").first();
      await soon(() => row.textContent()).toContain(`A0${index + 1}`);
      const difference = await differenceFrom(join(folder, "embedding-16.parquet"), index, await savedFeatures(page));
      expect(difference).toBeLessThan(1e-3);
    }
    expect(await page.locator(".stains td:last-child").allTextContents()).toEqual(["by name", "by name", ""]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("says which condition the image is nearer to, and how far that may be trusted", async () => {
    const { page } = await opened();
    await page.locator("input[type=file]").setInputFiles(await filesOf(0));
    await page.locator("#answer").waitFor();
    const text = await page.locator("#answer").textContent();
    expect(text).toMatch(/Nearer to (Mock|Active SARS-CoV-2): score [+−]\d/);
    expect(text).toMatch(/On 2 such plates the score tells the two apart with AUC 0?\.?\d/);
    expect(text).toMatch(/synthetic screen: no real cell/);
    await page.close();
  });

  it("recognises stains by names, and asks where it cannot", async () => {
    const { page, complaints } = await opened();
    const files = await filesOf(1);
    await page.locator("input[type=file]").setInputFiles(files.slice(0, 4));
    await soon(() => page.locator(".stains tr").count()).toBe(5);
    const by = await page.locator(".stains td:last-child").allTextContents();
    expect(by.slice(0, 4).every((words) => /^by (name|stain)$/.test(words))).toBe(true);
    expect(await page.locator(".hint").count()).toBe(1);
    expect(await page.locator("#answer").count()).toBe(0);
    await page.locator(".missing select").selectOption("mean");
    await page.locator("#answer").waitFor();
    const nameless = files.map((file, k) => ({ ...file, name: `w${k + 1}.png` }));
    await page.locator("input[type=file]").setInputFiles(nameless);
    await page.locator(".doubt").first().waitFor();
    expect(await page.locator(".doubt").count()).toBe(5);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("refuses a file that it cannot take in words, and goes on", async () => {
    const { page, complaints } = await opened();
    const [dna] = await filesOf(0);
    await page.locator("input[type=file]").setInputFiles([{ ...dna!, buffer: dna!.buffer.subarray(0, 200) }]);
    await page.locator("[role=alert]").waitFor();
    expect(await page.locator("[role=alert]").textContent()).toMatch(
      /DNA\.png cannot be read\.It is cut short.*Open it in an image program/,
    );
    await page.locator("input[type=file]").setInputFiles(await filesOf(0));
    await page.locator("#answer").waitFor();
    expect(await page.locator("[role=alert]").count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("takes files that are dropped", async () => {
    const { page } = await opened();
    const files = (await filesOf(2)).map(({ name, buffer }) => ({ name, base64: buffer.toString("base64") }));
    await page.evaluate(`{
      const transfer = new DataTransfer();
      for (const { name, base64 } of ${JSON.stringify(files)})
        transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type: "image/png" }));
      document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }`);
    await page.locator("#answer").waitFor();
    await page.close();
  });

  it("is served by the explorer too, by its own script, under its own policy", async () => {
    const options = { folders: [out], pages: null, encoderPage: join(folder, "built"), version: "test" };
    const server = await listen({ ...options, host: "127.0.0.1", port: 0 });
    const page = await browser.newPage();
    page.setDefaultTimeout(SLOW_MACHINE_MS);
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${server.address}encode`);
    await page.locator("#runtime", { hasText: "threads" }).waitFor();
    await page.locator("input[type=file]").setInputFiles(await filesOf(3));
    await page.locator("#answer").waitFor();
    expect(await differenceFrom(`${embedding}.parquet`, 3, await savedFeatures(page))).toBeLessThan(1e-3);
    // The theme that the reader chose in the explorer holds here too.
    const paper = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const before = await paper();
    await page.evaluate("localStorage.setItem('gandl-theme', 'dark')");
    await page.reload();
    await expect.poll(paper).not.toBe(before);
    expect(complaints).toEqual([]);
    await page.close();
    await server.close();
  });

  for (const colorScheme of ["light", "dark"] as const) {
    it(`fits 1280 px, ${colorScheme}`, async () => {
      const { page } = await opened(true, colorScheme);
      await page.locator("input[type=file]").setInputFiles(await filesOf(7));
      await page.locator("#answer").waitFor();
      await page.screenshot({ path: join(screenshots, `encoder-page-${colorScheme}.png`), fullPage: true });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(1280);
      await page.close();
    });
  }
});
