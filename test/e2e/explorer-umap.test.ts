// A UMAP that takes its time, in the system's Chromium against `gandl serve` as built: its progress is seen, and it goes on while the reader looks elsewhere.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { SeededRandom } from "../../src/core/seeded-random.ts";
import { writeParquet } from "../../src/data/index.ts";

const CHROMIUM = "/usr/bin/chromium";
const SLOW_MACHINE_MS = 120_000;
vi.setConfig({ testTimeout: 3 * SLOW_MACHINE_MS, hookTimeout: SLOW_MACHINE_MS });
const FLAGS =
  "--headless --no-sandbox --use-angle=swiftshader --enable-unsafe-swiftshader --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const CLI = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const PAGES = fileURLToPath(new URL("../../dist/explorer/index.html", import.meta.url));
const isReady = [CHROMIUM, CLI, PAGES].every((path) => existsSync(path));
const N_ROWS = 2500;

async function writeEmbedding(folder: string): Promise<void> {
  const random = SeededRandom.forPart(1, "umap-e2e");
  const matrix = Float32Array.from({ length: N_ROWS * 16 }, () => random.normal());
  const matrixColumns = Array.from({ length: 16 }, (_, j) => `feature_${j}`);
  const group = Array.from({ length: N_ROWS }, (_, i) => `group ${i % 3}`);
  const schema = { columns: [{ name: "condition", type: "text" as const }], matrixColumns };
  await writeParquet(join(folder, "noise.parquet"), schema, { nRows: N_ROWS, columns: [group], matrix });
}

describe.skipIf(!isReady)(`a long UMAP in Chromium (${CHROMIUM}, built by npm run setup)`, () => {
  const folder = mkdtempSync(join(tmpdir(), "gandl-umap-"));
  let browser: Browser;
  let server: ChildProcess;
  let address = "";

  beforeAll(async () => {
    await writeEmbedding(folder);
    // Maps are kept in the temporary folder: one of its own, so that none is there yet.
    const env = { ...process.env, TMPDIR: folder };
    const stdio = ["ignore", "pipe", "inherit"] as ["ignore", "pipe", "inherit"];
    server = spawn(process.execPath, [CLI, "serve", folder, "--port", "0", "--json"], { stdio, env });
    let said = "";
    for await (const piece of server.stdout!) {
      said += String(piece);
      if (said.includes("}")) break;
    }
    address = (JSON.parse(said) as { address: string }).address;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(" ") });
  });
  afterAll(async () => {
    await browser?.close();
    server?.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  });

  it("tells its step and percent, goes on while another page is open, and is there at once the next time", async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
    page.setDefaultTimeout(SLOW_MACHINE_MS);
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${address}#/map?kind=umap`);
    const progress = page.locator(".waiting progress");
    await progress.waitFor();
    const secondsNow = async () => Number(/(\d+) s\./.exec((await page.locator(".waiting").textContent()) ?? "")?.[1]);
    expect(await page.locator(".waiting").textContent()).toMatch(/(neighbours|neighbourhoods), \d+ %, \d+ s/);
    const [before, at] = [await secondsNow(), Date.now()];
    await page.getByRole("link", { name: "Data" }).click();
    await page.getByText("There is no data set in the folders that are served.").waitFor();
    await page.waitForTimeout(1500);
    await page.goBack();
    // Either it is still drawn, and then not from the beginning, or it is done.
    const drawn = page.locator("canvas[data-drawn]");
    await progress.or(drawn).first().waitFor();
    if ((await drawn.count()) === 0) {
      const seconds = await secondsNow();
      if (!Number.isNaN(seconds))
        expect(seconds - before).toBeGreaterThanOrEqual(Math.floor((Date.now() - at) / 1000) - 2);
    }
    await drawn.waitFor();
    expect(await drawn.getAttribute("data-drawn")).toBe(String(N_ROWS));
    await page.reload();
    await drawn.waitFor();
    expect(await page.locator(".waiting progress").count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
