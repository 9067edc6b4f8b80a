#!/usr/bin/env node
// Compiles native/ against the LibTorch that find-libtorch.mjs found. No node-gyp, no CMake: a compiler is enough, and for a LibTorch
// with CUDA its compiler nvcc, if cards are to have our kernels.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findLibtorch } from "./find-libtorch.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const output = join(root, "build/Release");

function compilerOf() {
  const names = process.env.CXX ? [process.env.CXX] : ["g++", "clang++", "c++"];
  for (const name of names) {
    const version = spawnSync(name, ["--version"], { encoding: "utf8" });
    if (version.status === 0)
      return {
        name,
        version: version.stdout.split("\n")[0],
        isGcc: version.stdout.includes("Free Software Foundation"),
      };
  }
  throw new Error(`No C++ compiler runs (tried ${names.join(", ")}).\n  fix: sudo apt-get install -y g++, or set CXX.`);
}

/** CUDA's compiler: NVCC, the PATH's, or the usual folder's; null when none runs. @throws Error when NVCC is set and does not run. */
export function findNvcc() {
  const asked = process.env.NVCC;
  for (const name of asked ? [asked] : ["nvcc", "/usr/local/cuda/bin/nvcc"]) {
    const version = spawnSync(name, ["--version"], { encoding: "utf8" });
    if (version.status === 0) return { name, version: version.stdout.trim().split("\n").at(-1) };
  }
  if (asked) throw new Error(`NVCC=${asked} does not run.\n  fix: set NVCC to CUDA's nvcc, or unset it.`);
  return null;
}

function sources(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => /\.(cpp|cu|h)$/.test(name))
    .sort();
}

/** Runs one compiler command; what it prints is part of the error. */
function compile(command, args) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
    child.on("error", (cause) =>
      failed(new Error(`${command} cannot be run.\n  fix: install it, or set CXX.`, { cause })),
    );
    child.on("close", (code) =>
      code === 0
        ? done()
        : failed(
            new Error(
              `${command} could not compile the addon:\n${text.slice(0, 6000)}\n  fix: see the first error above; \`npx gandl doctor\` shows the versions.`,
            ),
          ),
    );
  });
}

/** Runs the jobs, as many at once as there are cores. */
async function inParallel(jobs) {
  const queue = [...jobs];
  const worker = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) await job();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

/** What is compiled by nvcc, and how: for the cards of this machine; where it sees none, in a form that each card compiles at the first start. */
export function cardPlan(nvcc, compiler, torch) {
  const own = ["-fPIC", "-fvisibility=hidden", `-D_GLIBCXX_USE_CXX11_ABI=${torch.cxx11Abi ? 1 : 0}`];
  const flags = [
    `-std=c++${torch.cxxStandard}`,
    "-O3",
    "-arch=native",
    `-ccbin=${compiler.name}`,
    `-Xcompiler=${own.join(",")}`,
  ];
  return { command: nvcc.name, flags: [...flags, ...torch.includeDirs.flatMap((folder) => ["-isystem", folder])] };
}

const isForCards = (file) => file.startsWith(join("native", "cuda"));

