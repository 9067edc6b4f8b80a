// Whole runs on a tiny screen: what is written, and that stopping, killing and damage lose nothing.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { CheckpointHeader, Provenance, ResolvedTrainConfig, TrainEvent } from "../schema/index.ts";
import { readSafetensors, tensorStats } from "../tensor/index.ts";
import { listCheckpoints, train } from "./index.ts";
import { loggedEvents, messageOf, temporaryFolder, tinyConfig, trained, writeTinyDataset } from "./train.fixture.ts";

const root = temporaryFolder();
const dataset = join(root, "source", "dataset");
let count = 0;
const fresh = (): string => join(root, `run-${count++}`);
const steps = (run: string, kind = "tick") =>
  loggedEvents(run)
    .filter((e) => e.kind === kind)
    .map((e) => e.step);

/** Every tensor of the newest checkpoint, and everything of its header that is not derived from time. */
async function contentOf(run: string) {
  const newest = (await listCheckpoints(run)).checkpoints.at(-1)!;
  const { tensors, metadata } = await readSafetensors(newest.weights);
  const hash = ({ data }: { data: ArrayBufferView }) =>
    createHash("sha256")
      .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      .digest("hex");
  return {
    header: newest.header,
    resume: JSON.parse(metadata.resume!),
    tensors: Object.fromEntries([...tensors].map(([name, tensor]) => [name, hash(tensor)])),
  };
}

/** Trains and aborts once `when` holds; the run stops after the step in which it did. */
async function aborted(out: string, config: ResolvedTrainConfig, when: (event: TrainEvent) => boolean, resume = false) {
  const controller = new AbortController();
  return trained({ config, out, resume, signal: controller.signal }, (event) => when(event) && controller.abort());
}

beforeAll(async () => {
  mkdirSync(join(root, "source"));
  await writeTinyDataset(join(root, "source"));
});

describe("a run", () => {
  it("writes its configuration, origin, events, checkpoints and samples", async () => {
    const out = fresh();
    const { live } = tensorStats();
    const config = tinyConfig(dataset, 6, {
      schedule: { checkpointEveryKimg: 0.008, sampleEveryKimg: 0.012, tickEverySteps: 4, keepCheckpoints: 2 },
    });
    const events = await trained({ config, out });

    expect(loggedEvents(out)).toEqual(events);
    for (const event of events) TrainEvent.parse(event);
    expect(events.map((event) => `${event.step} ${event.kind}`)).toEqual([
      "0 started",
      "0 checkpoint",
      "2 checkpoint",
      "3 sample",
      "4 tick",
      "4 checkpoint",
      "6 tick",
      "6 sample",
      "6 checkpoint",
      "6 finished",
    ]);
    expect(events.at(-1)).toMatchObject({ kind: "finished", kimg: 0.024, reason: "duration" });
    expect(ResolvedTrainConfig.parse(JSON.parse(readFileSync(join(out, "config.resolved.json"), "utf8")))).toEqual(
      config,
    );
    const provenance = Provenance.parse(JSON.parse(readFileSync(join(out, "provenance.json"), "utf8")));
    expect(provenance).toMatchObject({ seed: 1, device: "cpu", threads: 1, datasetId: "table" });
    expect(readdirSync(join(out, "samples")).sort()).toEqual([
      "kimg-000000.012.png",
      "kimg-000000.024.png",
      "real.png",
    ]);
    expect(readdirSync(out).sort()).toEqual(
      ["checkpoints", "config.resolved.json", "events.jsonl", "provenance.json", "samples"], // and no lock
    );
    expect(tensorStats().live).toBe(live);

    // The newest two and the untrained one stay.
    const { checkpoints, ignored } = await listCheckpoints(out);
    expect(ignored).toEqual([]);
    expect(checkpoints.map(({ header }) => header.step)).toEqual([0, 4, 6]);
    expect(readdirSync(join(out, "checkpoints"))).toHaveLength(6);
    for (const { header, weights } of checkpoints) {
      CheckpointHeader.parse(header);
      expect(header.weightsSha256).toBe(createHash("sha256").update(readFileSync(weights)).digest("hex"));
      expect(header.minibatchStdMean).toBeGreaterThan(0);
      expect(header.channels.map(({ name }) => name)).toEqual(["DNA", "actin"]);
    }
  });

  it("draws real and generated images as grids: a row of composites, one per channel, eight columns", async () => {
    const out = fresh();
    await trained({ config: tinyConfig(dataset, 1, { schedule: { sampleEveryKimg: 0.001 } }), out });
    for (const file of ["real.png", "kimg-000000.004.png"]) {
      const { data, info } = await sharp(join(out, "samples", file))
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect([info.width, info.height]).toEqual([(8 * 16 + 7 * 2) * 7, (3 * 16 + 2 * 2) * 7]);
      expect(new Set(data).size).toBeGreaterThan(2);
    }
  });

  it("leaves out the plates that it is told to", async () => {
    const out = fresh();
    const config = tinyConfig(dataset, 1);
    const plates = { ...config, data: { ...config.data, excludePlates: ["nowhere"] } };
    await expect(trained({ config: plates, out })).rejects.toThrow(/nowhere/);
  });
});

