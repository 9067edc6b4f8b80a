// In a process of its own, from the built package: what is tested for would end the process that runs the tests.
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./files.fixture.ts";

const BUILT = fileURLToPath(new URL("../../dist/data/", import.meta.url));
const built = (name: string) => JSON.stringify(join(BUILT, `${name}.js`));
const folder = temporaryFolder();

/** A thread that asks DuckDB again and again, and tells when it has begun. */
const thread = join(folder, "thread.mjs");
writeFileSync(
  thread,
  `import { parentPort, workerData } from "node:worker_threads";
   const { uninterrupted } = await import(${built("end-thread")});
   const { withDuckDb } = await import(${built("duckdb")});
   const ask = () => withDuckDb((connection) => connection.run("SELECT sum(i) FROM range(300000) t(i)"));
   parentPort.postMessage("begun");
   for (;;) await uninterrupted(workerData, ask);`,
);

/** Ends twelve such threads, each a little later than the one before, and prints how many have ended. */
const owner = join(folder, "owner.mjs");
writeFileSync(
  owner,
  `import { once } from "node:events";
   import { setTimeout as sleep } from "node:timers/promises";
   import { Worker } from "node:worker_threads";
   const { endThread, threadEnding } = await import(${built("end-thread")});
   let ended = 0;
   for (let i = 0; i < 12; i++) {
     const ending = threadEnding();
     const worker = new Worker(${JSON.stringify(thread)}, { workerData: ending });
     worker.unref();
     await once(worker, "message");
     await sleep(4 * i);
     endThread(worker, ending);
     await once(worker, "exit");
     ended++;
   }
   console.log(ended);`,
);

describe.skipIf(!existsSync(join(BUILT, "end-thread.js")))("a thread that uses DuckDB", () => {
  it("ends whatever it is doing, and leaves the process alive", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [owner], { encoding: "utf8" });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "12\n", stderr: "" });
  });
});
