import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { bodyOf, PIECE_BYTES, viewsOf } from "./body-of.ts";

it("makes no piece before the one before it was taken, and ends the work when the reader goes", async () => {
  const log: string[] = [];
  async function* pieces() {
    try {
      for (let i = 0; ; i++) {
        log.push(`made ${i}`);
        yield Uint8Array.of(i);
      }
    } finally {
      log.push("ended");
    }
  }
  const reader = bodyOf(pieces()).getReader();
  await wait(1);
  expect(log).toEqual([]);
  expect((await reader.read()).value).toEqual(Uint8Array.of(0));
  await wait(1);
  expect(log).toEqual(["made 0"]);
  await reader.cancel();
  expect(log).toEqual(["made 0", "ended"]);
});

it("tells a piece that waits for something that the reader has gone", async () => {
  const stop = new AbortController();
  async function* pieces() {
    yield Uint8Array.of(1);
    await wait(60_000, null, { signal: stop.signal }).catch(() => {});
  }
  const reader = bodyOf(pieces(), stop).getReader();
  await reader.read();
  const pending = reader.read();
  await reader.cancel();
  expect((await pending).done).toBe(true);
});

it("cuts memory into views of itself", async () => {
  const bytes = new Uint8Array(2 * PIECE_BYTES + 5).map((_, i) => i % 251);
  const views: Uint8Array[] = [];
  for await (const view of viewsOf(bytes)) views.push(view);
  expect(views.map(({ length }) => length)).toEqual([PIECE_BYTES, PIECE_BYTES, 5]);
  expect(views.every(({ buffer }) => buffer === bytes.buffer)).toBe(true);
  expect(Buffer.concat(views).equals(bytes)).toBe(true);
});
