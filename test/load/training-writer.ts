// Writes a run folder as a training does: a log that grows, checkpoints that come whole and go, sample grids.
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { CheckpointHeader, type TrainEvent } from "../../src/schema/index.ts";
import type { EventCheck } from "./reader.ts";

const KEPT_CHECKPOINTS = 3;
/** As large as those of a small network: the server must not read them to list them. */
const WEIGHTS_BYTES = 2 ** 21;

const HEADER = {
  ...{ kind: "gandl-checkpoint", schemaVersion: 1, weightsSha256: "0".repeat(64), labels: null, input: "stored" },
  model: {
    ...{ kind: "stylegan2", resolutionPx: 16, imageChannels: 1, latentDim: 8, styleDim: 8, mappingLayers: 2 },
    ...{ channelBase: 64, channelMax: 8, minibatchStdGroup: 2 },
  },
  ...{ minibatchStdMean: 0.5, channels: [{ name: "DNA", stain: "Hoechst", colour: "#0000ff" }], pixelSizeUm: null },
  ...{ dtype: "uint8", datasetFingerprint: "f".repeat(64) },
};

/** A run that is being trained; each `step` writes one line, each hundredth a checkpoint and a grid. */
export class TrainingWriter {
  readonly #folder: string;
  #step = 0;

  constructor(folder: string) {
    this.#folder = folder;
    for (const part of ["checkpoints", "samples"]) mkdirSync(join(folder, part), { recursive: true });
    writeFileSync(join(folder, "config.resolved.json"), JSON.stringify({ data: { resolutionPx: 16 } }));
    writeFileSync(join(folder, "run.lock"), JSON.stringify({ pid: process.pid, host: hostname() }));
    writeFileSync(join(folder, "events.jsonl"), "");
    writeFileSync(join(folder, "samples", "real.png"), new Uint8Array(1000).fill(7));
    this.write(1000); // a history, as a run has that was begun yesterday
  }

  write(nSteps: number): void {
    let lines = "";
    for (let i = 0; i < nSteps; i++) {
      this.#step++;
      lines += `${JSON.stringify(tickOf(this.#step))}\n`;
      if (this.#step % 100 === 0) this.#checkpoint();
    }
    const half = lines.length >> 1; // as a disk may show it: the end of a line comes later
    appendFileSync(join(this.#folder, "events.jsonl"), lines.slice(0, half));
    appendFileSync(join(this.#folder, "events.jsonl"), lines.slice(half));
  }

  #checkpoint(): void {
    const stem = (step: number) => join(this.#folder, "checkpoints", String(step).padStart(9, "0"));
    writeFileSync(`${stem(this.#step)}.partial`, new Uint8Array(WEIGHTS_BYTES));
    renameSync(`${stem(this.#step)}.partial`, `${stem(this.#step)}.safetensors`);
    const counts = { kimg: this.#step / 1000, step: this.#step, imagesSeen: this.#step };
    writeFileSync(`${stem(this.#step)}.json`, JSON.stringify(CheckpointHeader.parse({ ...HEADER, ...counts })));
    for (const end of [".json", ".safetensors"])
      rmSync(`${stem(this.#step - 100 * KEPT_CHECKPOINTS)}${end}`, { force: true });
  }
}

const tickOf = (step: number): TrainEvent => ({
  ...{ kind: "tick", time: "2026-01-01T00:00:00Z", kimg: step / 1000, step, imagesPerSecond: 10, secondsLeft: 100 },
  ...{ dLoss: 1.25, gLoss: 0.75, realScore: 0.5, fakeScore: -0.5, r1: null, pathLength: null },
  ...{ realSign: 0.5, fakeSign: -0.5, augmentP: null, diversity: null, memoryBytes: 1e9 },
});

/** Its events are one a step. */
export const isNextStep: EventCheck = (event, at) => {
  const { step } = event as { step: number };
  return step === at + 1 ? null : `step ${step} instead of ${at + 1}`;
};
