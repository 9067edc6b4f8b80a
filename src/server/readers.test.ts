// Many readers while the folder is written to: no error, no wrong byte.
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Catalogue } from "../schema/explorer.ts";
import { listen } from "./listen.ts";
import { fixtureServer, H, idOf, N, pixelAt, servedFolder, W, writeFixtureDataset } from "./server.fixture.ts";

it("answers forty readers at once, to the byte, while a run, a table and data sets beside are written", async () => {
  const folder = await servedFolder();
  const data = await idOf(await fixtureServer(folder), "dataset");
  const run = join(folder, "run");
  mkdirSync(run);
  writeFileSync(join(run, "config.resolved.json"), "{}");
  const server = await listen({ folders: [folder], pages: null, version: "test", host: "127.0.0.1", port: 0 });
  let isDone = false;
  const writing = (async () => {
    for (let i = 0; !isDone; i++) {
      appendFileSync(join(run, "events.jsonl"), `${JSON.stringify({ kind: "tick", i })}\n`);
      writeFileSync(join(folder, "growing.parquet"), `PAR1${"feature_0".repeat(i % 50)}`);
      if (i % 20 === 0) {
        await writeFixtureDataset(join(folder, `data-${i}.partial`)); // as an import does: aside, then named
        renameSync(join(folder, `data-${i}.partial`), join(folder, `data-${i}`));
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  const reader = async (n: number) => {
    for (let i = 0; i < 12; i++) {
      const image = (7 * n + i) % N;
      const plane = await fetch(`${server.address}api/datasets/${data}/images/${image}/planes/${i % 2}`);
      expect([plane.status, [...new Uint16Array(await plane.arrayBuffer())]]).toEqual([
        200,
        Array.from({ length: H * W }, (_, v) => pixelAt(image, i % 2, v)),
      ]);
    }
    const listed = Catalogue.parse(await (await fetch(`${server.address}api/catalogue`)).json());
    expect(listed.entries.some(({ kind }) => kind === "run")).toBe(true);
  };
  try {
    await Promise.all(Array.from({ length: 40 }, (_, n) => reader(n)));
  } finally {
    isDone = true;
    await writing;
    await server.close();
  }
});

it("keeps a reader's connection longer than a busy machine makes it wait between two questions", async () => {
  const folder = await servedFolder();
  const server = await listen({ folders: [folder], pages: null, version: "test", host: "127.0.0.1", port: 0 });
  try {
    const answer = await fetch(`${server.address}api/catalogue`);
    await answer.arrayBuffer();
    expect(Number(/timeout=(\d+)/.exec(answer.headers.get("keep-alive") ?? "")?.[1])).toBeGreaterThanOrEqual(60);
  } finally {
    await server.close();
  }
});
