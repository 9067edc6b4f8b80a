// Training, Screen and Generate over real folders: a tiny screen, answers computed from it, and a run that is trained while looked at.
// Set GANDL_PAGE_SCREENSHOTS to a folder to keep the pictures.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { intensityProfiles } from "../../src/baselines/index.ts";
import { ExplorerHands } from "../../src/cli/serve/explorer-hands.ts";
import { importDataset, openDataset } from "../../src/data/index.ts";
import { writeSyntheticScreen } from "../../src/data/synthetic/index.ts";
import { type Listening, listen } from "../../src/server/index.ts";
import { doseResponseTask, hitsTask, runTask } from "../../src/tasks/index.ts";
import { setThreads } from "../../src/tensor/index.ts";
import { train } from "../../src/train/index.ts";
import { tinyConfig } from "../../src/train/train.fixture.ts";

const CHROMIUM = "/usr/bin/chromium";
/** A busy machine may need more than the second that a poll is given by itself. */
const soon = <T>(value: () => T) => expect.poll(value);
/** Two cores that draw WebGL in software, with other tests beside: what takes 3 s alone was seen to take 30. */
const SLOW_MACHINE_MS = 120_000;
vi.setConfig({ testTimeout: 3 * SLOW_MACHINE_MS });

const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const folder = mkdtempSync(join(tmpdir(), "gandl-explorer-pages-"));
const data = join(folder, "served", "dataset");
const run = join(folder, "served", "run");
const unlabelled = join(folder, "served", "unlabelled");
const screenshots = process.env.GANDL_PAGE_SCREENSHOTS ?? folder;

async function writeScreen(): Promise<void> {
  const compounds = [
    { name: "Synthestat A", effect: "rescue", ec50Um: 0.08, hill: 1.3, maxRescue: 0.95 },
    { name: "Synthinert D", effect: "inert" },
    { name: "Synthotoxin F", effect: "toxic", ec50Um: 0.3, hill: 1.5, maxToxicity: 0.9 },
  ] as const;
  const controlWells = { mock: 6, uvInactivated: 0, activeUntreated: 6 };
  const layout = { experiments: ["SYN-1"], platesPerExperiment: 2, sitesPerWell: 1, sidePx: 32 };
  for await (const _ of writeSyntheticScreen(join(folder, "screen"), {
    ...layout,
    controlWells,
    compounds: [...compounds],
  }));
  for await (const _ of importDataset({ source: join(folder, "screen"), out: data }));
  using dataset = await openDataset(data);
  const table = await intensityProfiles(dataset);
  const params = {
    healthy: { condition: ["Mock"] },
    diseased: { role: ["positive_control"] },
    treated: { role: ["treated"] },
  };
  const context = { seed: 1, encoder: "intensity" };
  const runs = [runTask(hitsTask, table, params, context), runTask(doseResponseTask, table, params, context)];
  writeFileSync(join(folder, "served", "results.json"), JSON.stringify(runs));
}

const config = (steps: number) =>
  tinyConfig(data, steps, {
    data: { dataset: data, resolutionPx: 16 },
    model: {
      ...{ kind: "stylegan2", latentDim: 8, styleDim: 8, mappingLayers: 2, channelBase: 128, channelMax: 8 },
      labels: "condition",
    },
    schedule: { sampleEveryKimg: 0.04, tickEverySteps: 2 },
  });

