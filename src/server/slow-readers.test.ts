// Readers over real sockets that take little, or go away.
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createAdaptorServer } from "@hono/node-server";
import { afterAll, afterEach, expect, it } from "vitest";
import { npyHeader } from "../data/npy.ts";
import { listen } from "./listen.ts";
import { trainingRoutes } from "./routes/training.ts";
import { RunLogs } from "./run-logs.ts";
import { fixtureManifest, N, writeFixtureDataset } from "./server.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "gandl-slow-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Asks, takes the beginning of the answer, and no more. */
async function askSlowly(port: number, path: string): Promise<Socket> {
  const socket = createConnection(port, "127.0.0.1");
  sockets.push(socket);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  await new Promise((resolve) => socket.once("readable", resolve));
  return socket;
}

const until = async (isSo: () => boolean) => {
  for (let i = 0; i < 1000 && !isSo(); i++) await wait(10);
  expect(isSo()).toBe(true);
};

/** Planes of 32 MiB of zeros, in a file that takes no room on the disk. */
async function writeLargeDataset(folder: string): Promise<void> {
  const [heightPx, widthPx] = [4096, 4096];
  await writeFixtureDataset(folder, { ...fixtureManifest, heightPx, widthPx });
  const shard = join(folder, "shards", "00000.npy");
  const header = npyHeader("uint16", [N, 2, heightPx, widthPx]);
  writeFileSync(shard, header);
  truncateSync(shard, header.length + N * 2 * heightPx * widthPx * 2);
}

it("holds a piece of an answer for each slow reader, not the whole", async () => {
  await writeLargeDataset(join(root, "served"));
  const server = await listen({ folders: [root], pages: null, version: "t", host: "127.0.0.1", port: 0 });
  const { entries } = (await (await fetch(`${server.address}api/catalogue`)).json()) as { entries: { id: string }[] };
  const path = (image: number) => `/api/datasets/${entries[0]!.id}/images/${image}/planes/1`;
  const before = process.memoryUsage().arrayBuffers;
  await Promise.all(Array.from({ length: 40 }, (_, i) => askSlowly(server.port, path(i % N))));
  await wait(200);
  const heldMiB = (process.memoryUsage().arrayBuffers - before) / 2 ** 20;
  expect(heldMiB).toBeLessThan(80); // two pieces of a MiB each at the most; the answers are 1280 MiB
  const whole = await (await fetch(`${server.address}${path(3).slice(1)}`)).arrayBuffer();
  expect(whole.byteLength).toBe(2 ** 25);
  await server.close();
});

it("ends the work for a reader that goes away", async () => {
  const signals: AbortSignal[] = [];
  const imagesOfTreatment = (_name: string, _n: number, signal: AbortSignal) => {
    signals.push(signal);
    return new Promise<null>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const faults: unknown[] = [];
  const server = await listen({
    ...{ folders: [root], pages: null, version: "t", host: "127.0.0.1", port: 0 },
    hands: () => ({ drawImages: null, conditionsOf: async () => [], imagesOfTreatment }),
    onFault: (error) => faults.push(error),
  });
  const asked = ["one", "two", "three"].map((name) => {
    const socket = createConnection(server.port, "127.0.0.1");
    sockets.push(socket);
    socket.write(`GET /api/compound-images?treatment=${name} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`);
    return socket;
  });
  await until(() => signals.length === 2); // the third waits for its turn
  for (const socket of asked) socket.destroy();
  await until(() => signals.every(({ aborted }) => aborted));
  await wait(50);
  expect(signals.length).toBe(2);
  expect(faults).toEqual([]);
  await server.close();
});

it("forgets who followed a run and closed the page", async () => {
  const run = join(root, "run");
  mkdirSync(run);
  writeFileSync(join(run, "events.jsonl"), "");
  const logs = new RunLogs(5);
  const app = trainingRoutes({ runFolder: async () => run, token: "t", logs });
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const open = await Promise.all(Array.from({ length: 20 }, () => askSlowly(port, "/run/events")));
  await until(() => logs.nFollowed === 1);
  for (const socket of open) socket.destroy();
  await until(() => logs.nFollowed === 0);
  await new Promise((resolve) => server.close(resolve));
});
