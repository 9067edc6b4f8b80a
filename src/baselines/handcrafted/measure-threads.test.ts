// Threads are started from the built package, as its users have it; `npm test` builds it first.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../core/index.ts";
import { ImageFeatures } from "./image-features.ts";
import { MeasureThreads } from "./measure-threads.ts";

const BUILT = fileURLToPath(new URL("../../../dist/baselines/handcrafted/measure-worker.js", import.meta.url));
const OPTIONS = { channels: ["DNA", "ER"], heightPx: 20, widthPx: 24, distancesPx: [1, 3] };
const SIZE = 2 * 20 * 24;

function images(n: number): Uint16Array {
  const random = new SeededRandom(5);
  return Uint16Array.from({ length: n * SIZE }, () => random.integer(4000));
}

describe.skipIf(!existsSync(BUILT))("threads that measure images", () => {
  it("give what one thread gives, bit for bit, whatever was asked of them at a time", async () => {
    const pixels = images(9);
    const want = new ImageFeatures(OPTIONS).measureAll(pixels, 9);
    using threads = new MeasureThreads(OPTIONS, 2, BUILT);
    const asked = [4, 1, 2, 2].map((n, k, all) => {
      const from = all.slice(0, k).reduce((a, b) => a + b, 0);
      const some = pixels.slice(from * SIZE, (from + n) * SIZE);
      const rows = threads.measure(some, n);
      some.fill(0); // they were copied: the next batch may take this memory
      return rows;
    });
    const got = (await Promise.all(asked)).flatMap((rows) => [...rows]);
    expect(got).toEqual([...want]);
  });

  it("leave to the caller what they have no room for", async () => {
    const threads = new MeasureThreads(OPTIONS, 2, BUILT);
    const [first, second, third] = [1, 2, 3].map(() => threads.measure(images(1), 1));
    threads[Symbol.dispose](); // before the thread has answered: what it was to measure is refused
    await Promise.all([first, second].map((rows) => expect(rows).rejects.toThrow("were closed")));
    expect(await third).toEqual(new ImageFeatures(OPTIONS).measureAll(images(1), 1));
  });

  it("refuse what was asked when they are closed", async () => {
    const threads = new MeasureThreads(OPTIONS, 2, BUILT);
    const rows = threads.measure(images(2), 2);
    threads[Symbol.dispose]();
    await expect(rows).rejects.toThrow("the threads were closed");
  });

  it("refuse images that are too small before any is started", () => {
    expect(() => new MeasureThreads({ ...OPTIONS, distancesPx: [20] }, 2, BUILT)).toThrow(/20/);
  });
});