/** Commands and files of the build, and a key that changes with anything it depends on. */
export function buildPlan() {
  const torch = findLibtorch();
  if (!torch) throw new Error("No LibTorch was found.\n  fix: npm run setup, or set LIBTORCH to an unpacked LibTorch.");
  const compiler = compilerOf();
  const nvcc = torch.cuda ? findNvcc() : null;
  const headers = join(root, "node_modules/node-api-headers/include");
  const flags = [
    `-std=c++${torch.cxxStandard}`,
    "-O3",
    "-march=native",
    // Values stay as they are; only traps and errno, which nobody reads, need no longer be exact. Without, no comparison is vectorised.
    "-fno-trapping-math",
    "-fno-math-errno",
    "-fPIC",
    "-fvisibility=hidden",
    // Threads of the kernels, through the OpenMP runtime that LibTorch brings: linking another would make a second pool of threads.
    ...(compiler.isGcc ? ["-fopenmp"] : []),
    "-Wall",
    "-Wno-stringop-overflow",
    "-Wno-unknown-warning-option",
    `-D_GLIBCXX_USE_CXX11_ABI=${torch.cxx11Abi ? 1 : 0}`,
    ...(nvcc ? ["-DGANDL_CARD_KERNELS"] : []),
    "-Inative",
    `-I${headers}`,
    ...torch.includeDirs.map((folder) => `-isystem${folder}`),
  ];
  const libraries = [
    ...torch.libDirs.flatMap((folder) => ["-rpath", folder]),
    "--no-as-needed", // LibTorch's operators are found by name, not by symbol
    ...["-ltorch", "-ltorch_cpu", "-lc10", ...(torch.cuda ? ["-ltorch_cuda", "-lc10_cuda"] : []), "-ldl"],
  ];
  const files = sources("native").filter((file) => nvcc || !isForCards(file));
  const card = nvcc && cardPlan(nvcc, compiler, torch);
  // Folders go to the compiler itself, which puts them before its own: behind those, another LibTorch of the system would be linked.
  // nvcc knows where CUDA's own library is; -Xlinker keeps the order either way.
  const options = [...torch.libDirs.map((folder) => `-L${folder}`), ...libraries.flatMap((flag) => ["-Xlinker", flag])];
  const link = card
    ? [card.command, ["-shared", "-cudart", "static", `-ccbin=${compiler.name}`, ...options]]
    : [compiler.name, ["-shared", ...options]];
  const hash = createHash("sha256").update(
    JSON.stringify([torch, compiler, nvcc, flags, card, link, cpus()[0]?.model]),
  );
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  const compiled = files.filter((file) => !file.endsWith(".h"));
  const commandFor = (file) => (isForCards(file) ? [card.command, card.flags] : [compiler.name, flags]);
  return { torch, commandFor, link, files: compiled, withCard: card !== null, key: hash.digest("hex") };
}

/**
 * Builds `build/Release/gandl.node` unless nothing that it depends on has changed. The finished file replaces the old one in one step.
 * @param {{ onLine?: (line: string) => void }} options
 */
export async function buildAddon({ onLine = () => {} } = {}) {
  const { torch, commandFor, link, files, withCard, key } = buildPlan();
  const stamp = join(output, "gandl.stamp");
  const addon = join(output, "gandl.node");
  if (existsSync(addon) && existsSync(stamp) && readFileSync(stamp, "utf8") === key) return { built: false, torch };
  const start = Date.now();
  onLine(`native addon: compiling against LibTorch ${torch.version} (${torch.source}${torch.cuda ? ", CUDA" : ""}) …`);
  if (torch.cuda && !withCard)
    onLine(
      "native addon: no nvcc was found, so that cards get LibTorch's operators in place of our kernels (fix: install CUDA's compiler, or set NVCC)",
    );
  mkdirSync(output, { recursive: true });
  const objects = mkdtempSync(join(output, "objects-")); // its own, so that two builds at once do not mix
  const objectOf = (file) => join(objects, `${file.replaceAll("/", "_")}.o`);
  try {
    await inParallel(
      files.map((file) => () => {
        const [command, flags] = commandFor(file);
        return compile(command, [...flags, "-c", file, "-o", objectOf(file)]);
      }),
    );
    const fresh = join(objects, "gandl.node");
    const [linker, options] = link;
    await compile(linker, [...files.map(objectOf), ...options, "-o", fresh]);
    rmSync(stamp, { force: true }); // killed between here and the new stamp, the next run builds again
    renameSync(fresh, addon);
    writeFileSync(stamp, key);
  } finally {
    rmSync(objects, { recursive: true, force: true });
  }
  onLine(`native addon: built in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  return { built: true, torch };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  buildAddon({ onLine: (line) => console.error(line) }).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
