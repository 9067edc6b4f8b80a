// The explorer in the system's Chromium, against a real server over a synthetic screen that was drawn, imported and embedded for it.
// Set GANDL_EXPLORER_SCREENSHOTS to a folder to keep pictures of every page in both themes.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Dataset, importDataset, openDataset, writeParquet, writeSyntheticScreen } from "../../src/data/index.ts";
import type { Catalogue, EmbeddingHeader } from "../../src/schema/index.ts";
import { type Listening, listen } from "../../src/server/index.ts";

const CHROMIUM = "/usr/bin/chromium";
/** Two cores that draw WebGL in software, with other tests beside: what takes 3 s alone was seen to take 30. */
const SLOW_MACHINE_MS = 120_000;
const SLOWLY = { timeout: 30_000 };
vi.setConfig({ testTimeout: 3 * SLOW_MACHINE_MS });

const FLAGS =
  "--headless --no-sandbox --use-angle=swiftshader --enable-unsafe-swiftshader --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const PAGES = fileURLToPath(new URL("../../dist/explorer", import.meta.url));
const isReady = existsSync(CHROMIUM) && existsSync(join(PAGES, "index.html"));

describe.skipIf(!isReady)(`the explorer in Chromium (${CHROMIUM}, pages built by npm run setup)`, () => {
  const root = mkdtempSync(join(tmpdir(), "gandl-explorer-"));
  const screenshots = process.env.GANDL_EXPLORER_SCREENSHOTS;
  let server: Listening;
  let browser: Browser;
  let dataset: Dataset;

  beforeAll(async () => {
    for await (const event of writeSyntheticScreen(join(root, "screen"), { sidePx: 32, platesPerExperiment: 1 }))
      void event;
    const out = join(root, "served", "data");
    mkdirSync(join(root, "served"));
    for await (const event of importDataset({ source: join(root, "screen"), out })) void event;
    dataset = await openDataset(out);
    // Damaged, and named so that it is not the first.
    mkdirSync(join(root, "served", "zz-damaged"));
    writeFileSync(join(root, "served", "zz-damaged", "dataset.json"), '{"kind":"gandl-dataset","title":"Damaged"}');
    await embed(dataset, join(root, "served", "means"));
    server = await listen({
      folders: [join(root, "served")],
      pages: PAGES,
      version: "test",
      host: "127.0.0.1",
      port: 0,
    });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(" ") });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    dataset?.close();
    rmSync(root, { recursive: true, force: true });
  });

  /** Opens a view and does something there; nothing may reach the console, and nothing another machine. */
  async function visit(hash: string, act: (page: Page) => Promise<void>, colorScheme: "light" | "dark" = "light") {
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, colorScheme, acceptDownloads: true });
    page.setDefaultTimeout(SLOW_MACHINE_MS);
    const complaints: string[] = [];
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(server.address) && !/^(blob|data):/.test(request.url()))
        complaints.push(request.url());
    });
    await page.goto(`${server.address}${hash}`);
    await act(page);
    const width = await page.evaluate("document.documentElement.scrollWidth");
    expect(width).toBeLessThanOrEqual(1280);
    // What software drawing says of itself is no fault of the page.
    expect(complaints.filter((text) => !/GL Driver Message|swiftshader|GPU stall/i.test(text))).toEqual([]);
    await page.close();
  }

  const shot = async (page: Page, name: string) => {
    if (screenshots) await page.screenshot({ path: join(screenshots, `${name}.png`) });
  };

  it("opens a well on the plate and shows its pixels, to the grey level", async () => {
    await visit("", async (page) => {
      await page.waitForSelector(".plate .wells");
      const site = dataset.sites.find(({ plate_id }) => plate_id === dataset.sites[0]!.plate_id)!;
      const [px, py] = await placeOf(page, site);
      await page.mouse.move(px, py);
      await page.getByText(`${site.well} · condition: ${site.condition}`).waitFor();
      await page.mouse.click(px, py);
      await page.waitForSelector(".image canvas");
      const { data, shape } = await dataset.readImages([site.image_index]);
      const [, c, h, w] = shape;
      const box = (await page.locator(".image canvas").boundingBox())!;
      for (const [x, y] of [
        [3, 5],
        [16, 20],
        [31, 31],
      ] as const) {
        await page.mouse.move(box.x + ((x + 0.5) / w) * box.width, box.y + ((y + 0.5) / h) * box.height);
        const names = dataset.manifest.channels.map(({ name }, k) => `${name} ${data[(k * h + y) * w + x]}`);
        await page.getByText(`(${x}, ${y}) ${names.join(" ")}`).waitFor({ timeout: 5000 });
      }
      expect(names(page.url())).toContain(`well=${site.well_id}`);
      expect(c).toBe(5);
      await shot(page, "data-light");
    });
  });

  it("shows the same view again from its address, moved by keys, one stain alone", async () => {
    const site = dataset.sites[40]!;
    await visit(
      `#/data?plate=${site.plate_id}&well=${site.well_id}&colour=dose_um&stains=1-:;2-:;3-:;4-:`,
      async (page) => {
        await page.waitForSelector(".image canvas");
        const blueOnly = await page.evaluate(`(() => {
        const canvas = document.querySelector(".image canvas");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let red = 0, blue = 0;
        for (let i = 0; i < data.length; i += 4) { red += data[i]; blue += data[i + 2]; }
        return blue > 3 * red && blue > 0;
      })()`);
        expect(blueOnly).toBe(true); // DNA is #3a6bff
        const before = await page.locator(".image canvas").screenshot();
        await page.locator(".image canvas").focus();
        for (const key of ["+", "+", "ArrowLeft"]) await page.keyboard.press(key);
        expect((await page.locator(".image canvas").screenshot()).equals(before)).toBe(false);
        const pixels = () => page.evaluate('document.querySelector(".image canvas").toDataURL()');
        const enlarged = await pixels();
        await expect.poll(() => page.url(), SLOWLY).toMatch(/view=[\d.]+_[\d.]+_2$/); // at most 64 times
        await page.reload();
        await page.waitForSelector(".image canvas");
        await expect.poll(pixels, SLOWLY).toBe(enlarged);
        await page.locator(".image canvas").focus();
        await page.keyboard.press("0");
        await expect.poll(() => page.url(), SLOWLY).not.toContain("view=");
        await page.locator("[role=listbox]").focus();
        await page.keyboard.press("ArrowRight");
        const told = page.locator(`[id="${await page.getAttribute("[role=listbox]", "aria-activedescendant")}"]`);
        expect(await told.getAttribute("aria-setsize")).toBe(String(wellsOf(dataset, site.plate_id)));
        await page.keyboard.press("Enter");
        await expect.poll(() => page.url()).not.toContain(`well=${site.well_id}&`);
        await page.waitForSelector(".image canvas");
        await shot(page, "data-dark");
      },
      "dark",
    );
  });

  it("lassoes points, counts them and exports them, and finds what is like one", async () => {
    await visit("#/map", async (page) => {
      await page.waitForSelector("canvas[data-drawn]");
      const box = (await page.locator("canvas.scatter").boundingBox())!;
      await page.getByRole("button", { name: "Lasso" }).click();
      const corners = [
        [0.02, 0.02],
        [0.98, 0.02],
        [0.98, 0.98],
        [0.02, 0.98],
        [0.02, 0.04],
      ] as const;
      for (const [i, [x, y]] of corners.entries()) {
        await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 12 });
        if (i === 0) await page.mouse.down();
        await page.waitForTimeout(30);
      }
      await page.mouse.up();
      await page.getByText(`${dataset.sites.length} points chosen`).waitFor({ timeout: 10_000 });
      expect(await page.locator("tbody tr").count()).toBe(
        new Set(dataset.sites.map(({ condition }) => condition)).size,
      );
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Export CSV" }).click(),
      ]);
      const csv = readFileSync(await download.path(), "utf8")
        .trim()
        .split("\n");
      expect(csv).toHaveLength(dataset.sites.length + 1);
      await shot(page, "map-light");
      expect(page.url()).toMatch(/lasso=-?\d+_/);
      await page.reload();
      await page.getByText(`${dataset.sites.length} points chosen`).waitFor();
      await page.getByRole("button", { name: "Clear" }).click();
      await page.getByText("Choose a point, or lasso many").waitFor();
      expect(page.url()).not.toContain("lasso=");
    });
    await visit(
      "#/map?row=5&colour=dose_um",
      async (page) => {
        await page.waitForSelector(".neighbours li");
        expect(await page.locator(".neighbours li").count()).toBe(24);
        await page.getByText(dataset.sites[5]!.site_id, { exact: true }).waitFor();
        await page.waitForSelector("canvas[data-drawn]");
        await page.waitForLoadState("networkidle");
        await shot(page, "map-dark");
      },
      "dark",
    );
  });

  it("moves the map by keys, chooses a point by Enter, and is found again there", async () => {
    await visit("#/map", async (page) => {
      await page.waitForSelector("canvas[data-drawn]");
      await page.locator("canvas.scatter").focus();
      for (const key of ["+", "ArrowRight", "Enter"]) await page.keyboard.press(key);
      await expect
        .poll(() => page.url(), SLOWLY)
        .toMatch(/view=0\.13\d*_0_0\.66\d*.*row=\d+|row=\d+.*view=0\.13\d*_0_0\.66/);
      const chosen = await page.locator("[aria-label=Chosen] h2").textContent();
      const there = page.url();
      await page.reload();
      await page.waitForSelector("canvas[data-drawn]");
      expect(await page.locator("[aria-label=Chosen] h2").textContent()).toBe(chosen);
      await page.waitForTimeout(600); // longer than the address waits
      expect(page.url()).toBe(there);
      await page.locator("canvas.scatter").focus();
      await page.keyboard.press("0");
      await expect.poll(() => page.url(), SLOWLY).not.toContain("view=");
    });
  });

  it("filters points by other columns than the coloured one, from the address and by hand", async () => {
    const treated = dataset.sites.filter(({ role }) => role === "treated").length;
    const high = dataset.sites.filter(({ role, dose_um }) => role === "treated" && (dose_um ?? 0) >= 1).length;
    const shown = (n: number) => `${n} of ${dataset.sites.length} points shown`;
    await visit("#/map?colour=condition&only=role:%3Dtreated", async (page) => {
      await page.getByText(shown(treated)).waitFor();
      await page.getByLabel("Filter by").selectOption("dose_um");
      await page.getByLabel("Lowest dose_um").fill("1");
      await page.getByLabel("Lowest dose_um").blur();
      await page.getByText(shown(high)).waitFor();
      expect(names(page.url())).toContain("dose_um:1..");
      await page.reload();
      await page.getByText(shown(high)).waitFor();
      await shot(page, "map-filtered");
      await page.getByLabel("Highest dose_um").fill("0");
      await page.getByLabel("Highest dose_um").blur();
      await page.getByText("No point passes").waitFor();
      await page.getByRole("button", { name: "Remove the filter dose_um" }).click();
      await page.getByText(shown(treated)).waitFor();
    });
  });

  it("shows the image of the point under the mouse", async () => {
    await visit("#/map?row=5", async (page) => {
      await page.waitForSelector("canvas[data-drawn]");
      const box = (await page.locator("canvas.scatter").boundingBox())!;
      const image = page.locator(".pointed img");
      // Through the midst of the cloud, staying long enough at each place for an answer.
      for (let at = 0; at < 120 && (await image.count()) === 0; at++) {
        await page.mouse.move(
          box.x + box.width * (0.4 + 0.25 * ((at * 0.618) % 1)),
          box.y + box.height * (0.4 + 0.25 * ((at * 0.755) % 1)),
        );
        await page.waitForTimeout(150);
      }
      const widthPx = () => page.evaluate("document.querySelector('.pointed img')?.naturalWidth ?? 0");
      await expect.poll(widthPx).toBe(96);
    });
  });

  it("colours the plate by a measure of the images", async () => {
    await visit("#/data", async (page) => {
      await page.waitForSelector(".plate .wells");
      await page.getByLabel("Colour").selectOption("focus_DNA");
      await page.getByText(/[0-9]/).and(page.locator(".ramp span")).first().waitFor();
      expect(await page.evaluate(N_FILLS)).toBeGreaterThan(10);
      await shot(page, "data-measure");
    });
  });

  it("says of a damaged data set what is wrong with it, briefly, and lets the reader go to another", async () => {
    const catalogue = (await (await fetch(`${server.address}api/catalogue`)).json()) as Catalogue;
    const damaged = catalogue.entries.find(({ title }) => title === "Damaged")!;
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
    page.setDefaultTimeout(SLOW_MACHINE_MS);
    await page.goto(`${server.address}#/data?dataset=${damaged.id}`);
    await page.getByText("does not have the expected form").waitFor();
    expect(await page.getByText("Import the data set again").isVisible()).toBe(true);
    const last = page.getByText("at fingerprint");
    expect(await last.isVisible()).toBe(false);
    await page.getByText(/\d+ more lines/).click();
    expect(await last.isVisible()).toBe(true);
    await page.getByLabel("Data set").selectOption({ label: "served/data" });
    await page.waitForSelector(".plate .wells");
    await page.close();
  });

  it("keeps the theme that the reader chose, and says what to do where there is nothing", async () => {
    await visit("#/data?dataset=000000000000", async (page) => {
      await page.getByText("not here any more").waitFor();
      await page.getByRole("button", { name: "Change to dark" }).click();
      await page.reload();
      expect(await page.getAttribute("html", "data-theme")).toBe("dark");
    });
    for (const address of ["#/nonsense", "#/%E0%A4%A"])
      await visit(address, async (page) => page.getByText("There is no such page").waitFor());
    await visit("#/map?only=no_such:%3Dvalue", async (page) => page.getByText("no such column here").waitFor());
  });
});

