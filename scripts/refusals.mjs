// Where gan-dl cannot be set up, and where nobody has tried. This file and setup.mjs keep to the syntax of Node 12, so that an old
// Node gets as far as the sentence that refuses it.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

/** The Node that belongs to what `uname -m` prints. */
const NODE_FOR = { x86_64: "x64", amd64: "x64", aarch64: "arm64", arm64: "arm64" };

const nodeSite = "https://nodejs.org";

/**
 * Whether set-up can go on.
 * @param {{ platform: string, arch: string, machine: string, nodeVersion: string, isMusl: boolean }} where `process.platform`,
 *   `process.arch`, what `uname -m` prints, `process.versions.node`, and whether the C library is musl
 * @returns {{ refusal: null | { what: string, fix: string }, warning: null | string }} a refusal ends set-up, a warning is told
 */
export function verdictOn(where) {
  const refusal = refusalOfNode(where) || refusalOfSystem(where) || refusalOfMachine(where);
  return { refusal, warning: refusal ? null : untried(where) };
}

function refusalOfNode({ nodeVersion }) {
  const [major, minor] = nodeVersion.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return null;
  const what = `gan-dl needs Node 20.19 or newer; this is v${nodeVersion}.`;
  return { what, fix: `install a newer Node from ${nodeSite}.` };
}

function refusalOfSystem({ platform, isMusl }) {
  if (platform === "win32")
    return {
      what: "gan-dl does not run on Windows itself: its native addon is written for Linux.",
      fix: "use WSL: `wsl --install`, and then Node and this folder inside its Linux.",
    };
  if (platform !== "linux" && platform !== "darwin")
    return { what: `gan-dl does not run on ${platform}.`, fix: "use Linux on x86-64." };
  if (!isMusl) return null;
  return {
    what: "The C library here is musl (Alpine's, for one); LibTorch and ONNX Runtime are built for glibc and do not load.",
    fix: "use a system with glibc, such as Debian or Ubuntu; in a container, an image such as node:22-bookworm.",
  };
}

function refusalOfMachine({ arch, machine }) {
  const fitting = NODE_FOR[machine];
  if (!fitting)
    return {
      what: `gan-dl does not run on ${machine}: DuckDB and ONNX Runtime are built for 64-bit x86 and ARM only.`,
      fix: "use a machine, and a system, of x86-64.",
    };
  if (arch === fitting) return null;
  return {
    what: `This Node is built for ${arch}, and the machine is ${machine}: the addon and LibTorch would not load into it.`,
    fix: `install Node for ${fitting} from ${nodeSite}.`,
  };
}

function untried({ platform, arch }) {
  if (platform === "darwin")
    return "macOS has not been tried: the native addon is linked with options of Linux's linker, which may be refused here.";
  if (arch === "arm64")
    return "arm64 has not been tried: what gan-dl needs is to be had for it, and the addon compiles, but nobody has run it there.";
  return null;
}

/** Where this process runs, as `verdictOn` asks. */
export function here() {
  const { status, stdout } = spawnSync("uname", ["-m"], { encoding: "utf8" });
  return {
    platform: process.platform,
    arch: process.arch,
    machine: status === 0 ? stdout.trim() : process.arch,
    nodeVersion: process.versions.node,
    isMusl: process.platform === "linux" && runsOnMusl(),
  };
}

/** Node tells which glibc it runs on. Where it tells of none, musl's loader says so. */
function runsOnMusl() {
  const { header } = process.report ? process.report.getReport() : { header: {} };
  if (header.glibcVersionRuntime) return false;
  return existsSync("/lib") && readdirSync("/lib").some((name) => name.startsWith("ld-musl"));
}
