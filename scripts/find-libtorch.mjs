#!/usr/bin/env node
// Finds LibTorch: the LIBTORCH folder, then the `torch` package of the PATH's python3, then the system's. Node built-ins only.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} Libtorch
 * @property {string} root the folder that holds it
 * @property {string} source `LIBTORCH`, `python` or `system`
 * @property {string} version e.g. `1.13.0`
 * @property {string[]} includeDirs
 * @property {string[]} libDirs
 * @property {number} cxxStandard the C++ standard that its headers ask for, 17 at least
 * @property {boolean} cxx11Abi what `_GLIBCXX_USE_CXX11_ABI` must be
 * @property {boolean} cuda whether CUDA kernels come with it
 */

/** LibTorch below `root`, laid out as the official download and the Python package are, or null. */
function fromRoot(root, source) {
  const include = join(root, "include");
  const lib = join(root, "lib");
  if (!existsSync(join(include, "ATen/ATen.h")) || !existsSync(lib)) return null;
  return describe(root, source, [include, join(include, "torch/csrc/api/include")], [lib]);
}

function fromPython() {
  // find_spec does not import torch, which would take seconds.
  const code =
    "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')";
  const found = spawnSync("python3", ["-c", code], { encoding: "utf8" });
  const root = found.status === 0 ? found.stdout.trim() : "";
  return root === "" ? null : fromRoot(root, "python");
}

function fromSystem() {
  const libDirs = [
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/local/lib",
    "/usr/lib",
    "/usr/lib64",
    "/opt/homebrew/lib",
  ];
  for (const include of ["/usr/include", "/usr/local/include", "/opt/homebrew/include"]) {
    const lib = libDirs.find((folder) =>
      ["libtorch.so", "libtorch.dylib"].some((name) => existsSync(join(folder, name))),
    );
    if (!lib || !existsSync(join(include, "ATen/ATen.h"))) continue;
    return describe(dirname(include), "system", [join(include, "torch/csrc/api/include")], [lib]);
  }
  return null;
}

function describe(root, source, includeDirs, libDirs) {
  const api = includeDirs.at(-1);
  const lib = libDirs[0];
  return {
    root,
    source,
    includeDirs,
    libDirs,
    version: versionFrom(join(api, "torch/version.h")),
    ...compilerSettings(root, lib),
    cuda: existsSync(join(lib, "libtorch_cuda.so")),
  };
}

/** Reads the version header; since 2.9 it holds nothing but an include of the file that has the numbers. */
function versionFrom(file) {
  for (const path of [file, join(dirname(file), "../../../../headeronly/version.h")]) {
    if (!existsSync(path)) continue;
    const text = readFileSync(path, "utf8");
    const part = (name) => text.match(new RegExp(`#define TORCH_VERSION_${name} (\\d+)`))?.[1];
    if (part("MAJOR")) return `${part("MAJOR")}.${part("MINOR")}.${part("PATCH")}`;
  }
  return "unknown";
}

/**
 * LibTorch's own CMake file says which C++ ABI it was built with. The standard that its headers need stands there too, until about
 * 2.9; since then only in the headers themselves, which refuse an older one by the value of `__cplusplus`.
 */
function compilerSettings(root, lib) {
  const cmake = [
    join(dirname(lib), "share/cmake/Torch/TorchConfig.cmake"), // the Python package and the download
    join(lib, "cmake/Torch/TorchConfig.cmake"), // Debian
  ];
  const config = textOf(cmake);
  const header = textOf([join(root, "include/ATen/ATen.h")]);
  const refused = Number(header.match(/__cplusplus\s*<\s*(\d+)L/)?.[1] ?? 0); // 202002: C++20
  return {
    cxx11Abi: !/_GLIBCXX_USE_CXX11_ABI=0/.test(config),
    cxxStandard: Math.max(17, Number(config.match(/CXX_STANDARD (\d+)/)?.[1] ?? 17), Math.floor(refused / 100) % 100),
  };
}

/** The first of these files that exists; empty where none does. */
function textOf(files) {
  const file = files.find((path) => existsSync(path));
  return file ? readFileSync(file, "utf8") : "";
}

/**
 * @returns {Libtorch | null} null when there is none.
 * @throws Error when LIBTORCH is set but holds no LibTorch: falling back to another one would hide the mistake.
 */
export function findLibtorch() {
  const asked = process.env.LIBTORCH;
  if (!asked) return fromPython() ?? fromSystem();
  const found = fromRoot(resolve(asked), "LIBTORCH");
  if (found) return found;
  const holds = existsSync(asked) ? readdirSync(asked).slice(0, 6).join(", ") : "nothing, it does not exist";
  throw new Error(
    `LIBTORCH=${asked} holds no LibTorch (it needs include/ATen/ATen.h and lib/; it holds ${holds}).\n  fix: set LIBTORCH to the unpacked libtorch folder, or unset it.`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(JSON.stringify(findLibtorch(), null, 2));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
