import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { fixtureServer, get, idOf, servedFolder } from "./server.fixture.ts";
import { warmFirstView } from "./warm-first-view.ts";

it("makes the first plate's answer before it is asked for, once, and anew for a data set that was imported anew", async () => {
  const folder = await servedFolder();
  const server = await fixtureServer(folder);
  const { answers } = server.context;
  await warmFirstView(server.context);
  const path = `/api/datasets/${await idOf(server, "dataset")}/plates`;
  const warmed = answers.nBytes;
  const bytes = await (await get(server, `${path}/E_1?colour=condition`)).arrayBuffer();
  expect([bytes.byteLength, answers.nBytes]).toEqual([warmed, warmed]);
  for (const asked of ["E_1?colour=role", "E_2?colour=condition"]) {
    const before = answers.nBytes;
    const other = await (await get(server, `${path}/${asked}`)).arrayBuffer();
    expect(answers.nBytes).toBe(before + other.byteLength);
  }
  const before = answers.nBytes;
  utimesSync(join(folder, "data", "dataset.json"), new Date(), new Date(0));
  await (await get(server, `${path}/E_1?colour=condition`)).arrayBuffer();
  expect(answers.nBytes).toBe(before + warmed);
});

it("has nothing to do where there is no data set", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gandl-warm-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const { context } = await fixtureServer(folder);
  await warmFirstView(context);
  expect(context.answers.nBytes).toBe(0);
});
