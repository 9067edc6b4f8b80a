import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type EventBatch, followEvents } from "./follow-events.ts";

const root = mkdtempSync(join(tmpdir(), "gandl-follow-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const fresh = () => {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  return folder;
};
const stamp = (step: number) => ({ time: "2026-01-01T00:00:00Z", kimg: step / 1000, step });
const line = (step: number) => `${JSON.stringify({ kind: "sample", ...stamp(step), file: `samples/${step}.png` })}\n`;

/** Follows while `act` is called after each batch with its number; ends after the last act. */
async function followed(folder: string, acts: readonly (() => void)[]): Promise<{ isNew: boolean; steps: number[] }[]> {
  const stop = new AbortController();
  const seen: EventBatch[] = [];
  for await (const batch of followEvents(folder, { signal: stop.signal, pollMs: 5 })) {
    seen.push(batch);
    const act = acts[seen.length - 1];
    if (act) act();
    else stop.abort();
  }
  return seen.map(({ isNew, events }) => ({ isNew, steps: events.map(({ step }) => step) }));
}

describe("following a run's events", () => {
  it("tells what is there, then what is added, each once", async () => {
    const folder = fresh();
    const file = join(folder, "events.jsonl");
    writeFileSync(file, line(1) + line(2));
    expect(await followed(folder, [() => appendFileSync(file, line(3) + line(4))])).toEqual([
      { isNew: true, steps: [1, 2] },
      { isNew: false, steps: [3, 4] },
    ]);
  });

  it("waits for the end of a line, and passes over what is no event", async () => {
    const folder = fresh();
    const file = join(folder, "events.jsonl");
    const half = line(2).length >> 1;
    writeFileSync(file, `no json\n{"kind":"other"}\n${line(1)}${line(2).slice(0, half)}`);
    expect(await followed(folder, [() => appendFileSync(file, line(2).slice(half))])).toEqual([
      { isNew: true, steps: [1] },
      { isNew: false, steps: [2] },
    ]);
  });

  it("begins anew where a resumed training cut the log or wrote a new file", async () => {
    const folder = fresh();
    const file = join(folder, "events.jsonl");
    writeFileSync(file, line(1) + line(2));
    const replace = () => {
      writeFileSync(`${file}.new`, line(1) + line(2) + line(5));
      renameSync(`${file}.new`, file);
    };
    expect(await followed(folder, [replace, () => writeFileSync(file, line(1))])).toEqual([
      { isNew: true, steps: [1, 2] },
      { isNew: true, steps: [1, 2, 5] },
      { isNew: true, steps: [1] },
    ]);
  });

  it("waits for a log that is not there yet", async () => {
    const folder = fresh();
    setTimeout(() => writeFileSync(join(folder, "events.jsonl"), line(7)), 20);
    expect(await followed(folder, [])).toEqual([{ isNew: true, steps: [7] }]);
  });
});
