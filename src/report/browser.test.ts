// The report in the system's own Chromium: what no parser can tell. Set GANDL_REPORT_SCREENSHOTS to a folder to keep the pictures.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import type { ReportDocument } from "../schema/index.ts";
import { renderReport } from "./render-report.ts";
import { reportFixture } from "./report.fixture.ts";

const CHROMIUM = "/usr/bin/chromium";
/** Tells what stands on each page of a PDF. */
const PDFTOTEXT = "/usr/bin/pdftotext";
const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** Eight by eight crops of blobs in two colours, so that the page is judged with pictures of a real size. */
async function drawnGrid(seed: number): Promise<string> {
  const random = new SeededRandom(seed);
  const [side, crop] = [512, 64];
  const cells = Array.from({ length: (side / crop) ** 2 }, (_, i) => {
    const [x, y] = [crop * (i % 8) + crop / 2, crop * Math.floor(i / 8) + crop / 2];
    const [rx, ry] = [16 + 4 * random.normal(), 16 + 4 * random.normal()].map((r) => Math.max(6, r));
    return `<ellipse cx="${x}" cy="${y}" rx="${1.6 * rx!}" ry="${1.5 * ry!}" fill="#0a6a3a"/><ellipse cx="${x}" cy="${y}" rx="${rx! * 0.7}" ry="${ry! * 0.7}" fill="#4a66ff"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><rect width="100%" height="100%" fill="#02040a"/><g filter="url(#soft)">${cells.join("")}</g><filter id="soft"><feGaussianBlur stdDeviation="2.5"/></filter></svg>`;
  const png = await sharp(Buffer.from(svg)).png().toBuffer();
  return `data:image/png;base64,${png.toString("base64")}`;
}

async function illustrated(): Promise<ReportDocument> {
  const document = reportFixture();
  const pictures = await Promise.all(
    document.pictures.map(async (picture, i) => ({ ...picture, png: await drawnGrid(i) })),
  );
  const named = "Synthestat A, Synthestat B, Synthestat C";
  const truths = document.truths.map((truth, i) => (i === 0 ? { ...truth, planted: named, found: named } : truth));
  return { ...document, pictures, truths };
}

describe.skipIf(!existsSync(CHROMIUM))(`the report in Chromium (${CHROMIUM})`, () => {
  const scratch = join(tmpdir(), `gandl-report-${process.pid}`);
  const screenshots = process.env.GANDL_REPORT_SCREENSHOTS ?? scratch;
  const file = join(scratch, "report.html");
  let browser: Browser;

  beforeAll(async () => {
    for (const folder of [scratch, screenshots]) mkdirSync(folder, { recursive: true });
    writeFileSync(file, renderReport(await illustrated()));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(" ") });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const opened = async (widthPx: number, colorScheme: "light" | "dark") => {
    const page = await browser.newPage({ viewport: { width: widthPx, height: 900 }, colorScheme });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => requests.push(request.url().slice(0, 40)));
    await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
    return { page, complaints, requests };
  };

  for (const [widthPx, colorScheme] of [
    [1280, "light"],
    [1280, "dark"],
    [800, "light"],
  ] as const) {
    it(`opens at ${widthPx} px, ${colorScheme}, without complaint, request or sideways scroll`, async () => {
      const { page, complaints, requests } = await opened(widthPx, colorScheme);
      await page.screenshot({ path: join(screenshots, `report-${widthPx}-${colorScheme}.png`), fullPage: true });
      expect(complaints).toEqual([]);
      expect(requests.filter((url) => !/^(file|data):/.test(url))).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(widthPx);
      expect(await page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")).toBe(true);
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(
        colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(20, 24, 31)",
      );
      await page.close();
    });
  }

  it("shows the reason of every truth without sideways scroll, also beside names of many compounds", async () => {
    const { page } = await opened(1280, "light");
    expect(
      await page.evaluate("[...document.querySelectorAll('#truth .scroll')].map((e) => e.scrollWidth - e.clientWidth)"),
    ).toEqual([0]);
    await page.close();
  });

  for (const [widthPx, media] of [
    [800, "screen"],
    [688, "print"], // the width of an A4 page between its margins
  ] as const) {
    it(`fits every table into ${widthPx} px, ${media}`, async () => {
      const { page } = await opened(widthPx, "light");
      await page.emulateMedia({ media });
      expect(
        await page.evaluate(
          "[...document.querySelectorAll('.scroll')].filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.getAttribute('aria-label'))",
        ),
      ).toEqual([]);
      await page.close();
    });
  }

  it("resolves every colour of every chart", async () => {
    const { page } = await opened(1280, "light");
    const unresolved = await page.evaluate(`[...document.querySelectorAll("svg [fill^='var('], svg [stroke^='var(']")]
      .flatMap((e) => ["fill", "stroke"].filter((n) => e.getAttribute(n)?.startsWith("var(")).map((n) => getComputedStyle(e)[n]))
      .filter((colour) => !/^rgb/.test(colour))`);
    expect(unresolved).toEqual([]);
    expect(
      await page.evaluate("document.querySelectorAll(\"svg [fill^='var('], svg [stroke^='var(']\").length"),
    ).toBeGreaterThan(50);
    await page.close();
  });

  it("opens folded parts by keyboard", async () => {
    const { page } = await opened(1280, "light");
    await page.locator("summary").first().focus();
    await page.keyboard.press("Enter");
    expect(await page.locator("details").first().getAttribute("open")).not.toBeNull();
    await page.close();
  });

  it.skipIf(!existsSync(PDFTOTEXT))("prints no heading at the end of a page, wherever pages break", async () => {
    const { page } = await opened(1280, "light");
    const headings = (await page.locator("h2, h3, h4, summary, .reading").allTextContents()).map((text) => text.trim());
    const last: (string | undefined)[] = [];
    for (const shiftMm of [0, 60, 120, 180]) {
      await page.addStyleTag({ content: `@media print{body{padding-top:${shiftMm}mm !important}}` });
      const pdf = join(scratch, `shifted-${shiftMm}.pdf`);
      await page.pdf({ path: pdf, format: "A4" });
      const pages = execFileSync(PDFTOTEXT, ["-layout", pdf, "-"], { encoding: "utf8" }).split("\f");
      // The first page may end within the list of what was asked, which says the same words.
      last.push(...pages.slice(1).map((text) => text.trimEnd().split("\n").at(-1)?.trim()));
    }
    expect(last.length).toBeGreaterThan(20);
    expect(last.filter((line) => line && headings.includes(line))).toEqual([]);
    await page.close();
  });

  it("prints in light colours with folded parts open", async () => {
    const { page } = await opened(1280, "dark");
    await page.pdf({ path: join(screenshots, "report.pdf"), format: "A4" });
    await page.emulateMedia({ media: "print" });
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    expect(
      await page.evaluate(
        "[...document.querySelectorAll('details table')].every((t) => t.checkVisibility({contentVisibilityAuto: true}))",
      ),
    ).toBe(true);
    await page.close();
  });
});
