// A process that ends between any two of its writes, or inside one: the same import, run again, must end as if nothing had been.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { events, imported, place, TABLE, THREE } from "./import.fixture.ts";
import type { ImportOptions } from "./import-options.ts";

/** Writes that are still allowed; once it is used up nothing is written any more, as after a kill. */
const power = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY, isTorn: false, used: 0 }));

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const spend = () => {
    power.used++;
    if (power.left-- <= 0) throw new Error("power cut");
  };
  type Writing = (...args: never[]) => Promise<unknown>;
  const cut = <T extends Writing>(work: T) =>
    (async (...args: never[]) => {
      spend();
      return work(...args);
    }) as unknown as T;
  const open: typeof real.open = async (path, flags, mode) => {
    if (flags !== undefined && flags !== "r") spend();
    const file = await real.open(path, flags, mode);
    if (flags === undefined || flags === "r") return file;
    return new Proxy(file, {
      get(target, key) {
        const value = Reflect.get(target, key, target) as unknown;
        if (typeof value !== "function") return value;
        const method = (value as Writing).bind(target);
        if (key === "sync") return async () => spend(); // there is no disk to wait for
        if (key === "truncate") return cut(method);
        if (key !== "write" && key !== "writeFile" && key !== "appendFile") return method;
        return async (data: Uint8Array, ...rest: never[]) => {
          const isLast = power.left === 0 && power.isTorn && key !== "write";
          if (isLast) await (method as (d: unknown) => Promise<unknown>)(data.slice(0, Math.floor(data.length / 2)));
          spend();
          return (method as (d: unknown, ...r: never[]) => Promise<unknown>)(data, ...rest);
        };
      },
    });
  };
  const { mkdir, rename, rm, truncate, writeFile } = real;
  const writes = { mkdir: cut(mkdir as Writing), rename: cut(rename as Writing), rm: cut(rm as Writing) };
  const files = { truncate: cut(truncate as Writing), writeFile: cut(writeFile as Writing) };
  return { ...real, ...writes, ...files, open };
});

/** One cut every so many writes, so that the test takes seconds. */
const STEP = 4;

const GONE = Number(execFileSync(process.execPath, ["-e", "console.log(process.pid)"], { encoding: "utf8" }));

/** The lock as a process leaves it that is no more. */
function bury(folder: string): void {
  for (const name of readdirSync(folder).filter((entry) => entry.includes(".partial-"))) {
    const lock = join(folder, name, "lock");
    if (existsSync(lock) && readFileSync(lock, "utf8").startsWith("{"))
      writeFileSync(lock, JSON.stringify({ pid: GONE, host: hostname() }));
  }
}

/** Every file below `folder` with its bytes. */
function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => /\.(npy|json|parquet)$/.test(name));
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name)).toString("base64")]));
}

async function killedAfter(writes: number, isTorn: boolean, options: ImportOptions): Promise<boolean> {
  Object.assign(power, { left: writes, isTorn, used: 0 });
  try {
    await events(options);
    return false;
  } catch {
    return true;
  } finally {
    Object.assign(power, { left: Number.POSITIVE_INFINITY, isTorn: false });
  }
}

describe("an import killed after any number of writes", () => {
  const forms: [string, number, Partial<ImportOptions>][] = [
    ["stored at once", 1, { checkpointBytes: 1, shardBytes: 50 }],
    ["spooled, its light estimated", 2, { checkpointBytes: 30, illumination: "estimate", intensity: "percentile" }],
  ];
  for (const [name, first, settings] of forms)
    it(`goes on to the same bytes: ${name}`, async () => {
      const files = { ...THREE, "A2_2.png": "no image" };
      const { folder, source } = place(files);
      const options = { source, table: TABLE, skipBad: true, inFlight: 1, ...settings };
      const whole = join(folder, "whole");
      power.used = 0;
      await imported({ ...options, out: whole });
      const total = power.used;
      const want = contents(whole);
      expect(total).toBeGreaterThan(30);
      let nResumed = 0;
      for (let writes = first; writes < total; writes += STEP) {
        const out = join(folder, `out${writes}`);
        expect(await killedAfter(writes, writes % 2 === 1, { ...options, out })).toBe(true);
        bury(folder);
        const seen = await events({ ...options, out });
        if (seen.some((event) => event.kind === "started" && event.nDone > 0)) nResumed++;
        expect(contents(out), `cut after ${writes} of ${total} writes`).toEqual(want);
        expect(readdirSync(folder).filter((entry) => entry.startsWith(`out${writes}.partial`))).toEqual([]);
      }
      expect(nResumed).toBeGreaterThan(3);
    }, 120_000);
});

it("a finished import is recognised by its rows, files and settings, and done again when one differs", async () => {
  const { source, out } = place(THREE);
  const options = { source, out, table: TABLE };
  const first = await imported(options);
  const again = await events(options);
  expect(again).toEqual([{ kind: "finished", out, manifest: first, isUnchanged: true }]);
  writeFileSync(join(out, "shards", "00000.npy"), "cut short"); // a data set that was damaged since is none
  await expect(imported(options)).rejects.toThrow("already exists");
  expect((await events({ ...options, overwrite: true })).at(-1)).toMatchObject({ isUnchanged: false, manifest: first });
  await expect(imported({ ...options, levels: { "*": { low: 0, high: 100 } } })).rejects.toThrow("already exists");
});