describe("stopping and going on", () => {
  const config = (total = 6) =>
    tinyConfig(dataset, total, { schedule: { checkpointEveryKimg: 0.008, tickEverySteps: 2 } });
  const unbroken = join(root, "unbroken");
  beforeAll(() => trained({ config: config(), out: unbroken }));

  it("an abort stops after the current step, with a checkpoint, and the resumed run equals an unbroken one bit for bit", async () => {
    const out = fresh();
    const controller = new AbortController();
    const events = train({ config: config(), out, signal: controller.signal });
    // Ctrl-C comes from outside of the loop, while a step is running.
    let stopped = 0;
    for await (const event of events) {
      if (event.kind === "tick" && event.step === 2) setImmediate(() => controller.abort());
      if (event.kind === "finished") {
        expect(event.reason).toBe("aborted");
        stopped = event.step;
      }
    }
    expect(stopped).toBeGreaterThanOrEqual(2);
    expect(stopped).toBeLessThan(5);
    expect((await contentOf(out)).header.step).toBe(stopped);
    const rest = await trained({ config: config(), out, resume: true });
    expect(rest[0]).toMatchObject({ kind: "started", step: stopped, resumed: true });
    expect(await contentOf(out)).toEqual(await contentOf(unbroken));
  });

  it("a run of three steps that is given three more equals one of six", async () => {
    const out = fresh();
    await trained({ config: config(3), out });
    await trained({ config: config(6), out, resume: true });
    expect(await contentOf(out)).toEqual(await contentOf(unbroken));
    expect(JSON.parse(readFileSync(join(out, "config.resolved.json"), "utf8"))).toEqual(config(6));
  });

  it("a run that lost its newest checkpoint goes on from the one before, says so, and logs no step twice", async () => {
    const out = fresh();
    cpSync(unbroken, out, { recursive: true });
    const { checkpoints } = await listCheckpoints(out);
    const [second, last] = checkpoints.slice(-2);
    truncateSync(last!.weights, 1000);
    writeFileSync(`${second!.stem}.json`, '{"kind":"gandl-checkpoint"');
    writeFileSync(join(out, "checkpoints", "kimg-9.safetensors.partial-7"), "");
    const events = await trained({ config: config(), out, resume: true });
    expect(events.filter((e) => e.kind === "checkpoint-ignored").map((e) => e.file)).toEqual([
      "checkpoints/kimg-000000.016.safetensors",
      "checkpoints/kimg-000000.024.safetensors",
    ]);
    expect(steps(out)).toEqual([2, 4, 6]);
    expect(steps(out, "started")).toEqual([0, 2]);
    expect(await contentOf(out)).toEqual(await contentOf(unbroken));
    expect(readdirSync(join(out, "checkpoints")).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("a run that is finished already finishes again without a step", async () => {
    const out = fresh();
    cpSync(unbroken, out, { recursive: true });
    const events = await trained({ config: config(), out, resume: true });
    expect(events.map(({ kind }) => kind)).toEqual(["started", "finished"]);
  });

  it("a data set that was moved is the same data set", async () => {
    const [out, moved] = [fresh(), join(root, "moved")];
    cpSync(dataset, moved, { recursive: true });
    await aborted(out, config(), (event) => event.kind === "tick");
    const elsewhere = { ...config(), data: { ...config().data, dataset: moved } };
    await trained({ config: elsewhere, out, resume: true });
    expect(await contentOf(out)).toEqual(await contentOf(unbroken));
  });

  it("a checkpoint that cannot be written leaves the one before whole, and the run resumes from it", async () => {
    const out = fresh();
    const blocked = join(out, "checkpoints", "kimg-000000.016.safetensors");
    mkdirSync(join(blocked, "in-the-way"), { recursive: true });
    const message = await messageOf("cannot-write", () => trained({ config: config(), out }));
    expect(message).toMatch(/kimg-000000\.016\.safetensors could not be written/);
    expect(existsSync(join(out, "run.lock"))).toBe(false);
    rmSync(blocked, { recursive: true });
    expect((await contentOf(out)).header.step).toBe(2);
    await trained({ config: config(), out, resume: true });
    expect(await contentOf(out)).toEqual(await contentOf(unbroken));
  });

  it("refuses what would mix runs", async () => {
    const empty = fresh();
    expect(await messageOf("run-exists", () => trained({ config: config(), out: unbroken }))).toContain("--resume");
    expect(await messageOf("no-run", () => trained({ config: config(), out: empty, resume: true }))).toContain(empty);
    expect(existsSync(empty)).toBe(false);
    const other = tinyConfig(dataset, 6, { seed: 2, loss: { kind: "logistic", r1Gamma: 7, r1EverySteps: 2 } });
    const changed = await messageOf("config-changed", () => trained({ config: other, out: unbroken, resume: true }));
    expect(changed).toContain("loss.r1Gamma");
    expect(changed).toContain("seed");
    expect(changed).not.toContain("durationKimg");
  });

  it("refuses another data set in the place of the first", async () => {
    const [out, folder] = [fresh(), join(root, "second-source")];
    cpSync(unbroken, out, { recursive: true });
    mkdirSync(folder);
    const other = { ...config(), data: { ...config().data, dataset: await writeTinyDataset(folder, 2) } };
    await messageOf("dataset-changed", () => trained({ config: other, out, resume: true }));
  });

  it("refuses a run without a whole checkpoint", async () => {
    const out = fresh();
    cpSync(unbroken, out, { recursive: true });
    for (const { stem } of (await listCheckpoints(out)).checkpoints) rmSync(`${stem}.json`);
    const message = await messageOf("no-checkpoint", () => trained({ config: config(), out, resume: true }));
    expect(message).toContain("kimg-000000.000.safetensors");
  });

  it("refuses a second trainer in the same folder", async () => {
    const out = fresh();
    const first = train({ config: config(), out });
    await first.next();
    await messageOf("run-locked", () => trained({ config: config(), out, resume: true }));
    await first.return(undefined);
    expect(existsSync(join(out, "run.lock"))).toBe(false);
  });
});

describe("a run that diverges", () => {
  it("tells every tensor, stops after a hundred such steps and keeps the checkpoints from before", async () => {
    const out = fresh();
    const config = tinyConfig(dataset, 1000, {
      optimiser: { learningRate: 1e30 },
      schedule: { checkpointEveryKimg: 0.02, tickEverySteps: 50 },
    });
    const message = await messageOf("diverged", () => trained({ config, out }));
    expect(message).toMatch(/100 steps in a row had gradients that are not finite/);
    const events = loggedEvents(out).map((event) => TrainEvent.parse(event)); // no NaN among them
    const bad = events.filter((event) => event.kind === "non-finite");
    expect(new Set(bad.map(({ step }) => step)).size).toBeGreaterThanOrEqual(100);
    expect(bad.every(({ count }) => count > 0)).toBe(true);
    const firstBad = Math.min(...bad.map(({ step }) => step));
    const { checkpoints } = await listCheckpoints(out);
    expect(Math.max(...checkpoints.map(({ header }) => header.step))).toBeLessThanOrEqual(firstBad);
  });
});
