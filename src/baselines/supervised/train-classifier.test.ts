import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Dataset, openDataset } from "../../data/index.ts";
import { Backbone } from "../../models/index.ts";
import { fromArray, Rng, setThreads, tensorStats, writeSafetensors } from "../../tensor/index.ts";
import { drawnDataset, messageOf, temporaryFolder } from "../baselines.fixture.ts";
import { trainable } from "./backbone-training.ts";
import { PatchReader } from "./patch-reader.ts";
import {
  crossEntropy,
  type TrainClassifierOptions,
  type TrainedClassifier,
  trainClassifier,
} from "./train-classifier.ts";

const folder = temporaryFolder();
let dataset: Dataset;
beforeAll(async () => {
  setThreads(1);
  dataset = await openDataset(await drawnDataset(folder, { sidePx: 64 }));
  return () => dataset.close();
});

const SHAPE = { name: "resnet-small", imageChannels: 5, nClasses: 2 } as const;

/** Trains on the four images, two batches an epoch; `stopAt` aborts at that step. */
async function train(work: string, options: { stopAt?: number; settings?: object } & Partial<TrainClassifierOptions>) {
  const { stopAt = Number.POSITIVE_INFINITY, settings = { k: 1 }, ...given } = options;
  mkdirSync(work, { recursive: true });
  const stop = new AbortController();
  const network = new Backbone(SHAPE, new Rng(1));
  const notes: string[] = [];
  let steps = 0;
  try {
    const events = trainClassifier({
      ...{
        stage: "test",
        network: trainable(network),
        folder: work,
        settings: { ...settings },
        nEpochs: 3,
        batchSize: 2,
      },
      ...{ learningRate: 1e-3, weightDecay: 1e-3, turn: true, seed: 4, device: "cpu", signal: stop.signal },
      reader: new PatchReader(dataset, { patchPx: 64, input: "dataset" }),
      async *examples() {
        const labels = Int32Array.from(dataset.sites, ({ role }) => Number(role === "positive_control"));
        return { images: Int32Array.of(0, 1, 2, 3), patches: new Int32Array(4), labels };
      },
      ...given,
    });
    let next = await events.next();
    for (; !next.done; next = await events.next()) {
      const event = next.value;
      if (event.kind === "note") notes.push(event.text);
      if (event.kind === "progress" && ++steps === stopAt) stop.abort(new Error("stopped"));
    }
    const weights = [...network.state().values()].flatMap((tensor) => [...tensor.toFloat32Array()]);
    return { outcome: next.value as TrainedClassifier, weights, notes };
  } finally {
    network.dispose();
  }
}

/** Validation scores in turn: the second is the best. */
function scoredInTurn() {
  const scores = [0.5, 0.9, 0.7];
  return {
    everyEpochs: 1,
    async *run(epoch: number) {
      yield { kind: "note" as const, text: `validated after ${epoch}` };
      return scores[epoch - 1] ?? 0;
    },
  };
}

describe("trainClassifier", () => {
  it("goes on where it was stopped, in the middle of an epoch too, and ends with the same bits", async () => {
    const whole = await train(join(folder, "whole"), { validate: scoredInTurn() });
    for (const stopAt of [1, 2, 5]) {
      const work = join(folder, `stopped-${stopAt}`);
      expect(await messageOf(train(work, { stopAt, validate: scoredInTurn() }))).toBe("stopped");
      const resumed = await train(work, { validate: scoredInTurn() });
      expect(resumed.weights).toEqual(whole.weights);
      expect(resumed.outcome).toEqual({ ...whole.outcome, resumedAtEpoch: resumed.outcome.resumedAtEpoch });
      expect(resumed.notes[0]).toContain(`going on after ${resumed.outcome.resumedAtEpoch} epochs`);
    }
  });

  it("keeps the weights of the best validation, and the last without one", async () => {
    const best = await train(join(folder, "best"), { validate: scoredInTurn() });
    expect(best.outcome).toMatchObject({ bestEpoch: 2, bestScore: 0.9 });
    expect(best.notes).toEqual(["validated after 1", "validated after 2", "validated after 3"]);
    const two = await train(join(folder, "two"), { nEpochs: 2 });
    expect(best.weights).toEqual(two.weights);
    const last = await train(join(folder, "last"), {});
    expect(last.outcome).toMatchObject({ bestEpoch: null, nEpochs: 3 });
    expect(last.weights).not.toEqual(two.weights);
  });

  it("does not train again what is trained, leaves one whole file, and frees its tensors", async () => {
    const before = tensorStats().live;
    const work = join(folder, "once");
    const first = await train(work, {});
    const again = await train(work, {});
    expect(again.notes[0]).toContain("it is trained already");
    expect(again.weights).toEqual(first.weights);
    expect(readdirSync(work)).toEqual(["test.safetensors"]);
    expect(tensorStats().live).toBe(before);
  });

  it("lowers the loss of what it learns", async () => {
    const long = await train(join(folder, "long"), { nEpochs: 30 });
    expect(long.outcome.lastLoss).toBeLessThan(0.3); // ln 2 = 0.69 knows nothing
  });

  it("refuses to go on from a file that is no training", async () => {
    const work = join(folder, "foreign");
    mkdirSync(work);
    await writeSafetensors(join(work, "test.safetensors"), new Map());
    expect(await messageOf(train(work, {}))).toMatch(
      /test\.safetensors is not a training that can.*\n.*tells neither.*\n\s+fix: name another --work/,
    );
  });

  it("refuses to go on with other settings, and to end a training that diverged", async () => {
    const work = join(folder, "other");
    await train(work, { settings: { k: 1, patchPx: 32 } });
    expect(await messageOf(train(work, { settings: { k: 2, patchPx: 32 } }))).toMatch(
      /other settings: k\..*\n.*unbroken.*\n\s+fix: give the same settings/,
    );
    expect(await messageOf(train(join(folder, "wild"), { learningRate: 1e30, nEpochs: 20 }))).toMatch(
      /loss of test is not a finite number in epoch \d+.*\n.*learning rate of 1e\+30.*\n\s+fix: lower it/,
    );
  });
});

it("crossEntropy is the mean of −log softmax at the label", () => {
  const logits = fromArray(Float32Array.of(0, Math.log(3), 2, 2), [2, 2]);
  const labels = fromArray(Int32Array.of(1, 0), [2], { dtype: "int64" });
  expect(crossEntropy(logits, labels).item()).toBeCloseTo((-Math.log(0.75) - Math.log(0.5)) / 2, 6);
});
