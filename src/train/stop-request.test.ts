import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { STOP_REQUEST_FILE, type TrainEvent } from "../schema/index.ts";
import { listCheckpoints } from "./checkpoint.ts";
import { watchForStop } from "./stop-request.ts";
import { temporaryFolder, tinyConfig, writeTinyDataset } from "./train.fixture.ts";
import { train } from "./train.ts";

const root = temporaryFolder();
let dataset: string;
beforeAll(async () => {
  mkdirSync(join(root, "source"));
  dataset = await writeTinyDataset(join(root, "source"));
});
const requestIn = (folder: string) => join(folder, STOP_REQUEST_FILE);

describe("a request to stop", () => {
  it("ends a training after its step, with a checkpoint, and is taken away", async () => {
    const out = join(root, "run");
    const events: TrainEvent[] = [];
    for await (const event of train({ config: tinyConfig(dataset, 100_000), out })) {
      events.push(event);
      if (event.kind === "tick" && event.step === 2) writeFileSync(requestIn(out), "");
    }
    const last = events.at(-1)!;
    expect(last).toMatchObject({ kind: "finished", reason: "aborted" });
    expect((await listCheckpoints(out)).checkpoints.at(-1)?.header.step).toBe(last.step);
    expect(existsSync(requestIn(out))).toBe(false);
  });

  it("from before the training counts for nothing, and another signal still stops it", async () => {
    const folder = join(root, "watched");
    mkdirSync(folder);
    writeFileSync(requestIn(folder), "");
    const other = new AbortController();
    await using watch = await watchForStop(folder, other.signal);
    await wait(300);
    expect(watch.signal.aborted).toBe(false);
    other.abort();
    expect(watch.signal.aborted).toBe(true);
  });
});
