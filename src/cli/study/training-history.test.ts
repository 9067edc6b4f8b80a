import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { TrainEvent } from "../../schema/index.ts";
import { historyOf, readEvents } from "./training-history.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gandl-history-"));
});
afterEach(() => rm(folder, { recursive: true }));

const tick = (step: number): TrainEvent => ({
  ...{
    kind: "tick",
    time: "2026-01-01T00:00:00Z",
    kimg: step / 100,
    step,
    imagesPerSecond: 1,
    secondsLeft: 1,
    memoryBytes: 1,
  },
  ...{
    dLoss: 1,
    gLoss: 2,
    realScore: 3,
    fakeScore: 4,
    r1: null,
    pathLength: null,
    realSign: 0,
    fakeSign: 0,
    augmentP: null,
    diversity: 1,
  },
});
const write = (text: string) => writeFile(join(folder, "events.jsonl"), text);

it("a last line cut short by a kill is left out", async () => {
  await write(`${JSON.stringify(tick(1))}\n{"kind":"ti`);
  expect(await readEvents(folder)).toEqual([tick(1)]);
});

it("a broken line in the middle is an error that names file and line", async () => {
  await write(`${JSON.stringify(tick(1))}\n{"kind":"ti\n${JSON.stringify(tick(2))}\n`);
  await expect(readEvents(folder)).rejects.toThrow(/events\.jsonl line 2 is not JSON[\s\S]*fix: restore the file/);
});

it("a line of another form is an error that names the key", async () => {
  await write(`${JSON.stringify({ ...tick(1), dLoss: "x" })}\n`);
  await expect(readEvents(folder)).rejects.toThrow(/line 1 does not have the expected form[\s\S]*dLoss/);
});

it("long histories are thinned, the last point kept", () => {
  const history = historyOf(Array.from({ length: 1001 }, (_, i) => tick(i)));
  expect(history.length).toBeLessThanOrEqual(401);
  expect(history.at(-1)?.kimg).toBe(10);
});