describe.skipIf(!existsSync(CHROMIUM))(`the explorer's pages (${CHROMIUM})`, () => {
  let browser: Browser;
  let server: Listening;
  const hands = new ExplorerHands();
  const faults: unknown[] = [];

  beforeAll(async () => {
    setThreads(1);
    mkdirSync(join(folder, "served"), { recursive: true });
    mkdirSync(screenshots, { recursive: true });
    await writeScreen();
    const { build } = await import("vite");
    const pages = join(folder, "pages");
    const configFile = fileURLToPath(new URL("../../explorer/vite.config.ts", import.meta.url));
    await build({ configFile, build: { outDir: pages, emptyOutDir: true }, logLevel: "error" });
    server = await listen({
      ...{ folders: [join(folder, "served")], pages, version: "test", host: "127.0.0.1", port: 0 },
      hands: (catalogue) => hands.of(catalogue),
      onFault: (error) => faults.push(error),
    });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(" ") });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    hands.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const opened = async (path: string, colorScheme: "light" | "dark" = "light") => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme });
    page.setDefaultTimeout(SLOW_MACHINE_MS);
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${server.address}#${path}`);
    return { page, complaints };
  };
  const bothThemes = async (path: string, name: string, ready: string) => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page } = await opened(path, colorScheme);
      await page.locator(ready).first().waitFor();
      await page.screenshot({ path: join(screenshots, `${name}-${colorScheme}.png`), fullPage: true });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(1280);
      await page.close();
    }
  };

  /** The name beside the middle of each row of the generated picture; what lies beside none is told. */
  const rowNames = (page: Page): Promise<string[]> =>
    page.evaluate(`(() => {
      const figure = document.querySelectorAll(".samples figure")[1];
      const names = [...figure.querySelectorAll(".rows li")];
      const picture = figure.querySelector("img").getBoundingClientRect();
      return names.map((_, row) => {
        const y = picture.top + ((row + 0.5) * picture.height) / names.length;
        const beside = names.find((name) => name.getBoundingClientRect().top <= y && y <= name.getBoundingClientRect().bottom);
        return beside?.textContent ?? "none";
      });
    })()`);

  /** A page that was opened before there was anything to show. */
  let early: Awaited<ReturnType<typeof opened>>;

  it("Training says what to do while there is no run", async () => {
    early = await opened("/training");
    await early.page.locator(".empty").waitFor();
    expect(await early.page.locator(".empty").textContent()).toMatch(/no training run.*gandl train/);
    expect(early.complaints).toEqual([]);
  });

  it("Training follows a live run and stops it with a checkpoint", async () => {
    const events = (async () => {
      let last = "";
      for await (const event of train({ config: config(100_000), out: run })) last = event.kind;
      return last;
    })();
    const { page, complaints } = early; // it finds the run that began after it was opened
    await page.locator("text=/Running: .* kimg, .* images a second/").waitFor();
    const first = await page.locator("#standing").textContent();
    await soon(() => page.locator("#standing").textContent()).not.toBe(first);
    await page.locator(".line-chart").nth(2).waitFor();
    await page.locator(".samples img").nth(1).waitFor();
    await page.getByRole("button", { name: "Stop with a checkpoint" }).click();
    await page.getByRole("button", { name: "Stop it" }).click();
    await page.locator("text=/Stopped at/").waitFor({ timeout: 20_000 });
    expect(await events).toBe("finished");
    expect(await rowNames(page)).toEqual(["all stains", "DNA", "ER", "actin", "RNA", "Golgi-membrane"]);
    expect(complaints).toEqual([]);
    await page.close();
    await bothThemes("/training", "training", ".samples img");
  });

  it.each([
    ["/training?run=none", "This run is not here any more"],
    ["/generate?run=none", "This run is not here any more"],
    ["/screen?table=none", "This table is not here any more"],
  ])("says at %s that what the address names is gone, and shows another only when asked", async (path, words) => {
    const { page, complaints } = await opened(path);
    await page.getByText(words).waitFor();
    await page.getByRole("button", { name: /^Show the first/ }).click();
    await page.locator(".bar select").first().waitFor();
    expect(page.url()).not.toContain("none");
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("Screen sorts and searches hits, opens a curve with images, and saves the selection", async () => {
    const { page, complaints } = await opened("/screen");
    await page.locator(".hits tbody tr").nth(2).waitFor();
    const names = () => page.locator(".hits button.link").allTextContents();
    const scores = async () =>
      (await page.locator(".hits tbody tr td:nth-child(3)").allTextContents()).map((t) => Number(t.replace("−", "-")));
    await page.getByRole("button", { name: /^rescue score/ }).click();
    expect(await scores()).toEqual([...(await scores())].sort((a, b) => b - a));
    await page.getByRole("button", { name: /^rescue score/ }).click();
    expect(await scores()).toEqual([...(await scores())].sort((a, b) => a - b));
    await page.getByRole("searchbox").fill("stat");
    expect((await names()).map((name) => name.replace(/ ∿$/, ""))).toEqual(["Synthestat A"]);
    await page.getByRole("button", { name: /Synthestat A/ }).click();
    await page.locator(".compound .curve circle").first().waitFor();
    expect(await page.locator(".compound figcaption").textContent()).toMatch(/EC50/);
    await page.locator(".dose img").nth(10).waitFor();
    expect(await page.locator(".dose-name").allTextContents()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^Mock/), expect.stringMatching(/µM/)]),
    );
    await page.getByLabel("Select Synthestat A").check();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Save the selection").click()]);
    const lines = readFileSync(await download.path(), "utf8")
      .trim()
      .split("\r\n");
    expect([lines.length, lines[1]!.split(",")[0]]).toEqual([2, "Synthestat A"]);
    const shared = new URLSearchParams(page.url().split("?")[1]);
    expect(Object.fromEntries(shared)).toMatchObject({ search: "stat", compound: "Synthestat A" });
    await page.reload();
    await page.locator("#count", { hasText: "1 selected" }).waitFor();
    expect(await page.getByLabel("Select Synthestat A").isChecked()).toBe(true);
    expect(complaints).toEqual([]);
    await page.close();
    await bothThemes("/screen?sort=rescue+score~down&compound=Synthestat+A", "screen", ".dose img");
  });

  it("Generate draws seeds, truncation, and walks between seeds and conditions", async () => {
    const { page, complaints } = await opened("/generate");
    await page.locator(".generated img").nth(7).waitFor();
    const first = () => page.locator(".generated img").first().getAttribute("src");
    const whole = await first();
    expect(await page.locator(".walk").count()).toBe(0);
    await page.locator(".generated button").nth(3).click();
    await page.locator(".walk figcaption", { hasText: "seed 4" }).waitFor();
    expect(await page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")).toBe(true);
    await page.getByLabel("Truncation").fill("0");
    await soon(first).not.toBe(whole);
    await page.getByLabel("Show").selectOption("classes");
    await page.locator(".walk img").waitFor();
    await soon(() => page.locator(".generated span").last().textContent()).toMatch(/Mock|Active/);
    await page.getByLabel("Place on the way").fill("4");
    expect(await page.locator(".generated button.now span").textContent()).toBe("57 %");
    await page.getByLabel("Show").selectOption("walk");
    await page.locator(".generated span", { hasText: "seed 2" }).waitFor();
    await page.getByLabel("Place on the way").fill("4");
    await page.reload();
    await page.locator(".generated button.now", { hasText: "57 %" }).waitFor();
    expect(complaints).toEqual([]);
    await page.close();
    await bothThemes("/generate?kind=classes&seed=3", "generate", ".walk img");
  });

  it("Generate walks between conditions of a run that was told none, and says what that is worth", async () => {
    for await (const _ of train({
      config: { ...config(1), model: { ...config(1).model, labels: null } },
      out: unlabelled,
    }));
    const { page, complaints } = await opened("/generate");
    await page.locator(".generated img").nth(7).waitFor();
    await soon(async () => {
      await page.reload();
      return page.getByRole("combobox", { name: "Run" }).textContent();
    }).toContain("unlabelled");
    await page.getByRole("combobox", { name: "Run" }).selectOption({ label: "served/unlabelled" });
    await page.getByLabel("Show").selectOption("conditions");
    await page.locator(".walk img").waitFor();
    expect(await page.locator(".generated span").allTextContents()).toMatchObject({ 0: "like Mock", length: 8 });
    await page.getByText(/On plates held out the encoder tells real images of the two apart at AUC/).waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });
});
