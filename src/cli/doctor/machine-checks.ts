// Checks that need nothing of ours: Node, compiler, packages with binaries, memory and disk.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { availableParallelism, freemem, totalmem } from "node:os";
import { formatBytes } from "../view.ts";
import { type Check, fail, guarded, pass, warning } from "./check.ts";

const GIB = 2 ** 30;
/** Below this a demo (about 0.4 GiB) still fits, a screen does not. */
const DISK_WARNING_BYTES = 10 * GIB;
/** Training at 64² takes about 1.5 GiB; less than this swaps. */
const MEMORY_WARNING_BYTES = 4 * GIB;

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const detail = `${process.version} on ${process.platform} ${process.arch}, ${availableParallelism()} cores`;
  if (major > 20 || (major === 20 && minor >= 19)) return pass("Node", detail);
  return fail("Node", detail, "install Node 20.19 or newer from https://nodejs.org");
}

function checkCompiler(): Check {
  const names = process.env.CXX ? [process.env.CXX] : ["g++", "clang++", "c++"];
  for (const name of names) {
    const result = spawnSync(name, ["--version"], { encoding: "utf8" });
    if (result.status === 0) return pass("compiler", result.stdout.split("\n")[0] ?? name);
  }
  return warning(
    "compiler",
    `none of ${names.join(", ")} runs; only needed to build the addon`,
    "sudo apt-get install -y g++",
  );
}

async function checkOnnxRuntime(): Promise<Check> {
  const ort = await import("onnxruntime-node");
  const backends = ort
    .listSupportedBackends()
    .map((backend) => backend.name + (backend.bundled ? "" : " (not bundled)"));
  return pass("ONNX Runtime", `${ort.env.versions?.node ?? "?"}, providers: ${backends.join(", ")}`);
}

async function checkDuckDb(): Promise<Check> {
  const duckdb = await import("@duckdb/node-api");
  const instance = await duckdb.DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const rows = (await connection.runAndReadAll("select sum(i)::integer from range(10) t(i)")).getRows();
    if (rows[0]?.[0] !== 45) return fail("DuckDB", `0 + … + 9 came out as ${String(rows[0]?.[0])}`, "npm ci");
    return pass("DuckDB", `${duckdb.version()}, answers a query`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function checkSharp(): Promise<Check> {
  const sharp = (await import("sharp")).default;
  const png = await sharp(Buffer.from([1, 2, 3, 4]), { raw: { width: 2, height: 2, channels: 1 } })
    .png()
    .toBuffer();
  const { data } = await sharp(png).toColourspace("b-w").raw().toBuffer({ resolveWithObject: true });
  if (data[0] !== 1 || data[3] !== 4) return fail("sharp", "a PNG came back with other pixels", "npm ci");
  return pass("sharp", `${sharp.versions.sharp} (libvips ${sharp.versions.vips}), PNG round trip exact`);
}

async function checkDisk(folder: string): Promise<Check> {
  const stats = await statfs(folder);
  const free = stats.bavail * stats.bsize;
  const detail = `${formatBytes(free)} free here`;
  if (free < DISK_WARNING_BYTES) return warning("disk", detail, "free some space, or give --out on another disk");
  return pass("disk", detail);
}

function checkMemory(): Check {
  const detail = `${formatBytes(freemem())} free of ${formatBytes(totalmem())}`;
  if (totalmem() < MEMORY_WARNING_BYTES)
    return warning("memory", detail, "train with a smaller batch: --set schedule.batchSize=8");
  return pass("memory", detail);
}

function checkBrowser(): Check {
  if (existsSync("/usr/bin/chromium")) return pass("Chromium", "/usr/bin/chromium (browser tests run)");
  return warning(
    "Chromium",
    "not found; only the project's own browser tests need it",
    "sudo apt-get install -y chromium",
  );
}

/** Every check that needs nothing of ours, in the order in which they are shown. */
export async function machineChecks(folder: string): Promise<Check[]> {
  return [
    checkNode(),
    checkCompiler(),
    await guarded("ONNX Runtime", "npm ci", checkOnnxRuntime),
    await guarded("DuckDB", "npm ci", checkDuckDb),
    await guarded("sharp", "npm ci", checkSharp),
    await guarded("disk", "check that the folder exists", () => checkDisk(folder)),
    checkMemory(),
    checkBrowser(),
  ];
}
