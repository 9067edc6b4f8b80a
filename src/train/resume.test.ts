// Runs that were cut off or damaged, without a second process: what is left on disk is laid out by hand.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { isAbsolute, join, relative } from "node:path";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { readSafetensors, tensorStats } from "../tensor/index.ts";
import { type CheckpointFile, listCheckpoints } from "./checkpoint.ts";
import { Gan } from "./gan.ts";
import type { StepStats } from "./step-stats.ts";
import { loggedEvents, messageOf, temporaryFolder, tinyConfig, trained, writeTinyDataset } from "./train.fixture.ts";
import { train } from "./train.ts";

const root = temporaryFolder();
let dataset: string;
let count = 0;
const fresh = (): string => join(root, `run-${count++}`);
/** Above the largest process number that Linux gives out. */
const NOBODY = 2 ** 22 + 1;

const config = (total = 5, keepCheckpoints = 3) =>
  tinyConfig(dataset, total, { schedule: { checkpointEveryKimg: 0.008, keepCheckpoints } });
const newestOf = async (run: string): Promise<CheckpointFile> => (await listCheckpoints(run)).checkpoints.at(-1)!;
const weightsOf = async (run: string) => readSafetensors((await newestOf(run)).weights);
const stepsOf = async (run: string) => (await listCheckpoints(run)).checkpoints.map(({ header }) => header.step);

/** Trains until `step` is told, then stops asking: nothing more is saved. */
async function cutOff(out: string, step: number, resume = false): Promise<void> {
  for await (const event of train({ config: config(), out, resume }))
    if (event.kind === "tick" && event.step === step) break; // calls the generator's return()
}

/** Trains on and aborts after one step. */
async function oneStepOn(out: string, keepCheckpoints: number) {
  const stop = new AbortController();
  return trained({ config: config(5, keepCheckpoints), out, resume: true, signal: stop.signal }, ({ kind }) => {
    if (kind === "tick") stop.abort();
  });
}

function flipByte({ weights }: CheckpointFile): void {
  const bytes = readFileSync(weights);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(weights, bytes);
}

beforeAll(async () => {
  mkdirSync(join(root, "source"));
  dataset = await writeTinyDataset(join(root, "source"));
  await trained({ config: config(), out: join(root, "unbroken") });
});
afterEach(() => void vi.restoreAllMocks());

