// A selection that is larger than what is read at once.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { writeParquet } from "../data/parquet-writer.ts";
import { fixtureServer, idOf } from "./server.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "gandl-selection-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it("gives every row once, in the order asked for, below one head", async () => {
  const nRows = 45_000;
  const columns = [Array.from({ length: nRows }, (_, i) => `cell ${i}`)];
  const schema = { columns: [{ name: "cell", type: "text" as const }], matrixColumns: ["feature_0"] };
  await writeParquet(join(root, "cells.parquet"), schema, { nRows, columns, matrix: new Float32Array(nRows) });
  const server = await fixtureServer(root);
  const rows = Array.from({ length: nRows }, (_, i) => (i * 7919) % nRows); // each once: 7919 is prime
  const url = `http://127.0.0.1:4173/api/embeddings/${await idOf(server, "embedding")}/selection`;
  const headers = { host: "127.0.0.1:4173", "content-type": "application/json" };
  const answer = await server.app.request(url, { method: "POST", headers, body: JSON.stringify({ rows }) });
  expect(await answer.text()).toBe(`embedding_row,cell\n${rows.map((row) => `${row},cell ${row}\n`).join("")}`);
});
