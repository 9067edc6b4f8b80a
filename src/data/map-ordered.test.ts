import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { mapOrdered } from "./map-ordered.ts";

it("keeps the items' order whatever finishes first, and never exceeds the number in flight", async () => {
  const delays = fc.array(fc.nat(3), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(delays, fc.integer({ min: 1, max: 5 }), async (waits, inFlight) => {
      let running = 0;
      let most = 0;
      const work = async (i: number) => {
        most = Math.max(most, ++running);
        await sleep(waits[i]);
        running--;
        return i;
      };
      const seen: number[] = [];
      for await (const i of mapOrdered(waits.keys(), inFlight, work)) seen.push(i);
      expect(seen).toEqual([...waits.keys()]);
      expect(most).toBeLessThanOrEqual(inFlight);
    }),
    { numRuns: 20 },
  );
});

it("passes an error on in its turn, after everything under way has ended", async () => {
  let running = 0;
  const work = async (i: number) => {
    running++;
    await sleep(i === 1 ? 1 : 10);
    running--;
    if (i === 1) throw new Error("one");
    return i;
  };
  const seen: number[] = [];
  const loop = async () => {
    for await (const i of mapOrdered([0, 1, 2, 3], 3, work)) seen.push(i);
  };
  await expect(loop()).rejects.toThrow("one");
  expect(seen).toEqual([0]);
  expect(running).toBe(0);
});

it("leaves nothing running when the reader stops early", async () => {
  let running = 0;
  const work = async (i: number) => {
    running++;
    await sleep(5);
    running--;
    return i;
  };
  for await (const i of mapOrdered([0, 1, 2, 3, 4, 5], 3, work)) if (i === 1) break;
  expect(running).toBe(0);
});
