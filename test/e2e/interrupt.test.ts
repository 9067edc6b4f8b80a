// Ctrl-C on a command that trains: the built JavaScript in a process of its own (`npm test` builds it first).
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { importDataset, writeSyntheticScreen } from "../../src/data/index.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "gandl-interrupt-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("Ctrl-C ends a compared system's training with 130, its checkpoint written and no table", async () => {
  const [source, data, out] = ["screen", "data", "cytogan"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const controlWells = { mock: 1, uvInactivated: 0, activeUntreated: 1 };
  const layout = { experiments: ["SYN-1"], platesPerExperiment: 1, sitesPerWell: 1, sidePx: 32, compounds: [] };
  for await (const _ of writeSyntheticScreen(source, { ...layout, controlWells }));
  for await (const _ of importDataset({ source, out: data }));
  const set = ["resolutionPx=16", "channels=4", "denseDim=8", "batchSize=2", "durationKimg=1000"];
  const options = ["--data", data, "--out", out, ...set.flatMap((pair) => ["--set", pair])];
  const child = spawn(process.execPath, [main, "baseline", "cytogan", ...options], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let told = "";
  child.stderr.on("data", (text) => {
    if (!told.includes("training") && String(text).includes("training")) child.kill("SIGINT");
    told += text;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(told).toContain("stopping: no table is written");
  expect(told).not.toContain("fault of gan-dl");
  expect(code).toBe(130);
  expect(existsSync(`${out}.parquet`)).toBe(false);
  expect(existsSync(join(`${out}-work`, "cytogan-lsgan.safetensors"))).toBe(true);
});
