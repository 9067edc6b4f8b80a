import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { RunLogs } from "./run-logs.ts";

const root = mkdtempSync(join(tmpdir(), "gandl-logs-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const log = join(root, "events.jsonl");
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => {
    const stamp = { time: "2026-01-01T00:00:00Z", kimg: 0, step: from + i };
    return `${JSON.stringify({ kind: "sample", ...stamp, file: "samples/of-this-run.png" })}\n`;
  }).join("");
const stepsOf = (json: string) => (JSON.parse(json) as { step: number }[]).map(({ step }) => step);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** Follows until `last` was told. */
async function followed(logs: RunLogs, last: number) {
  const steps: number[] = [];
  const [isNew, lengths]: [boolean[], number[]] = [[], []];
  for await (const part of logs.follow(root, new AbortController().signal)) {
    steps.push(...stepsOf(part.json));
    isNew.push(part.isNew);
    lengths.push(part.json.length);
    if (steps.at(-1) === last) break;
  }
  return { steps, isNew, longest: Math.max(...lengths) };
}

it("tells everyone the whole log in parts, whenever they come, and forgets it with the last who follows", async () => {
  writeFileSync(log, lines(0, 5000));
  const logs = new RunLogs(5);
  const early = followed(logs, 6000);
  const first = await followed(logs, 4999);
  expect(first.steps).toEqual(range(0, 5000));
  expect(first.isNew.filter(Boolean).length).toBe(1);
  expect(first.isNew[0]).toBe(true);
  expect(first.isNew.length).toBeGreaterThan(2);
  expect(first.longest).toBeLessThan(150_000);
  appendFileSync(log, lines(5000, 6001));
  const late = await followed(logs, 6000);
  expect(late.steps).toEqual(range(0, 6001));
  expect((await early).steps).toEqual(range(0, 6001));
  expect(logs.nFollowed).toBe(0);
});

it("begins anew with a log that was replaced", async () => {
  writeFileSync(log, lines(0, 3));
  const logs = new RunLogs(5);
  const parts = logs.follow(root, new AbortController().signal);
  expect(stepsOf((await parts.next()).value!.json)).toEqual([0, 1, 2]);
  writeFileSync(log, lines(7, 8));
  const { value } = await parts.next();
  expect([value!.isNew, stepsOf(value!.json)]).toEqual([true, [7]]);
  await parts.return(undefined);
  expect(logs.nFollowed).toBe(0);
});

it("lets go of who waits for news when the signal fires", async () => {
  const logs = new RunLogs(5);
  const stop = new AbortController();
  const parts = logs.follow(join(root, "none"), stop.signal);
  const waiting = parts.next();
  await wait(20);
  expect(logs.nFollowed).toBe(1);
  stop.abort();
  expect((await waiting).done).toBe(true);
  expect(logs.nFollowed).toBe(0);
});
