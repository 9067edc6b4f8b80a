import { Hono } from "hono";
import { expect, it } from "vitest";
import { collectGarbage } from "./collect-garbage.ts";

it("collects when the process has grown by 64 MiB since it was last small, looking at every 32nd answer", async () => {
  const course = [100, 150, 165, 120, 180, 185, 190];
  let [at, nLooks, nCollected] = [0, 0, 0];
  const app = new Hono();
  const residentBytes = () => {
    nLooks++;
    return (course[at++] ?? 0) * 2 ** 20;
  };
  app.use(collectGarbage({ residentBytes, collect: () => nCollected++ }));
  app.get("/", (c) => c.text("yes"));
  const collected: number[] = [];
  for (let i = 0; i < 6 * 32; i++) {
    await app.request("/");
    if (i % 32 === 31) collected.push(nCollected);
  }
  expect(nLooks).toBe(7);
  // 150: not yet. 165: yes. 120: it has shrunk. 180: 60 more than 120. 185: 65 more. 190: it was collected just now.
  expect(collected).toEqual([0, 1, 1, 1, 2, 2]);
});

it("finds the collector of this process", async () => {
  const app = new Hono();
  app.use(collectGarbage());
  app.get("/", (c) => c.text("yes"));
  expect(await (await app.request("/")).text()).toBe("yes");
});
