// The steps of set-up: compiler, LibTorch, npm packages, native addon, TypeScript, explorer. Node built-ins only, because it runs
// before `npm ci`. setup.mjs imports it once Node is known to be new enough to read it.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Ends set-up with one message that says what is missing and how to get it. */
export class SetupError extends Error {
  constructor(what, fix) {
    super(`${what}\n  fix: ${fix}`);
  }
}

export const say = (line) => console.error(`[setup] ${line}`);
const succeeds = (command, args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex");

/** Runs `work` unless the stamp file already holds `key`; the stamp is written only after success. */
async function unlessStamped(file, key, label, work) {
  const path = join(root, file);
  if (existsSync(path) && readFileSync(path, "utf8") === key) return;
  const start = Date.now();
  say(`${label} …`);
  await work();
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, key);
  say(`${label}: done in ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

function run(command, args, failure) {
  const result = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], env: process.env });
  if (result.status !== 0) throw failure(result.error?.message ?? `${command} ended with status ${result.status}`);
}

function checkCompiler() {
  const compiler = process.env.CXX ?? ["g++", "clang++", "c++"].find((name) => succeeds(name, ["--version"]));
  if (compiler && succeeds(compiler, ["--version"])) return compiler;
  throw new SetupError(
    process.env.CXX
      ? `The C++ compiler CXX=${process.env.CXX} does not run.`
      : "No C++ compiler was found (g++, clang++ or c++).",
    isDebian() ? "sudo apt-get install -y g++" : "install g++ or clang++ (macOS: xcode-select --install), or set CXX.",
  );
}

/** The g++ that has enough of a standard for LibTorch's headers; 11 compiles those of 2.15. */
const COMPILERS_OF = { 17: "g++ 9 or newer", 20: "g++ 11 or newer" };

/** A compiler that does not know the standard would say so in its own words, once for each file. */
function checkStandard(compiler, { version, cxxStandard }) {
  const nothing = [`-std=c++${cxxStandard}`, "-fsyntax-only", "-x", "c++", "/dev/null"];
  if (succeeds(compiler, nothing)) return;
  const said = spawnSync(compiler, ["--version"], { encoding: "utf8" }).stdout.split("\n")[0];
  throw new SetupError(
    `LibTorch ${version} needs a compiler of C++${cxxStandard}; ${compiler} (${said}) is older.`,
    `install ${COMPILERS_OF[cxxStandard] ?? "a newer g++"}, or a clang++ of its time, and set CXX where it is not the first on the PATH.`,
  );
}

function isDebian() {
  return existsSync("/usr/bin/apt-get") && existsSync("/etc/debian_version");
}

/** The words to put before apt-get, or null where this user may not install packages without typing a password. */
function aptPrefix() {
  if (process.getuid?.() === 0) return [];
  return succeeds("sudo", ["-n", "true"]) || process.stdin.isTTY ? ["sudo"] : null;
}

/** Whether a Debian package is installed; one that was removed but left its configuration is not. */
function isInstalled(name) {
  const status = spawnSync("dpkg-query", ["--show", "--showformat=$" + "{db:Status-Status}", name], {
    encoding: "utf8",
  });
  return status.status === 0 && status.stdout === "installed";
}

/** Installs Debian packages that are not there yet. `essential` decides between an error and a warning. */
function aptInstall(packages, essential) {
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return true;
  const byHand = `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  const fail = (why) => {
    if (essential) throw new SetupError(`Could not install ${missing.join(", ")}: ${why}.`, byHand);
    say(`warning: ${missing.join(", ")} not installed (${why}). To have it: ${byHand}`);
    return false;
  };
  const prefix = aptPrefix();
  if (prefix === null) return fail("this user may not install packages without a password");
  say(`installing ${missing.join(", ")} by apt-get …`);
  const apt = (...args) => {
    const [command, ...rest] = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", ...args];
    return spawnSync(command, rest, { stdio: [process.stdin.isTTY ? 0 : "ignore", 2, 2] }).status === 0;
  };
  if (apt("install", "-y", "--no-install-recommends", ...missing)) return true;
  if (apt("update") && apt("install", "-y", "--no-install-recommends", ...missing)) return true;
  return fail("apt-get failed, see above");
}

async function ensureLibtorch() {
  const { findLibtorch } = await import(pathToFileURL(join(root, "scripts/find-libtorch.mjs")).href);
  let found = findLibtorch();
  if (!found) {
    if (!isDebian()) {
      throw new SetupError(
        "No LibTorch was found (looked at LIBTORCH, the torch package of python3, and the system).",
        "pip install torch, or download LibTorch from https://pytorch.org/get-started/locally and set LIBTORCH to its folder.",
      );
    }
    aptInstall(["libtorch-dev", "libopenblas0-openmp"], true);
    found = findLibtorch();
    if (!found)
      throw new SetupError(
        "libtorch-dev is installed, but its headers or libraries were not found.",
        "run `npx gandl doctor`, or set LIBTORCH.",
      );
  }
  // Debian's LibTorch calls the system BLAS; without OpenBLAS that is the slow reference one.
  if (found.source === "system" && isDebian()) aptInstall(["libopenblas0-openmp"], false);
  return found;
}

/** Every source file under `folders`, with its content, in one hash. */
function hashSources(...folders) {
  const hash = createHash("sha256");
  for (const folder of folders) {
    const files = readdirSync(join(root, folder), { recursive: true })
      .map(String)
      .filter((name) => /\.(tsx?|css|html|svg|json)$/.test(name))
      .sort();
    for (const file of files) hash.update(file).update(readFileSync(join(root, folder, file)));
  }
  return hash.digest("hex");
}

/** Every step, in turn. @throws SetupError where one cannot be done. */
export async function setUp() {
  const compiler = checkCompiler();
  checkStandard(compiler, await ensureLibtorch());
  if (process.argv.includes("--for-tests") && isDebian() && !existsSync("/usr/bin/chromium"))
    aptInstall(["chromium", "fonts-dejavu-core"], false);

  const lock = sha256(
    readFileSync(join(root, "package-lock.json")),
    readFileSync(join(root, ".npmrc")),
    process.version,
  );
  await unlessStamped("node_modules/.gandl-setup", lock, "npm ci", () => {
    const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
    run(
      npm[0],
      [...npm.slice(1), "ci", "--no-audit", "--no-fund"],
      (why) =>
        new SetupError(
          `npm ci failed: ${why}.`,
          "see npm's message above; check the network or the npm registry setting.",
        ),
    );
  });

  const { buildAddon } = await import(pathToFileURL(join(root, "scripts/build-addon.mjs")).href);
  await buildAddon({ onLine: say });

  const sources = sha256(
    hashSources("src"),
    readFileSync(join(root, "tsconfig.json")),
    readFileSync(join(root, "tsconfig.base.json")),
    lock,
  );
  await unlessStamped("dist/.gandl-build", sources, "compiling TypeScript", () => {
    rmSync(join(root, "dist"), { recursive: true, force: true }); // a deleted source must not live on as JavaScript
    run(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"],
      (why) => new SetupError(`TypeScript did not compile: ${why}.`, "mend the errors above."),
    );
    execFileSync("chmod", ["+x", join(root, "dist/cli/main.js")]);
  });

  // After the step above, which empties dist/. Each page's bundle is a folder of its own: one is served, the other is exported.
  const pages = sha256(hashSources("explorer", "src"), lock);
  await unlessStamped("dist/.gandl-explorer", pages, "building the explorer", () => {
    for (const config of ["vite.config.ts", "vite.encoder.config.ts"])
      run(
        process.execPath,
        [join(root, "node_modules/vite/bin/vite.js"), "build", "--config", `explorer/${config}`, "--logLevel", "warn"],
        (why) => new SetupError(`The explorer was not built: ${why}.`, "mend the errors above."),
      );
  });
}
