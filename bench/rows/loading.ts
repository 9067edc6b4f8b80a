// Drawing training batches, alone, against the training that takes them.
import { BatchSampler, openDataset } from "gan-dl/data";
import { Gan } from "gan-dl/train";
import { MemoryWatch } from "../memory.ts";
import type { BenchContext, BenchRow, Prepared } from "../row.ts";
import { type ScreenSize, screenDataset } from "../screen.ts";
import { configOf, TRAINING_SIZES, type TrainingSize } from "../training-sizes.ts";
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

const small = TRAINING_SIZES[0] as TrainingSize;
export const loading: readonly BenchRow[] = [loadingRow("memory", small, SCREEN), loadingRow("shards", small, SCREEN)];
