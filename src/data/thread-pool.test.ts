import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "./files.fixture.ts";
import { type Numbered, ThreadPool } from "./thread-pool.ts";

interface Ask extends Numbered {
  readonly value: number;
}

/** Answers with the sum of what it was told once and what it is asked; breaks on −1, and never answers −2. */
const script = join(temporaryFolder(), "sum.mjs");
writeFileSync(
  script,
  `import { parentPort, workerData } from "node:worker_threads";
   parentPort.on("message", ({ id, value }) => {
     if (value === -1) throw new Error("broken");
     if (value !== -2) parentPort.postMessage({ id, value: value + workerData });
   });`,
);
const pool = (nThreads: number) => new ThreadPool<Ask, Ask>(script, nThreads, 1000);

it("gives each request its own answer, by the thread with the least to do", async () => {
  using threads = pool(3);
  const values = Array.from({ length: 20 }, (_, i) => i);
  const asked = values.map((value) => threads.ask({ value }, []));
  expect([threads.size, threads.shortestQueue]).toEqual([3, 6]);
  expect((await Promise.all(asked)).map(({ value }) => value)).toEqual(values.map((value) => value + 1000));
  expect(threads.shortestQueue).toBe(0);
});

it("refuses all that waits, and all that comes after, when a thread breaks", async () => {
  using threads = pool(2);
  const asked = [threads.ask({ value: -2 }, []), threads.ask({ value: -1 }, [])];
  for (const answer of asked) await expect(answer).rejects.toThrow("broken");
  await expect(threads.ask({ value: 1 }, [])).rejects.toThrow("broken");
});

it("refuses what waits when it is closed", async () => {
  const threads = pool(1);
  const asked = threads.ask({ value: -2 }, []);
  threads[Symbol.dispose]();
  await expect(asked).rejects.toThrow("the threads were closed");
});

it("has no threads where none is built, and cannot be asked", async () => {
  using threads = new ThreadPool<Ask, Ask>("no-such-worker.js", 4);
  expect([threads.size, threads.shortestQueue]).toEqual([0, Number.POSITIVE_INFINITY]);
  await expect(threads.ask({ value: 1 }, [])).rejects.toThrow("no thread to ask");
});
