#!/usr/bin/env node
// How long a browser waits for the explorer's first plate, over a data set of 300,000 sites on this machine: draws the tables (the pixels are
// holes in a file), starts `gandl serve` on them and opens the page in a fresh profile again and again. The figure of docs/explorer.md.
// Needs `npm run setup` and Chromium (CHROMIUM=PATH, /usr/bin/chromium otherwise).
//   node scripts/first-view.mjs [--data build/first-view] [--times 9] [--wells 1536] [--colour condition] [--json]
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { npyHeader, writeParquet } from "gan-dl/data";
import { chromium } from "playwright-core";

const { values: args } = parseArgs({
  options: {
    data: { type: "string", default: "build/first-view" },
    times: { type: "string", default: "9" },
    wells: { type: "string", default: "1536" },
    colour: { type: "string", default: "condition" },
    json: { type: "boolean", default: false },
  },
});
const N_SITES = 300_000;
const SITES_PER_WELL = 4;
const SIDE_PX = 16;
const STAINS = ["DNA", "actin", "ER"];
const [N_ROWS, N_COLUMNS] = { 96: [8, 12], 384: [16, 24], 1536: [32, 48] }[args.wells];

const rowName = (row) => (row < 26 ? String.fromCharCode(65 + row) : `A${String.fromCharCode(39 + row)}`);

/** Site `i` of plates that are full of wells, four sites each; a sixth of the columns are controls, the rest doses of 600 compounds. */
function siteOf(i) {
  const wellAt = Math.floor(i / SITES_PER_WELL);
  const plate = `P${String(Math.floor(wellAt / (N_ROWS * N_COLUMNS)) + 1).padStart(3, "0")}`;
  const [row, column] = [Math.floor((wellAt % (N_ROWS * N_COLUMNS)) / N_COLUMNS), wellAt % N_COLUMNS];
  const well = `${rowName(row)}${String(column + 1).padStart(2, "0")}`;
  const isControl = column % 6 === 0;
  return {
    ...{ image_index: i, site_id: `${plate}_${well}_${i % 4}`, well_id: `${plate}_${well}`, plate_id: plate },
    ...{ experiment: `E${Math.ceil(Number(plate.slice(1)) / 4)}`, plate, well, row, column, site: String(i % 4) },
    ...{ cell_type: "HRCE", role: isControl ? "negative_control" : "treated" },
    ...{ condition: isControl ? (row % 2 === 0 ? "Mock" : "UV Inactivated") : "Active" },
    treatment: isControl ? null : `Compound ${(wellAt * 7919) % 600}`,
    dose_um: isControl ? null : 100 / 3 ** (row % 6),
  };
}

const TYPES = { image_index: "int", row: "int", column: "int", dose_um: "double" };

async function writeData(folder) {
  mkdirSync(join(folder, "shards"), { recursive: true });
  const sites = Array.from({ length: N_SITES }, (_, i) => siteOf(i));
  const names = Object.keys(sites[0]);
  const columns = names.map((name) => sites.map((site) => site[name]));
  const schema = { columns: names.map((name) => ({ name, type: TYPES[name] ?? "text" })) };
  await writeParquet(join(folder, "sites.parquet"), schema, { nRows: N_SITES, columns });
  const matrix = Float32Array.from({ length: N_SITES * STAINS.length }, (_, v) => 100 + 40 * Math.sin(v * 0.37));
  const measures = { columns: schema.columns.slice(0, 2), matrixColumns: STAINS.map((stain) => `mean_${stain}`) };
  const measured = { nRows: N_SITES, columns: columns.slice(0, 2), matrix };
  await writeParquet(join(folder, "measures.parquet"), measures, measured);
  const shard = join(folder, "shards/00000.npy");
  const header = npyHeader("uint8", [N_SITES, STAINS.length, SIDE_PX, SIDE_PX]);
  writeFileSync(shard, header);
  truncateSync(shard, header.length + N_SITES * STAINS.length * SIDE_PX ** 2);
  const statistics = { min: 0, max: 255, mean: 100, sd: 30, p0_5: 5, p99_5: 240 };
  const manifest = {
    ...{ kind: "gandl-dataset", schemaVersion: 1, id: "first-view", title: "300,000 sites", source: "a rule" },
    ...{ citation: "none", licence: "CC0-1.0", synthetic: true, dtype: "uint8", heightPx: SIDE_PX, widthPx: SIDE_PX },
    ...{ pixelSizeUm: 0.65, sourceBitDepth: 8, intensityMapping: { kind: "none" }, nSites: N_SITES, skipped: [] },
    channels: STAINS.map((name, i) => ({
      name,
      stain: name,
      colour: ["#3a6bff", "#ff5d3a", "#37d27a"][i],
      statistics,
    })),
    ...{ shards: [{ file: "shards/00000.npy", nSites: N_SITES }], fingerprint: "0".repeat(64) },
  };
  writeFileSync(join(folder, "dataset.json"), JSON.stringify(manifest)); // last: with it the folder counts as whole
}