describe("a run that was cut off", () => {
  it("goes on to the same bits over a dead process's lock, partial files and half a line", async () => {
    const out = fresh();
    await cutOff(out, 3);
    expect(await stepsOf(out)).toEqual([0, 2]); // step 3 is lost, as by a kill
    writeFileSync(join(out, "run.lock"), JSON.stringify({ pid: NOBODY, host: hostname() }));
    writeFileSync(join(out, "checkpoints", `kimg-000000.016.safetensors.partial-${NOBODY}`), "half");
    writeFileSync(join(out, "checkpoints", "kimg-000000.016.safetensors"), "weights whose header never came");
    writeFileSync(join(out, "events.jsonl"), '{"kind":"tick","st', { flag: "a" });

    await trained({ config: config(), out, resume: true });
    expect(await weightsOf(out)).toEqual(await weightsOf(join(root, "unbroken")));
    const ticks = loggedEvents(out).filter(({ kind }) => kind === "tick");
    expect(ticks.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    expect(readdirSync(out)).not.toContain("run.lock");
    expect(readdirSync(join(out, "checkpoints")).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("before its second checkpoint starts from the untrained network, and says that it was resumed", async () => {
    const out = fresh();
    await cutOff(out, 1);
    const [started] = await trained({ config: config(), out, resume: true });
    expect(started).toMatchObject({ kind: "started", step: 0, resumed: true });
    expect(await weightsOf(out)).toEqual(await weightsOf(join(root, "unbroken")));
  });

  it("by an abort before its first step has its untrained checkpoint", async () => {
    const out = fresh();
    const events = await trained({ config: config(), out, signal: AbortSignal.abort() });
    expect(events.map(({ kind }) => kind)).toEqual(["started", "checkpoint", "finished"]);
    expect(events.at(-1)).toMatchObject({ reason: "aborted", step: 0 });
    expect(readdirSync(join(out, "checkpoints"))).toEqual(["kimg-000000.000.json", "kimg-000000.000.safetensors"]);
  });
});

describe("a checkpoint with a flipped byte", () => {
  it("is passed over by its hash, and written again", async () => {
    const out = fresh();
    await cutOff(out, 5);
    flipByte(await newestOf(out)); // of step 4
    const events = await trained({ config: config(), out, resume: true });
    expect(events[0]).toMatchObject({ kind: "started", step: 2 });
    expect(events.find(({ kind }) => kind === "checkpoint-ignored")).toMatchObject({
      file: "checkpoints/kimg-000000.016.safetensors",
    });
    expect(await weightsOf(out)).toEqual(await weightsOf(join(root, "unbroken")));
  });

  it("does not count among those that are kept: it pushes out no whole one", async () => {
    const out = fresh();
    await trained({ config: config(5, 1), out });
    expect(await stepsOf(out)).toEqual([0, 5]); // the first and the newest
    flipByte(await newestOf(out));
    await oneStepOn(out, 1);
    expect(await stepsOf(out)).toEqual([0, 1]);
    const again = await oneStepOn(out, 1);
    expect(again[0]).toMatchObject({ kind: "started", step: 1 });
  });

  it("refuses when it is the only one", async () => {
    const out = fresh();
    await trained({ config: config(), out, signal: AbortSignal.abort() });
    flipByte(await newestOf(out));
    const message = await messageOf("no-checkpoint", () => trained({ config: config(), out, resume: true }));
    expect(message).toContain("these are not whole: kimg-000000.000.safetensors.");
  });
});

it("a stored configuration that is cut short is told with its path, not as a JSON fault", async () => {
  const out = fresh();
  await trained({ config: config(), out, signal: AbortSignal.abort() });
  writeFileSync(join(out, "config.resolved.json"), '{"data":');
  const message = await messageOf("bad-file-content", () => trained({ config: config(), out, resume: true }));
  expect(message).toMatch(/config\.resolved\.json does not have the expected form.*\n[\s\S]*restore the file/);
});

it("says so when `checkpoints` or the event log is in the way, and gives the folder back", async () => {
  const [blocked, unlogged] = [fresh(), fresh()];
  mkdirSync(blocked);
  writeFileSync(join(blocked, "checkpoints"), "");
  expect(await messageOf("cannot-write", () => trained({ config: config(), out: blocked }))).toContain("checkpoints");
  mkdirSync(join(unlogged, "events.jsonl"), { recursive: true });
  expect(await messageOf("cannot-write", () => trained({ config: config(), out: unlogged }))).toMatch(
    /events\.jsonl could not be written.*\n.*EISDIR/,
  );
  for (const folder of [blocked, unlogged]) expect(readdirSync(folder)).not.toContain("run.lock");
});

it("names checkpoints from the run folder, however that is written", async () => {
  const out = fresh();
  const here = relative(process.cwd(), out);
  expect(isAbsolute(here)).toBe(false);
  for (const [i, written] of [`./${here}`, `${out}/`, `${out}/../${out.split("/").at(-1)}`].entries()) {
    rmSync(out, { recursive: true, force: true });
    const events = await trained({ config: config(), out: written, signal: AbortSignal.abort() });
    const checkpoint = events.find(({ kind }) => kind === "checkpoint");
    expect(checkpoint, `way ${i}`).toMatchObject({ file: "checkpoints/kimg-000000.000.safetensors" });
  }
});

it("keeps as many tensors alive from tick to tick, over checkpoints and samples", async () => {
  const live: number[] = [];
  const busy = tinyConfig(dataset, 5, { schedule: { checkpointEveryKimg: 0.004, sampleEveryKimg: 0.004 } });
  await trained({ config: busy, out: fresh() }, ({ kind }) => {
    if (kind === "tick") live.push(tensorStats().live);
  });
  expect(live).toHaveLength(5);
  expect(new Set(live.slice(1)).size).toBe(1);
  expect(live[1]).toBe(live[0]);
});

describe("the count of steps that are not finite", () => {
  /** Replaces the work of a step by what it measured; `bad` tells which steps were not finite. */
  function pretend(bad: (step: number) => boolean): void {
    vi.spyOn(Gan.prototype, "trainStep").mockImplementation(function (this: Gan): StepStats {
      this.step++;
      this.imagesSeen += 4;
      const nonFinite = bad(this.step) ? [{ tensor: "generator: const", count: 1 }] : [];
      const scores = { realScore: 0, fakeScore: 0, realSign: 0, fakeSign: 0, diversity: 1 };
      return { dLoss: 1, gLoss: 1, ...scores, r1: null, pathLength: null, nonFinite };
    });
  }
  const long = () => tinyConfig(dataset, 250, { schedule: { checkpointEveryKimg: 0.2, sampleEveryKimg: 1000 } });

  it("starts anew after a good step: 99 and 99 again do not end a run, and a due checkpoint waits for it", async () => {
    pretend((step) => step !== 100 && step < 200);
    const out = fresh();
    const events = await trained({ config: long(), out });
    expect(events.at(-1)).toMatchObject({ kind: "finished", step: 250 });
    const saved = events.flatMap((event) => (event.kind === "checkpoint" ? [event.step] : []));
    expect(saved).toEqual([0, 100, 200, 250]); // that of step 50 waits until 100, that of 150 until 200
  });

  it("ends it at the hundredth in a row, naming the tensor, and gives the folder back", async () => {
    pretend((step) => step > 60);
    const out = fresh();
    const message = await messageOf("diverged", () => trained({ config: long(), out }));
    expect(message).toMatch(/100 steps in a row .*last: generator: const.*\n.*\n.*optimiser\.learningRate/);
    expect(loggedEvents(out).at(-1)).toMatchObject({ kind: "non-finite", step: 160 });
    expect(await stepsOf(out)).toEqual([0, 50]);
    expect(readdirSync(out)).not.toContain("run.lock");
  });
});
