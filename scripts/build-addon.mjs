#!/usr/bin/env node
// Compiles native/*.cpp against the LibTorch that find-libtorch.mjs found. No node-gyp, no CMake: a compiler is enough.
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

function sources(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => /\.(cpp|h)$/.test(name))
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

function plan() {
  const torch = findLibtorch();
  if (!torch) throw new Error("No LibTorch was found.\n  fix: npm run setup, or set LIBTORCH to an unpacked LibTorch.");
  const compiler = compilerOf();
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
    "-Inative",
    `-I${headers}`,
    ...torch.includeDirs.map((folder) => `-isystem${folder}`),
  ];
  const link = [
    "-shared",
    ...torch.libDirs.flatMap((folder) => [`-L${folder}`, `-Wl,-rpath,${folder}`]),
    "-Wl,--no-as-needed",
    "-ltorch",
    "-ltorch_cpu",
    "-lc10",
    "-ldl",
  ];
  if (torch.cuda) link.push("-ltorch_cuda", "-lc10_cuda");
  const files = sources("native");
  const hash = createHash("sha256").update(JSON.stringify([torch, compiler, flags, link, cpus()[0]?.model]));
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  return {
    torch,
    compiler,
    flags,
    link,
    files: files.filter((file) => file.endsWith(".cpp")),
    key: hash.digest("hex"),
  };
}

/**
 * Builds `build/Release/gandl.node` unless nothing that it depends on has changed. The finished file replaces the old one in one step.
 * @param {{ onLine?: (line: string) => void }} options
 */
export async function buildAddon({ onLine = () => {} } = {}) {
  const { torch, compiler, flags, link, files, key } = plan();
  const stamp = join(output, "gandl.stamp");
  const addon = join(output, "gandl.node");
  if (existsSync(addon) && existsSync(stamp) && readFileSync(stamp, "utf8") === key) return { built: false, torch };
  const start = Date.now();
  onLine(`native addon: compiling against LibTorch ${torch.version} (${torch.source}${torch.cuda ? ", CUDA" : ""}) …`);
  mkdirSync(output, { recursive: true });
  const objects = mkdtempSync(join(output, "objects-")); // its own, so that two builds at once do not mix
  const objectOf = (file) => join(objects, `${file.replaceAll("/", "_")}.o`);
  try {
    await inParallel(files.map((file) => () => compile(compiler.name, [...flags, "-c", file, "-o", objectOf(file)])));
    const fresh = join(objects, "gandl.node");
    await compile(compiler.name, [...files.map(objectOf), ...link, "-o", fresh]);
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