/** `gandl serve` in a process of its own, as a reader has it. */
async function serve(folder) {
  const cli = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
  const stdio = ["ignore", "pipe", "inherit"];
  const child = spawn(process.execPath, [cli, "serve", folder, "--port", "0", "--json"], { stdio });
  let said = "";
  for await (const piece of child.stdout) {
    said += piece;
    if (said.includes("}")) break;
  }
  return { address: JSON.parse(said).address, stop: () => child.kill("SIGTERM") };
}

/** Runs in the page, before anything of it: notes when the plate's wells are in the document and a frame with them was drawn. */
function watchForPlate() {
  const see = () => {
    if (!document.querySelector(".plate [role=listbox] .well, .plate [role=listbox] .wells")) return false;
    performance.mark("wells");
    requestAnimationFrame(() => setTimeout(() => performance.mark("painted")));
    return true;
  };
  const observer = new MutationObserver(() => see() && observer.disconnect());
  observer.observe(document, { childList: true, subtree: true });
}

/** Runs in the page: what took how long, in ms since the navigation began. */
function timesOfPage() {
  const at = (name) => performance.getEntriesByName(name)[0]?.startTime ?? null;
  const requests = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .map((entry) => ({ name: new URL(entry.name).pathname, from: entry.startTime, until: entry.responseEnd }))
    .sort((a, b) => a.from - b.from);
  return { wells: at("wells"), painted: at("painted"), requests };
}

async function oneView(browser, address) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(watchForPlate);
  const devtools = await context.newCDPSession(page);
  await devtools.send("Performance.enable");
  await page.goto(`${address}#/data?colour=${args.colour}`);
  await page.waitForFunction(() => performance.getEntriesByName("painted").length > 0, null, { polling: 50 });
  const times = await page.evaluate(timesOfPage);
  const { metrics } = await devtools.send("Performance.getMetrics");
  const metric = (name) => 1000 * metrics.find((one) => one.name === name).value;
  await context.close();
  const [script, layout, style] = ["ScriptDuration", "LayoutDuration", "RecalcStyleDuration"].map(metric);
  return { ...times, script, layout, style, mainThread: metric("TaskDuration") };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

if (!existsSync(join(args.data, "dataset.json"))) await writeData(args.data);
const server = await serve(args.data);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
try {
  const views = [];
  for (let i = 0; i < Number(args.times); i++) views.push(await oneView(browser, server.address));
  const [first, ...rest] = views;
  const of = (name) => Math.round(median(rest.map((view) => view[name])));
  const summary = {
    firstMs: Math.round(first.painted),
    ...{ medianMs: of("painted"), leastMs: Math.round(Math.min(...rest.map(({ painted }) => painted))) },
    ...{ untilWellsMs: of("wells"), scriptMs: of("script"), layoutMs: of("layout"), styleMs: of("style") },
    mainThreadMs: of("mainThread"),
  };
  if (args.json) console.log(JSON.stringify({ summary, views }));
  else {
    console.log(`${N_SITES.toLocaleString("en")} sites, ${args.wells} wells a plate, ${args.times} fresh profiles`);
    console.log(
      `the first ${summary.firstMs} ms; then median ${summary.medianMs} ms, least ${summary.leastMs} ms to the painted plate`,
    );
    const { untilWellsMs, scriptMs, styleMs, layoutMs, mainThreadMs } = summary;
    console.log(
      `medians: wells in the document ${untilWellsMs} ms; script ${scriptMs}, style ${styleMs}, layout ${layoutMs}, main thread in all ${mainThreadMs} ms`,
    );
    const view = rest.find(({ painted }) => painted === median(rest.map((one) => one.painted)));
    for (const { name, from, until } of view.requests)
      console.log(`  ${from.toFixed(0).padStart(5)} … ${until.toFixed(0).padStart(5)} ms  ${name}`);
  }
} finally {
  await browser.close();
  server.stop();
}
