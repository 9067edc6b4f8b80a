// Drawing training batches: alone, against the training that takes them; and what training loses by having to wait for them.
import { BatchSampler, openDataset } from "gan-dl/data";
import { setDeviceSwitches } from "gan-dl/tensor";
import { BatchAhead, Gan, switchesOf } from "gan-dl/train";
import { MemoryWatch } from "../memory.ts";
import type { BenchContext, BenchRow, Prepared } from "../row.ts";
import { type ScreenSize, screenDataset } from "../screen.ts";
import { CARD_SIZE, configOf, PERIOD_STEPS, TRAINING_SIZES, type TrainingSize } from "../training-sizes.ts";
import { storedBatch } from "./training.ts";

/** Batches in a run. */
const BATCHES = 32;
const SCREEN: ScreenSize = { sites: 48, channels: 5, sidePx: 256 };

/** Batches from images held in memory, or read from the shards one by one, as of a data set larger than memory. */
export function loadingRow(from: "memory" | "shards", size: TrainingSize, screen: ScreenSize): BenchRow {
  return {
    name: `loading/${from}`,
    title: `batches of ${size.batchSize} turned crops of ${size.resolutionPx} px from images in ${from}, against training steps`,
    rounds: 7,
    prepare: async (context: BenchContext): Promise<Prepared> => {
      const dataset = await openDataset(await screenDataset(context.folder(), screen));
      const sampler = new BatchSampler(dataset, {
        ...{ batchSize: size.batchSize, resolutionPx: size.resolutionPx, augment: "dihedral", seed: 1 },
        ...(from === "shards" && { residentBytes: 0 }),
      });
      const gan = new Gan(configOf(size), size.imageChannels);
      const batch = storedBatch(size);
      const memory = new MemoryWatch();
      return {
        unit: "img/s",
        ours: {
          ...{ name: "loading", amount: BATCHES * size.batchSize },
          run: () =>
            memory.during(BATCHES * size.batchSize, () => {
              for (let i = 0; i < BATCHES; i++) sampler.next();
            }),
        },
        against: {
          ...{ name: "training without the penalties", amount: size.batchSize },
          run: () => {
            gan.step = 1; // neither penalty is due: training at its fastest
            gan.trainStep(batch);
          },
        },
        bars: [{ of: "ratio", atLeast: 5 }],
        note: () => memory.text(),
        dispose: () => {
          dataset.close();
          gan.dispose();
        },
      };
    },
  };
}

/** Sixteen training steps whose batches come from shards, as `gandl train` draws them, against sixteen with one that lies ready. */
export function fedRow(size: TrainingSize, screen: ScreenSize, { needsCard = false } = {}): BenchRow {
  return {
    ...(needsCard && { needsCard }),
    name: `loading/fed/${size.name}`,
    title: `${PERIOD_STEPS} training steps with batches drawn from shards, against a batch that lies ready: ${size.resolutionPx} px, batch ${size.batchSize}`,
    rounds: 5,
    isWholeTraining: true,
    prepare: async ({ device, precision, folder }: BenchContext): Promise<Prepared> => {
      const dataset = await openDataset(await screenDataset(folder(), screen));
      const { batchSize, resolutionPx } = size;
      const options = { batchSize, resolutionPx, augment: "dihedral", seed: 1, residentBytes: 0 } as const;
      const batches = new BatchAhead(new BatchSampler(dataset, options), null);
      const config = configOf(size, { device, precision });
      const gan = new Gan(config, size.imageChannels);
      const before = setDeviceSwitches(switchesOf(config));
      const ready = storedBatch(size);
      const fed = () => gan.trainStep(batches.take().batch, null, () => batches.draw());
      const steps = (count: number, step: () => unknown) => {
        gan.step = 0; // a period starts with all four phases
        for (let i = 0; i < count; i++) step();
      };
      const amount = PERIOD_STEPS * batchSize;
      const variant = (name: string, step: () => unknown) => {
        return { name, amount, run: () => steps(PERIOD_STEPS, step), warmUp: () => steps(1, step) };
      };
      return {
        unit: "img/s",
        ours: variant("batches drawn", fed),
        against: variant("one batch", () => gan.trainStep(ready)),
        bars: [{ of: "ratio", atLeast: 0.97 }],
        dispose: () => {
          setDeviceSwitches(before);
          dataset.close();
          gan.dispose();
        },
      };
    },
  };
}

const small = TRAINING_SIZES[0] as TrainingSize;
export const loading: readonly BenchRow[] = [
  loadingRow("memory", small, SCREEN),
  loadingRow("shards", small, SCREEN),
  fedRow(small, SCREEN),
  fedRow(CARD_SIZE, SCREEN, { needsCard: true }),
];
