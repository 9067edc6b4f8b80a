#!/usr/bin/env node
// How fast training is alone and beside other work, by how long its threads spin at barriers. Every setting in a process of its own, in turn.
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const HELP = `Usage: node scripts/beside-load.mjs [--rounds N] [--seconds N]

Trains the small network of the bench (npm run bench -- --only train/small/iteration) alone, and beside 2 busy loops, with
GOMP_SPINCOUNT of 0 to 1000000 and on one thread, and prints images a second: the median of the rounds, and the least.
Needs npm run bench to have been built once. About a minute a setting and round.

Example: node scripts/beside-load.mjs --rounds 4`;

const SETTINGS = [
  ...[0, 300, 1000, 3000, 10_000, 100_000, 1_000_000].map((spins) => ({
    name: `two threads, spin ${spins}`,
    env: { GOMP_SPINCOUNT: String(spins), OMP_NUM_THREADS: "2" },
  })),
  { name: "one thread", env: { OMP_NUM_THREADS: "1" } },
];

const TRAINING = `
import { Gan } from "gan-dl/train";
import { configOf, TRAINING_SIZES } from "${new URL("../build/bench/training-sizes.js", import.meta.url)}";
import { storedBatch } from "${new URL("../build/bench/rows/training.js", import.meta.url)}";
const [size] = TRAINING_SIZES;
const gan = new Gan(configOf(size), size.imageChannels);
const batch = storedBatch(size);
for (let i = 0; i < 17; i++) gan.trainStep(batch); // every shape has been met
const start = performance.now();
let images = 0;
while (performance.now() - start < SECONDS * 1000) { gan.trainStep(batch); images += size.batchSize; }
console.log((images * 1000) / (performance.now() - start));
process.exit(0);`;

function options() {
  try {
    const count = { type: "string" };
    const { values } = parseArgs({
      options: { rounds: count, seconds: count, help: { type: "boolean", default: false } },
    });
    const [rounds, seconds] = [Number(values.rounds ?? 3), Number(values.seconds ?? 6)];
    if (![rounds, seconds].every((value) => Number.isInteger(value) && value > 0))
      throw new Error("--rounds and --seconds need whole numbers from 1 on.");
    return { rounds, seconds, help: values.help };
  } catch (error) {
    console.error(`beside-load: ${error.message}\n  fix: node scripts/beside-load.mjs --help lists the options.`);
    process.exit(2);
  }
}

/** Images a second with this environment, beside so many busy loops, which end with it. */
function measure(env, loops, seconds) {
  const busy = Array.from({ length: loops }, () => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
  try {
    const code = TRAINING.replace("SECONDS", String(seconds));
    const cwd = fileURLToPath(new URL("..", import.meta.url));
    const options = { encoding: "utf8", cwd, env: { ...process.env, ...env } };
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], options);
    if (status !== 0) throw new Error(`the training ended with ${status}: ${stderr.trim().split("\n")[0]}`);
    return Number(stdout);
  } finally {
    for (const loop of busy) loop.kill("SIGKILL");
  }
}

const { rounds, seconds, help } = options();
if (help) console.log(HELP);
else {
  const { median } = await import("gan-dl/math");
  const speeds = SETTINGS.map(() => ({ alone: [], beside: [] }));
  for (let round = 0; round < rounds; round++)
    for (const [i, { name, env }] of SETTINGS.entries()) {
      console.error(`round ${round + 1} of ${rounds}: ${name}`);
      speeds[i].alone.push(measure(env, 0, seconds));
      speeds[i].beside.push(measure(env, 2, seconds));
    }
  console.log("| setting | alone, img/s | beside 2 busy loops | the least |\n| --- | --- | --- | --- |");
  for (const [i, { name }] of SETTINGS.entries()) {
    const { alone, beside } = speeds[i];
    console.log(
      `| ${name} | ${median(alone).toFixed(1)} | ${median(beside).toFixed(1)} | ${Math.min(...beside).toFixed(1)} |`,
    );
  }
}
