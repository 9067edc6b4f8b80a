// kill -9 at random moments, over and over: the run goes on each time and ends with the same bits as one left in peace.
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import type { ResolvedTrainConfig } from "../schema/index.ts";
import { readSafetensors } from "../tensor/index.ts";
import { listCheckpoints } from "./checkpoint.ts";
import { loggedEvents, temporaryFolder, tinyConfig, trained, writeTinyDataset } from "./train.fixture.ts";

const N_STEPS = 12;
const N_KILLS = 3;
const projectRoot = fileURLToPath(new URL("../..", import.meta.url));
const root = temporaryFolder();
const home = join(projectRoot, "build", `kill-test-${process.pid}`);
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Compiles the sources for a process of their own: Node cannot run TypeScript with `.ts` imports and `using`. */
function compiled(): string {
  mkdirSync(home, { recursive: true });
  symlinkSync(join(projectRoot, "build"), join(home, "build")); // where the addon is looked for
  copyFileSync(join(projectRoot, "package.json"), join(home, "package.json"));
  const tsc = join(projectRoot, "node_modules", "typescript", "bin", "tsc");
  const flags = [
    "--outDir",
    join(home, "dist"),
    "--incremental",
    "false",
    "--declaration",
    "false",
    "--sourceMap",
    "false",
  ];
  spawnSync(process.execPath, [tsc, "-p", projectRoot, ...flags], { stdio: "ignore" }); // types are checked elsewhere
  const script = join(home, "dist", "child.mjs");
  writeFileSync(
    script,
    `import { setThreads } from "./tensor/index.js";
     import { train } from "./train/index.js";
     setThreads(1);
     for await (const event of train(JSON.parse(process.argv[2]))) console.log(event.kind, event.step);`,
  );
  return script;
}

/** Trains in a child process and kills it `delayMs` after its first checkpoint. @returns whether it was still running. */
async function killed(script: string, config: ResolvedTrainConfig, out: string, resume: boolean, delayMs: number) {
  const child = spawn(process.execPath, [script, JSON.stringify({ config, out, resume })], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on("exit", (_, signal) => resolve(signal)));
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith("checkpoint")) break;
  await wait(delayMs);
  child.kill("SIGKILL");
  return (await ended) === "SIGKILL";
}

const weightsOf = async (run: string) => readSafetensors((await listCheckpoints(run)).checkpoints.at(-1)!.weights);

it(`survives ${N_KILLS} kills with every bit`, async () => {
  const dataset = await writeTinyDataset(root);
  const config = tinyConfig(dataset, N_STEPS, {
    // Everything that has a state of its own.
    pathLength: { weight: 2, everySteps: 3 },
    augment: { kind: "ada", initialP: 0.5, kimg: 0.1, interval: 1 },
    schedule: { checkpointEveryKimg: 0.004 },
  });
  const [out, unbroken] = [join(root, "killed"), join(root, "unbroken")];
  const script = compiled();
  let nKills = 0;
  for (let i = 0; i < N_KILLS; i++) if (await killed(script, config, out, i > 0, Math.random() * 100)) nKills++;
  expect(nKills).toBeGreaterThan(0);

  await trained({ config, out, resume: true });
  await trained({ config, out: unbroken });
  expect(await weightsOf(out)).toEqual(await weightsOf(unbroken));
  const ticks = loggedEvents(out).filter((event) => event.kind === "tick");
  expect(ticks.map(({ step }) => step)).toEqual(Array.from({ length: N_STEPS }, (_, i) => i + 1));
}, 180_000);
