// An import killed without warning, as a machine kills: the same command goes on and ends with the bytes of an unbroken one.
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "gandl-kill-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const gandl = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(dist, "cli/main.js"), ...args], { cwd: folder });

/** Imports `screen` to `out` with a checkpoint every few images, and kills its own process after so many. */
function killedImport(nImages: number): Promise<NodeJS.Signals | null> {
  const script = join(folder, "killed.mjs");
  writeFileSync(
    script,
    `import { importDataset } from ${JSON.stringify(pathToFileURL(join(dist, "data/index.js")).href)};
     const options = { source: "screen", out: "data", checkpointBytes: 100_000, inFlight: 2 };
     for await (const event of importDataset(options))
       if (event.kind === "progress" && event.done >= ${nImages}) process.kill(process.pid, "SIGKILL");`,
  );
  return new Promise((done) =>
    spawn(process.execPath, [script], { cwd: folder }).on("close", (_, signal) => done(signal)),
  );
}

it("goes on after kill -9 with the command that was given, and recognises its end", async () => {
  await gandl("synthesise", "screen", "--side", "32", "--plates", "1");
  await gandl("import", "screen", "--out", "whole");
  for (const nImages of [100, 300]) {
    expect(await killedImport(nImages)).toBe("SIGKILL");
    expect(existsSync(join(folder, "data"))).toBe(false); // half a data set never stands under its name
  }
  const { stderr } = await gandl("import", "screen", "--out", "data");
  const [, nDone] = /going on after (\d+) images/.exec(stderr) ?? [];
  expect(Number(nDone)).toBeGreaterThanOrEqual(240);
  for (const file of [
    "dataset.json",
    "sites.parquet",
    ...readdirSync(join(folder, "whole/shards")).map((f) => `shards/${f}`),
  ])
    expect(readFileSync(join(folder, "data", file)).equals(readFileSync(join(folder, "whole", file))), file).toBe(true);
  expect(readdirSync(folder).filter((name) => name.startsWith("data"))).toEqual(["data"]);
  expect((await gandl("import", "screen", "--out", "data")).stdout).toContain("already there, made by the same import");
}, 240_000);