const N_FILLS = "document.querySelectorAll('.plate .wells[fill]').length"; // a shape a colour

/** The midst of a well in the window: places are 20 wide and begin 22 from the corner of the plate's drawing. */
function placeOf(
  page: Page,
  { row, column }: { row: number | null; column: number | null },
): Promise<[number, number]> {
  return page.evaluate(`(() => {
    const { a, d, e, f } = document.querySelector("[role=listbox]").getScreenCTM();
    return [e + a * (22 + 20 * (${column} + 0.5)), f + d * (22 + 20 * (${row} + 0.5))];
  })()`);
}

const wellsOf = ({ sites }: Dataset, plateId: string) =>
  new Set(sites.filter(({ plate_id }) => plate_id === plateId).map(({ well_id }) => well_id)).size;

/** The address without what it escapes. */
const names = (url: string) => decodeURIComponent(url);

/** The mean and spread of each stain as features: a plain embedding, but a real one. */
async function embed(dataset: Dataset, path: string): Promise<void> {
  const { sites, manifest } = dataset;
  const nFeatures = 2 * manifest.channels.length;
  const { data, shape } = await dataset.readImages(sites.map((_, i) => i));
  const size = shape[2] * shape[3];
  const matrix = new Float32Array(sites.length * nFeatures);
  for (let plane = 0; plane < sites.length * shape[1]; plane++) {
    const values = Float64Array.from(data.subarray(plane * size, (plane + 1) * size));
    const mean = values.reduce((sum, v) => sum + v, 0) / size;
    matrix[2 * plane] = mean;
    matrix[2 * plane + 1] = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / size);
  }
  const kept = ["site_id", "well_id", "plate_id", "well", "role", "condition", "treatment"] as const;
  const columns = [
    { name: "image_index", type: "int" as const },
    ...kept.map((name) => ({ name, type: "text" as const })),
  ];
  const all = [...columns, { name: "dose_um", type: "double" as const }];
  const values = all.map(({ name }) => sites.map((site) => site[name as keyof typeof site] ?? null));
  const matrixColumns = Array.from({ length: nFeatures }, (_, j) => `feature_${j}`);
  await writeParquet(
    `${path}.parquet`,
    { columns: all, matrixColumns },
    { nRows: sites.length, columns: values, matrix },
  );
  const header: EmbeddingHeader = {
    ...{
      kind: "gandl-embedding",
      schemaVersion: 1,
      encoder: "mean and spread of each stain",
      checkpoint: null,
      tap: null,
    },
    ...{ runtime: "none", minibatchStd: null, input: "stored", tiling: null, resizeFactor: 1, channelMap: [] },
    ...{ datasetId: manifest.id, datasetFingerprint: manifest.fingerprint, nRows: sites.length, nFeatures },
  };
  writeFileSync(`${path}.json`, JSON.stringify(header));
}
