// A run that scores its checkpoints keeps the best of them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { TrainEvent } from "../schema/index.ts";
import { bestCheckpoint } from "./quality-watch.ts";
import { temporaryFolder, tinyConfig, trained, writeTinyDataset } from "./train.fixture.ts";

const root = temporaryFolder();
const out = join(root, "run");
let events: TrainEvent[] = [];
const config = (dataset: string, metric: "kernel" | "frechet" = "kernel", steps = 6) =>
  tinyConfig(dataset, steps, {
    quality: { metric, nImages: 32 },
    model: { kind: "stylegan2", latentDim: 8, styleDim: 8, channelBase: 128, channelMax: 8, labels: "plate" },
    data: { dataset, resolutionPx: 16, input: "standardised" },
    schedule: { checkpointEveryKimg: 0.004, keepCheckpoints: 1 },
  });
let dataset = "";
beforeAll(async () => {
  dataset = await writeTinyDataset(root, 1, 40);
  events = await trained({ config: config(dataset), out });
});
const scored = () => events.flatMap((event) => (event.kind === "quality" ? [event] : []));

describe("a run with quality", () => {
  it("scores every checkpoint but the untrained one, beside what real halves score", () => {
    expect(scored().map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { frechetDistance, realFrechetDistance, nImages, features } of scored()) {
      expect(frechetDistance).toBeGreaterThan(realFrechetDistance);
      expect(realFrechetDistance).toBeGreaterThan(0);
      expect([nImages, features]).toEqual([32, expect.stringMatching(/^random-conv /)]);
    }
  });

  it("keeps the checkpoint of the smallest figure beside the first and the newest", async () => {
    const smallest = scored().reduce((a, b) => (b.kernelDistance < a.kernelDistance ? b : a));
    const best = await bestCheckpoint(out);
    expect(best).toMatchObject({ step: smallest.step, metric: "kernel", value: smallest.kernelDistance });
    const kept = readdirSync(join(out, "checkpoints"))
      .filter((name) => name.endsWith(".safetensors"))
      .sort();
    const expected = new Set(
      [0, smallest.step, 6].map((step) => `kimg-000000.${String(step * 4).padStart(3, "0")}.safetensors`),
    );
    expect(kept).toEqual([...expected].sort());
    expect(
      scored()
        .filter(({ isBest }) => isBest)
        .at(-1)?.step,
    ).toBe(smallest.step);
  });

  it("scores the same after a resume as without a break", async () => {
    const cut = join(root, "cut");
    await trained({ config: config(dataset, "kernel", 3), out: cut });
    const rest = await trained({ config: config(dataset), out: cut, resume: true });
    const figures = (all: TrainEvent[]) =>
      all.flatMap((event) => (event.kind === "quality" && event.step > 3 ? [event.kernelDistance] : []));
    expect(figures(rest)).toEqual(figures(events));
    expect(JSON.parse(readFileSync(join(cut, "best.json"), "utf8"))).toEqual(await bestCheckpoint(out));
  });

  it("is not there for a run that scores nothing", async () => {
    const plain = join(root, "plain");
    await trained({ config: tinyConfig(dataset, 1), out: plain });
    expect(await bestCheckpoint(plain)).toBeNull();
  });
});
