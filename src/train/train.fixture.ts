// A tiny screen and a tiny network: a training step takes milliseconds.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll } from "vitest";
import { SeededRandom } from "../core/index.ts";
import { type ImageBatch, importDataset } from "../data/index.ts";
import type { ResolvedTrainConfig, TrainConfigInput, TrainEvent } from "../schema/index.ts";
import { setThreads } from "../tensor/index.ts";
import { resolveTrainConfig, type TrainOptions, train } from "./index.ts";

export { messageOf } from "../core/message-of.fixture.ts";

/** A temporary folder, removed after the test file. One thread: small operations only wait for a second one. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gandl-train-test-"));
  beforeAll(() => setThreads(1));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const SIDE_PX = 20;

/** Imports sites of two channels, 20×20: one bright disc each, its place and size at random. */
export async function writeTinyDataset(folder: string, seed = 1, nSites = 12): Promise<string> {
  const random = new SeededRandom(seed);
  const rows = ["plate,well"];
  for (let i = 0; i < nSites; i++) {
    rows.push(`P${i % 2},A${String(i + 1).padStart(2, "0")}`);
    for (const channel of [1, 2]) {
      const [x, y, r] = [6 + random.uniform() * 8, 6 + random.uniform() * 8, 3 + random.uniform() * 3];
      const pixels = Uint8Array.from({ length: SIDE_PX ** 2 }, (_, p) =>
        Math.hypot((p % SIDE_PX) - x, Math.floor(p / SIDE_PX) - y) < r ? 200 : 20,
      );
      const raw = { width: SIDE_PX, height: SIDE_PX, channels: 1 } as const;
      const name = `P${i % 2}_A${String(i + 1).padStart(2, "0")}_${channel}.png`;
      writeFileSync(join(folder, name), await sharp(pixels, { raw }).toColourspace("b-w").png().toBuffer());
    }
  }
  writeFileSync(join(folder, "metadata.csv"), `${rows.join("\n")}\n`);
  const out = join(folder, "dataset");
  const table = { images: "{plate}_{well}_{channel}.png", channels: [{ name: "DNA" }, { name: "actin" }] };
  for await (const event of importDataset({ source: folder, out, table, overwrite: true })) void event;
  return out;
}

/** Four images of two channels, 16×16: one bright disc each on dark ground. */
export function discBatch(seed: number): ImageBatch {
  const random = new SeededRandom(seed);
  const data = new Uint8Array(4 * 2 * 256);
  for (let i = 0; i < 8; i++) {
    const [x, y] = [5 + random.uniform() * 6, 5 + random.uniform() * 6];
    for (let p = 0; p < 256; p++) data[i * 256 + p] = Math.hypot((p % 16) - x, Math.floor(p / 16) - y) < 4 ? 200 : 25;
  }
  return { data, shape: [4, 2, 16, 16] };
}

/** 16 px, 8 channels, batches of 4; `schedule` in images, so that a step is 0.004 kimg. */
export function tinyConfig(
  dataset: string,
  steps: number,
  changes: Partial<Omit<TrainConfigInput, "schedule">> & {
    schedule?: Partial<TrainConfigInput["schedule"]>;
  } = {},
): ResolvedTrainConfig {
  const { schedule, ...rest } = changes;
  return resolveTrainConfig(
    {
      data: { dataset, resolutionPx: 16 },
      model: { kind: "stylegan2", latentDim: 8, styleDim: 8, mappingLayers: 2, channelBase: 128, channelMax: 8 },
      loss: { kind: "logistic", r1EverySteps: 2 },
      pathLength: { weight: 0 },
      ...rest,
      schedule: {
        durationKimg: steps * 0.004,
        batchSize: 4,
        checkpointEveryKimg: 1000,
        sampleEveryKimg: 1000,
        tickEverySteps: 1,
        ...schedule,
      },
    },
    "the test",
  );
}

/** Trains to the end; `onEvent` sees each event as it comes. */
export async function trained(
  options: TrainOptions,
  onEvent: (event: TrainEvent) => void = () => {},
): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of train(options)) {
    events.push(event);
    onEvent(event);
  }
  return events;
}

/** The lines of a run's event log. */
export const loggedEvents = (run: string): TrainEvent[] =>
  readFileSync(join(run, "events.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as TrainEvent);
